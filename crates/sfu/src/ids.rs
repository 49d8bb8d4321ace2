//! Names of what the engine knows.

/// A room: the peers in it hear and see each other, and nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId(pub u64);

/// One connection of one client. Unique over all rooms of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

/// What a peer may do with media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sends a microphone, a camera and perhaps a screen, receives the others.
    Member,
    /// Will be a member and is not yet: its connection is made, it sends to nobody and is sent nothing.
    Waiting,
    /// Receives only, and only while viewers of its room are routed.
    Viewer,
}

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Opus at 48 kHz.
    Audio,
    /// VP8.
    Video,
}

impl Kind {
    /// Ticks of the codec's clock in a second (RFC 7587 §4.1, RFC 7741 §4.1).
    pub(crate) fn clock_hz(self) -> u32 {
        match self {
            Kind::Audio => 48_000,
            Kind::Video => 90_000,
        }
    }
}

/// What a member sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// The member's microphone.
    Microphone,
    /// The member's camera, in one layer or several.
    Camera,
    /// What the member shows of its screen, in one layer.
    Screen,
}

impl Stream {
    /// Whether the stream is sound or picture.
    pub fn kind(self) -> Kind {
        match self {
            Stream::Microphone => Kind::Audio,
            Stream::Camera | Stream::Screen => Kind::Video,
        }
    }
}

/// One stream of one peer: what a slot carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Who sends it.
    pub peer: PeerId,
    /// Which of the peer's streams it is.
    pub stream: Stream,
}

/// A language channel of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(pub u8);

/// Those of a room who may speak among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Circle(pub u16);

/// Where the sound of a microphone goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Voice {
    /// To the floor: to everybody, if it is loud enough.
    #[default]
    Floor,
    /// To those who listen to this channel, and to nobody else.
    Channel(Channel),
    /// To those of this circle, before all else, and to nobody else.
    Circle(Circle),
    /// To nobody.
    Nowhere,
}

/// What a receiver asks of one of its video slots. Whatever it asks, the engine decides what fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotWish {
    /// The slot, by the `mid` of its media line.
    pub mid: String,
    /// Height in which the picture is shown, in pixels of the screen. Zero: the slot is not shown and stays empty.
    pub height: u16,
    /// Whose picture is to be in this slot, if it is to be somebody's.
    pub pin: Option<PeerId>,
}
