//! What passes through a house, and what it must not find: its memory, its disk, its log and everything that it sends
//! and gets are searched for what members say, show and hold. Each place is also searched for something that must be
//! there, or a search that finds nothing would show nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "../house/mod.rs"]
mod house;
mod relay;
mod search;
mod witness;

use std::path::Path;

use house::{House, STEP, open, reaches, sees_and_hears};
use incamera_client::{MemberClient, SampleLoop, Samples};
use incamera_protocol::view::{Command, Lamp, MotionKind};
use incamera_protocol::{Bytes, MediaKind};
use ogg::PacketWriteEndInfo;
use relay::Copies;
use search::{Memory, Needle, Region, everything_below};
use witness::Witness;

/// Nobody is called that, and nothing in a program.
const NAME: &str = "Zyx Qwlfgmrn";
/// Nobody writes that.
const WORDS: &str = "Our fallback is qwzx eleven";
/// Nobody's file is called that …
const FILE: &str = "qwzx-fallback.txt";
/// … and has that in it.
const PAPER: &str = "Below qwzx nine per cent we do not go";
/// Frames of each kind that are to have come before anything is searched.
const FRAMES: usize = 40;

/// A pattern that occurs nowhere else.
fn canary(stream: u8) -> Vec<u8> {
    (0..96u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 ^ stream)
        .collect()
}

const PICTURE: u8 = 7;
const SOUND: u8 = 77;

/// An IVF file of key frames whose contents are the canary.
fn canary_picture() -> SampleLoop {
    let mut file = b"DKIF".to_vec();
    file.extend([0, 0, 32, 0]);
    file.extend(b"VP80");
    file.extend([0x40, 0x01, 0xb4, 0x00]);
    file.extend(15u32.to_le_bytes());
    file.extend(1u32.to_le_bytes());
    file.extend(10u32.to_le_bytes());
    file.extend([0; 4]);
    for n in 0..10u64 {
        // RFC 6386 §9.1: a key frame's first bytes; what follows no decoder here looks at.
        let head = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00];
        let frame = [head.as_slice(), &canary(PICTURE)].concat();
        file.extend((frame.len() as u32).to_le_bytes());
        file.extend(n.to_le_bytes());
        file.extend(frame);
    }
    SampleLoop::from_ivf(&file).unwrap()
}

/// An Ogg file of Opus packets whose contents are the canary.
fn canary_sound() -> SampleLoop {
    let mut file = Vec::new();
    let mut writer = ogg::PacketWriter::new(&mut file);
    let mut write = |packet: &[u8], end| writer.write_packet(packet.to_vec(), 1, end, 0).unwrap();
    write(b"OpusHead", PacketWriteEndInfo::EndPage);
    write(b"OpusTags", PacketWriteEndInfo::EndPage);
    // RFC 6716 §3.1: one frame of 20 ms.
    let packet = [&[0x78], canary(SOUND).as_slice()].concat();
    for _ in 0..9 {
        write(&packet, PacketWriteEndInfo::NormalPacket);
    }
    write(&packet, PacketWriteEndInfo::EndStream);
    SampleLoop::from_ogg_opus(&file).unwrap()
}

/// Where a house can be looked into.
struct Places<'a> {
    house: &'a House,
    data: &'a Path,
    copies: &'a Copies,
    witness: &'a Witness,
}

