//! A member that does to RTP what no honest client does, made of the bare media stack.

use std::net::SocketAddr;
use std::time::Instant;

use incamera_endpoint::Stream;
use incamera_sfu::{PeerId, Role};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{DatagramRecv, Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite, Ssrc};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use crate::world::{ROOM, World, ms, server};

const OPUS: u8 = 111;

struct Raw {
    rtc: Rtc,
    address: SocketAddr,
    microphone: Mid,
    connected: bool,
    wake: Instant,
}

impl Raw {
    /// Joins the world's room and connects.
    fn connect(world: &mut World, peer: u64) -> Raw {
        let address: SocketAddr = "198.51.100.99:99".parse().unwrap();
        let mut rtc = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_rtp_mode(true)
            .build(world.now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut change = rtc.sdp_api();
        let microphone = change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        change.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
        let (offer, pending) = change.apply().unwrap();
        let answer = world
            .engine
            .join(world.now, ROOM, PeerId(peer), Role::Member, &offer.to_sdp_string())
            .unwrap();
        world.drain_engine();
        rtc.sdp_api()
            .accept_answer(pending, SdpAnswer::from_sdp_string(&answer).unwrap())
            .unwrap();
        let mut raw = Raw {
            rtc,
            address,
            microphone,
            connected: false,
            wake: world.now,
        };
        for _ in 0..1_000 {
            if raw.connected {
                return raw;
            }
            raw.go_on(world);
        }
        panic!("the raw member never connected");
    }

    /// A few milliseconds for this member and the world.
    fn go_on(&mut self, world: &mut World) {
        world.run_for(ms(5));
        for bytes in world.take_mail(self.address) {
            let contents = DatagramRecv::try_from(&*bytes).unwrap();
            let receive = Receive {
                proto: Protocol::Udp,
                source: server(),
                destination: self.address,
                contents,
            };
            self.rtc.handle_input(Input::Receive(world.now, receive)).unwrap();
            self.drain(world);
        }
        self.rtc.handle_input(Input::Timeout(world.now)).unwrap();
        self.drain(world);
    }

    fn drain(&mut self, world: &mut World) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => break self.wake = at,
                Output::Transmit(transmit) => world.inject(self.address, &transmit.contents),
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(_) => {}
            }
        }
    }

    /// Writes one packet of sound with any number, under any SSRC.
    fn write(&mut self, world: &mut World, ssrc: Ssrc, sequence: u64, byte: u8) {
        let levels = ExtensionValues {
            audio_level: Some(-1),
            voice_activity: Some(true),
            ..Default::default()
        };
        let write = RtpWrite::new(
            Pt::from(OPUS),
            sequence.into(),
            sequence as u32 * 960,
            world.now,
            vec![byte; 40],
        )
        .ext_vals(levels);
        self.rtc.direct_api().stream_tx(&ssrc).unwrap().write_rtp(write);
        self.go_on(world);
    }

    fn own_ssrc(&mut self) -> Ssrc {
        self.rtc
            .direct_api()
            .stream_tx_by_mid(self.microphone, None)
            .unwrap()
            .ssrc()
    }
}

#[test]
fn a_second_ssrc_in_a_line_is_neither_forwarded_nor_heard_in_the_levels() {
    let mut world = World::new();
    let listener = world.member(1);
    let mut raw = Raw::connect(&mut world, 2);
    let own = raw.own_ssrc();
    for sequence in 1..=5 {
        raw.write(&mut world, own, sequence, 1);
    }
    let second = Ssrc::from(*own ^ 0x5555);
    raw.rtc.direct_api().remove_stream_tx(own);
    raw.drain(&mut world);
    raw.rtc
        .direct_api()
        .declare_stream_tx(second, None, raw.microphone, None);
    raw.drain(&mut world);
    for sequence in 101..=105 {
        raw.write(&mut world, second, sequence, 2);
    }
    world.run_for(ms(300));
    assert_eq!(world.received(listener).iter().filter(|frame| frame[0] == 1).count(), 5);
    assert!(world.received(listener).iter().all(|frame| frame[0] == 1));
    assert_eq!(world.engine.counters().dropped.foreign_stream, 5);
}

#[test]
fn wild_sequence_numbers_of_one_do_not_spoil_the_slot_for_the_next() {
    let mut world = World::new();
    let listener = world.connect(1, Role::Member, 1, 0);
    let mut raw = Raw::connect(&mut world, 2);
    let own = raw.own_ssrc();
    let mut sequence = 1;
    for round in 0..60 {
        sequence += if round % 2 == 0 { 30_000 } else { 1 };
        raw.write(&mut world, own, sequence, 1);
    }
    world.engine.leave(world.now, PeerId(2));
    world.drain_engine();
    let honest = world.member(3);
    let before = world.clients[listener].frames.len();
    world.speak(&[(honest, -30)], ms(200));
    world.run_for(ms(300));
    assert_eq!(world.clients[listener].frames.len(), before + 10);
    world.send(honest, Stream::Microphone, Some(-30), &[9; 40]);
    world.run_for(ms(100));
    assert_eq!(world.received(listener).last(), Some(&&[9; 40][..]));
}
