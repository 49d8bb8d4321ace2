//! What the engine counts.

/// Totals since the engine was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams given to the engine.
    pub datagrams_in: u64,
    /// Datagrams given out by the engine.
    pub datagrams_out: u64,
    /// Media packets of members.
    pub packets_in: u64,
    /// Media packets written to slots of members and viewers, retransmissions not included.
    pub packets_out: u64,
    /// Key-frame requests sent to cameras.
    pub key_frame_requests: u64,
    /// What was dropped, by reason.
    pub dropped: Dropped,
}

/// What was dropped, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Datagrams that are not STUN, DTLS, RTP or RTCP, or are too long.
    pub not_media: u64,
    /// Datagrams of an address that no peer has proven to own.
    pub unknown_address: u64,
    /// STUN checks for nobody here, or with a wrong password.
    pub unknown_check: u64,
    /// STUN checks from an address that belongs to another living peer.
    pub address_taken: u64,
    /// Media packets outside the sender's own two lines, or of a second SSRC in one of them.
    pub foreign_stream: u64,
    /// Media packets without a payload or with a broken VP8 payload descriptor.
    pub malformed: u64,
    /// Media packets that had no slot to go to (counted once per packet).
    pub no_slot: u64,
    /// Packets not written to a slot that waits for a key frame.
    pub before_key_frame: u64,
    /// Packets not written to a slot because they belong to before the slot took up the source.
    pub late: u64,
    /// Datagrams the caller did not fetch in time.
    pub not_fetched: u64,
}

/// What was forwarded in one room since it was first used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoomCounters {
    /// Media packets written to slots of members.
    pub to_members: u64,
    /// Media packets written to slots of viewers.
    pub to_viewers: u64,
    /// Peers that are members.
    pub members: u64,
    /// Peers that are viewers.
    pub viewers: u64,
}

impl Counters {
    /// Those of two engines together.
    pub fn plus(self, other: Counters) -> Counters {
        Counters {
            datagrams_in: self.datagrams_in + other.datagrams_in,
            datagrams_out: self.datagrams_out + other.datagrams_out,
            packets_in: self.packets_in + other.packets_in,
            packets_out: self.packets_out + other.packets_out,
            key_frame_requests: self.key_frame_requests + other.key_frame_requests,
            dropped: self.dropped.plus(other.dropped),
        }
    }
}

impl Dropped {
    fn plus(self, other: Dropped) -> Dropped {
        Dropped {
            not_media: self.not_media + other.not_media,
            unknown_address: self.unknown_address + other.unknown_address,
            unknown_check: self.unknown_check + other.unknown_check,
            address_taken: self.address_taken + other.address_taken,
            foreign_stream: self.foreign_stream + other.foreign_stream,
            malformed: self.malformed + other.malformed,
            no_slot: self.no_slot + other.no_slot,
            before_key_frame: self.before_key_frame + other.before_key_frame,
            late: self.late + other.late,
            not_fetched: self.not_fetched + other.not_fetched,
        }
    }
}