impl Places<'_> {
    /// Fails if any of these is anywhere.
    fn hold_none(&self, when: &str, secrets: &[&Needle]) {
        let memory = Memory::search(self.house.pid(), secrets);
        assert!(memory.found.is_empty(), "{when}, in memory: {:?}", memory.found);
        for secret in secrets {
            let name = &secret.name;
            for (file, bytes) in everything_below(self.data) {
                assert!(!secret.is_in(&bytes), "{when}, {name} is in {file}");
            }
            for stream in self.copies.by_house() {
                assert!(!secret.is_in(&stream), "{when}, {name} was sent by the house");
            }
            for stream in self.copies.to_house() {
                // A socket's messages are masked; what is posted is not.
                let sent = secret.is_in_masked(&stream) || secret.is_in(&stream);
                assert!(!sent, "{when}, {name} was sent to the house");
            }
            assert!(
                !secret.is_in(&self.copies.datagrams()),
                "{when}, {name} is in a datagram"
            );
            let in_frame = |frame: &(MediaKind, Vec<u8>)| secret.is_in(&frame.1);
            let frames = self
                .witness
                .see(|seen| seen.frames.iter().filter(|frame| in_frame(frame)).count());
            assert_eq!(frames, 0, "{when}, {name} is in frames that the public gets");
        }
    }

    fn memory_regions(&self, known: &Needle) -> Vec<Region> {
        let memory = Memory::search(self.house.pid(), &[known]);
        memory.found.values().flatten().copied().collect()
    }

    /// What is only passing is there for some seconds at most: it is looked for until it was seen once.
    fn until_in_memory(&self, look: impl Fn(&witness::Seen) -> Needle) -> Needle {
        let deadline = std::time::Instant::now() + STEP;
        loop {
            let passing = self.witness.see(&look);
            if !self.memory_regions(&passing).is_empty() {
                return passing;
            }
            assert!(
                std::time::Instant::now() < deadline,
                "{} is not in memory",
                passing.name
            );
        }
    }

    fn disk_has(&self, known: &Needle) -> bool {
        let files = everything_below(&self.data.join("house"));
        files.iter().any(|(_, bytes)| known.is_in(bytes))
    }

    fn log_has(&self, known: &Needle) -> bool {
        known.is_in(&std::fs::read(&self.house.log).unwrap())
    }

    fn house_has_sent(&self, known: &Needle) -> bool {
        self.copies.by_house().iter().any(|stream| known.is_in(stream))
    }

    fn house_has_got(&self, known: &Needle) -> bool {
        self.copies.to_house().iter().any(|stream| known.is_in_masked(stream))
    }

    fn house_was_posted(&self, known: &Needle) -> bool {
        self.copies.to_house().iter().any(|stream| known.is_in(stream))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_the_house_finds_nothing_of_a_closed_part_in_its_memory_on_its_disk_or_in_its_log() {
    let data = tempfile::tempdir().unwrap();
    let outer = relay::outer_socket().await;
    let media_port = outer.local_addr().unwrap().port().to_string();
    // The canary is said in the open part as well, and a recording of that is in clear on the disk, by design.
    let flags = [
        "--no-recording",
        "--media-port",
        &media_port,
        "--advertise",
        &relay::OUTER.to_string(),
    ];
    let house = House::start_with(data.path(), 0, "trace", &flags);
    let copies = Copies::default();
    let base = format!("http://{}", relay::start(house.port, outer, &copies).await);
    let client = incamera_client::HouseClient::new(&base);
    let meeting = house.convene().await;
    let samples = || Samples {
        sound: canary_sound(),
        picture: Some(canary_picture()),
    };
    let join = |side: usize| MemberClient::join_sending(&client, meeting.id, &meeting.fragments[side], NAME, samples());
    let a = join(0).await.unwrap();
    let b = join(1).await.unwrap();
    let witness = Witness::watch(&base, meeting.id);
    for member in [&a, &b] {
        reaches(member, Lamp::Closed).await;
        sees_and_hears(member).await;
    }
    let both = |open: bool| {
        move |seen: &witness::Seen| {
            seen.count(MediaKind::Audio, open) > FRAMES && seen.count(MediaKind::Video, open) > FRAMES
        }
    };
    witness.until("a closed part's ciphertext", both(false)).await;

    write(&a, &b, 1).await;
    let file = [&[b' '; 100_000], PAPER.as_bytes()].concat();
    let document = a.offer(FILE, "text/plain", &file).await.unwrap();
    let offered = b.until(STEP, |status| !status.documents.is_empty()).await.unwrap();
    assert_eq!(offered.documents[0].file, FILE);

    let links: Vec<Vec<u8>> = meeting
        .fragments
        .iter()
        .map(|link| Bytes::decode(link).unwrap().0)
        .collect();
    let secrets = [
        Needle::new("the canary in the picture", &canary(PICTURE)[..32]),
        Needle::new("the canary in the sound", &canary(SOUND)[..32]),
        Needle::new("the canary in what is written", WORDS.as_bytes()),
        Needle::new("a document", PAPER.as_bytes()),
        Needle::new("a document's name", FILE.as_bytes()),
        Needle::new("a document's key", &document.key.0),
        Needle::new("one side's slot seed", &links[0][4..36]),
        Needle::new("the other side's slot seed", &links[1][4..36]),
        Needle::new("the meeting secret", &links[0][36..68]),
    ];
    let secrets: Vec<&Needle> = secrets.iter().collect();
    let places = Places {
        house: &house,
        data: data.path(),
        copies: &copies,
        witness: &witness,
    };
    places.hold_none("in a closed part", &secrets);
    every_search_finds_what_is_there(&places);
    let sealed = Needle::new("a sealed document", &document.sealed[..32]);
    assert!(places.house_was_posted(&sealed) && everything_below(places.data).iter().any(|(_, it)| sealed.is_in(it)));

    // In public the key is disclosed, and found wherever it was passed on. What it opens is still not.
    open(&a, &b).await;
    witness.until("an open part", both(true)).await;
    let key = witness.see(|seen| Needle::new("a disclosed key", &seen.keys[0].enc_key.0));
    assert!(!places.memory_regions(&key).is_empty() && places.disk_has(&key));
    assert!(places.house_has_sent(&key) && places.house_has_got(&key));
    let (plain, of_open, of_closed) = witness.see(witness::Seen::opened);
    assert!(
        secrets[0].is_in(&plain) && secrets[1].is_in(&plain),
        "the public sees and hears"
    );
    assert!(of_open > 0 && of_closed == 0);
    // What is written is for those in the room in an open part too.
    write(&b, &a, 2).await;
    places.hold_none("in an open part", &secrets);

    // And closed again: everything that was disclosed opens nothing of it.
    let before = witness.see(|seen| seen.count(MediaKind::Video, false));
    let close = Command::Move {
        kind: MotionKind::Close,
        item: 1,
    };
    a.command(close).await.unwrap();
    for member in [&a, &b] {
        reaches(member, Lamp::Closed).await;
    }
    let more = move |seen: &witness::Seen| seen.count(MediaKind::Video, false) > before + FRAMES;
    witness.until("the part that was closed", more).await;
    places.hold_none("after the close", &secrets);
    assert_eq!(witness.see(witness::Seen::opened).2, 0);
    // Names are known to the house, are public, and stand in credentials on the disk; a log has none.
    let log = std::fs::read(&house.log).unwrap();
    let house_key = Needle::new("the house key", house.key.as_bytes());
    let name = Needle::new("a member's name", NAME.as_bytes());
    let telling = |line: &&[u8]| name.is_in(line) || house_key.is_in(line);
    let told = log
        .split(|byte| *byte == b'\n')
        .find(telling)
        .map(String::from_utf8_lossy);
    assert_eq!(told, None, "the log names nobody and no key");
    let left = a.until(STEP, |status| status.lamp() == Lamp::Closed).await;
    assert!(left.is_some());
}

/// One writes, seen while it is typed, and the other has then read so many messages.
async fn write(from: &MemberClient, to: &MemberClient, read: usize) {
    let text = WORDS.to_owned();
    let part = from.status().view.unwrap().part;
    let typed = Command::Typed {
        part,
        text: text.clone(),
    };
    from.command(typed).await.unwrap();
    let sees = |status: &incamera_client::MemberStatus| status.lines.values().any(|line| line == WORDS);
    assert!(to.until(STEP, sees).await.is_some(), "what is typed is seen");
    from.command(Command::Write { text }).await.unwrap();
    let has_read = to.until(STEP, |status| status.chat.len() >= read).await;
    let has_read = has_read.expect("what is written arrives");
    assert!(has_read.chat.iter().all(|message| message.text == WORDS));
}

/// Whoever finds nothing has to show that they can find something: in each place, of what belongs there.
fn every_search_finds_what_is_there(places: &Places<'_>) {
    let name = Needle::new("a member's name", NAME.as_bytes());
    let house_key = Needle::new("the house key", places.house.key.as_bytes());
    let absent = Needle::new("what the program does not say", b"Where meetings are lost for ever");
    let constant = Needle::new("a flag of the program", b"keep-gallery-routed");

    // Memory: what only the house knows, what passes through it (as sealed a moment ago), and what stands in the program.
    let ciphertext = places.until_in_memory(|seen| Needle::new("a sealed picture", &seen.last_ciphertext()));
    let memory = Memory::search(places.house.pid(), &[&name, &house_key, &absent, &constant]);
    let found: Vec<&str> = memory.found.keys().map(String::as_str).collect();
    assert_eq!(found, [&constant.name, &name.name, &house_key.name]);
    assert!(memory.found[&constant.name].contains(&Region::ReadOnly));
    for region in [Region::ReadOnly, Region::Heap, Region::Stack, Region::OtherWritable] {
        let searched = memory.searched.get(&region);
        assert!(searched.is_some_and(|bytes| *bytes > 10_000), "{:?}", memory.searched);
    }
    // Disk: the house key, and names in credentials.
    let kept = Bytes::decode(&places.house.key).unwrap().0;
    assert!(places.disk_has(&Needle::new("the house key as it is kept", &kept)));
    assert!(places.disk_has(&name));
    // Log: at this level, that somebody is in the group.
    assert!(places.log_has(&Needle::new("a line of the log", b"is in the group")));
    // Both directions of the sockets: names to the public, and what members say, through the mask.
    assert!(places.house_has_sent(&name));
    assert!(places.house_has_got(&Needle::new("a member's message", b"\"type\":\"hello\"")));
    assert!(places.house_has_got(&Needle::new("something sealed", b"\"type\":\"sealed\"")));
    assert!(places.house_has_sent(&Needle::new("something sealed", b"\"type\":\"sealed\"")));
    // Datagrams: the user name of the witness's connection, as its answer says it.
    let user = places.witness.see(|seen| {
        let line = seen.answer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:"));
        line.unwrap().to_owned()
    });
    let datagrams = places.copies.datagrams();
    assert!(memchr::memmem::find(&datagrams, format!("{user}:").as_bytes()).is_some());
    // Frames as the public gets them.
    assert!(
        places
            .witness
            .see(|seen| seen.frames.iter().any(|(_, frame)| ciphertext.is_in(frame)))
    );
}
