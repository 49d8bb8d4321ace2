//! One person's sound and pictures as a WebM file: Opus and VP8 as they were encoded, in clusters with an index.
//!
//! Matroska's elements are those of `mkv-element`; here is what a file of them is: header, a place for the table of
//! contents, facts, tracks, clusters, and at the end the index of key frames. <https://www.webmproject.org/docs/container/>

use std::io::{self, Seek, SeekFrom, Write};

use mkv_element::ClusterBlock;
use mkv_element::io::blocking_impl::WriteTo as _;
use mkv_element::prelude::Seek as Place;
use mkv_element::prelude::*;

/// Ticks of a millisecond, in nanoseconds.
const TICK_NS: u64 = 1_000_000;
/// A cluster ends with the first key frame after so long …
const CLUSTER_MS: u64 = 2_000;
/// … and in any case before the 16 bits of a block's time end.
const CLUSTER_MS_MAX: u64 = 30_000;
/// Room for the table of contents, which is known at the end.
const CONTENTS_BYTES: u64 = 128;
/// Opus needs to have heard so much before what follows a jump is right (RFC 7845 §4.6).
const SEEK_PRE_ROLL_NS: u64 = 80_000_000;

const PICTURES: u64 = 1;
const SOUND: u64 = 2;

/// What a file will hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Content {
    /// Width and height of the first picture.
    pub(crate) pictures: Option<(u16, u16)>,
    pub(crate) sound: bool,
    pub(crate) length_ms: u64,
}

/// What goes into a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    Sound,
    Picture { key: bool },
}

pub(crate) struct Webm<W: Write + Seek> {
    out: W,
    /// Where the segment's content begins.
    content: u64,
    info_at: u64,
    tracks_at: u64,
    cluster: Vec<ClusterBlock>,
    cluster_ms: u64,
    cues: Vec<CuePoint>,
    pictures: bool,
}

fn other(error: mkv_element::Error) -> io::Error {
    io::Error::other(error)
}

impl<W: Write + Seek> Webm<W> {
    pub(crate) fn new(mut out: W, what: &Content) -> io::Result<Self> {
        let header = Ebml {
            ebml_version: Some(EbmlVersion(1)),
            ebml_read_version: Some(EbmlReadVersion(1)),
            ebml_max_id_length: EbmlMaxIdLength(4),
            ebml_max_size_length: EbmlMaxSizeLength(8),
            doc_type: Some(DocType("webm".to_owned())),
            doc_type_version: Some(DocTypeVersion(4)),
            doc_type_read_version: Some(DocTypeReadVersion(2)),
            ..Ebml::default()
        };
        header.write_to(&mut out).map_err(other)?;
        out.write_all(&SEGMENT_ID)?;
        // Until it is known at the end: as long as the file.
        out.write_all(&UNKNOWN_SIZE)?;
        let content = out.stream_position()?;
        void(&mut out, CONTENTS_BYTES)?;
        let info_at = out.stream_position()?;
        Info {
            timestamp_scale: TimestampScale(TICK_NS),
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a meeting have few digits")]
            duration: Some(Duration(what.length_ms as f64)),
            muxing_app: MuxingApp("incamera".to_owned()),
            writing_app: WritingApp("incamera".to_owned()),
            ..Info::default()
        }
        .write_to(&mut out)
        .map_err(other)?;
        let tracks_at = out.stream_position()?;
        let mut tracks = Vec::new();
        tracks.extend(what.pictures.map(picture_track));
        tracks.extend(what.sound.then(sound_track));
        Tracks {
            track_entry: tracks,
            ..Tracks::default()
        }
        .write_to(&mut out)
        .map_err(other)?;
        Ok(Self {
            out,
            content,
            info_at,
            tracks_at,
            cluster: Vec::new(),
            cluster_ms: 0,
            cues: Vec::new(),
            pictures: what.pictures.is_some(),
        })
    }

    /// Writes a frame; in the order of their times.
    pub(crate) fn write(&mut self, at_ms: u64, block: Block, frame: &[u8]) -> io::Result<()> {
        let begins = match block {
            Block::Picture { key } => key,
            Block::Sound => !self.pictures,
        };
        let age = at_ms.saturating_sub(self.cluster_ms);
        if self.cluster.is_empty() || begins && age >= CLUSTER_MS || age >= CLUSTER_MS_MAX {
            self.flush()?;
            self.cluster_ms = at_ms;
            if begins {
                self.cue(at_ms)?;
            }
        } else if matches!(block, Block::Picture { key: true }) {
            self.cue(at_ms)?;
        }
        let (track, flags) = match block {
            Block::Picture { key } => (PICTURES, if key { KEY_FRAME } else { 0 }),
            Block::Sound => (SOUND, KEY_FRAME),
        };
        // Below CLUSTER_MS_MAX.
        let relative = i16::try_from(at_ms.saturating_sub(self.cluster_ms)).unwrap_or(i16::MAX);
        let mut bytes = Vec::with_capacity(frame.len() + 4);
        // The number of a track, as a variable integer of one byte (RFC 8794 §4).
        bytes.push(0x80 | u8::try_from(track).unwrap_or(0));
        bytes.extend(relative.to_be_bytes());
        bytes.push(flags);
        bytes.extend(frame);
        self.cluster.push(SimpleBlock(bytes.into()).into());
        Ok(())
    }

    /// Notes that a player can begin here.
    fn cue(&mut self, at_ms: u64) -> io::Result<()> {
        let cluster = self.out.stream_position()? - self.content;
        self.cues.push(CuePoint {
            cue_time: CueTime(at_ms),
            cue_track_positions: vec![CueTrackPositions {
                cue_track: CueTrack(if self.pictures { PICTURES } else { SOUND }),
                cue_cluster_position: CueClusterPosition(cluster),
                ..CueTrackPositions::default()
            }],
            ..CuePoint::default()
        });
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.cluster.is_empty() {
            return Ok(());
        }
        Cluster {
            timestamp: Timestamp(self.cluster_ms),
            blocks: std::mem::take(&mut self.cluster),
            ..Cluster::default()
        }
        .write_to(&mut self.out)
        .map_err(other)
    }

    /// Writes what comes last, and what was left open.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        let cues_at = self.out.stream_position()?;
        let cues = std::mem::take(&mut self.cues);
        let indexed = !cues.is_empty();
        if indexed {
            Cues {
                cue_point: cues,
                ..Cues::default()
            }
            .write_to(&mut self.out)
            .map_err(other)?;
        }
        let end = self.out.stream_position()?;
        let entry = |id: &[u8], at: u64| Place {
            seek_id: SeekId(id.to_vec().into()),
            seek_position: SeekPosition(at - self.content),
            crc32: None,
            void: None,
        };
        let mut seek = vec![entry(&INFO_ID, self.info_at), entry(&TRACKS_ID, self.tracks_at)];
        if indexed {
            seek.push(entry(&CUES_ID, cues_at));
        }
        let mut contents = Vec::new();
        SeekHead {
            seek,
            ..SeekHead::default()
        }
        .write_to(&mut contents)
        .map_err(other)?;
        let left = CONTENTS_BYTES
            .checked_sub(contents.len() as u64)
            .ok_or_else(|| io::Error::other("the table of contents has no room"))?;
        self.out.seek(SeekFrom::Start(self.content))?;
        self.out.write_all(&contents)?;
        void(&mut self.out, left)?;
        // The segment's size, in eight bytes (RFC 8794 §4).
        self.out.seek(SeekFrom::Start(self.content - 8))?;
        let size = (end - self.content) | 1 << 56;
        self.out.write_all(&size.to_be_bytes())?;
        self.out.seek(SeekFrom::Start(end))?;
        self.out.flush()?;
        Ok(self.out)
    }
}

const SEGMENT_ID: [u8; 4] = [0x18, 0x53, 0x80, 0x67];
const UNKNOWN_SIZE: [u8; 8] = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const INFO_ID: [u8; 4] = [0x15, 0x49, 0xa9, 0x66];
const TRACKS_ID: [u8; 4] = [0x16, 0x54, 0xae, 0x6b];
const CUES_ID: [u8; 4] = [0x1c, 0x53, 0xbb, 0x6b];
const VOID_ID: u8 = 0xec;
const KEY_FRAME: u8 = 0x80;

/// Fills `bytes` bytes, two or more, with nothing.
fn void(out: &mut impl Write, bytes: u64) -> io::Result<()> {
    let body = bytes.saturating_sub(2);
    if body >= 127 {
        // A size of two bytes.
        let body = bytes - 3;
        out.write_all(&[VOID_ID, 0x40 | (body >> 8) as u8, body as u8])?;
        return out.write_all(&vec![0; body as usize]);
    }
    out.write_all(&[VOID_ID, 0x80 | body as u8])?;
    out.write_all(&vec![0; body as usize])
}

fn picture_track((width, height): (u16, u16)) -> TrackEntry {
    TrackEntry {
        track_number: TrackNumber(PICTURES),
        track_uid: TrackUid(PICTURES),
        track_type: TrackType(1),
        flag_lacing: FlagLacing(0),
        codec_id: CodecId("V_VP8".to_owned()),
        video: Some(Video {
            pixel_width: PixelWidth(u64::from(width)),
            pixel_height: PixelHeight(u64::from(height)),
            ..Video::default()
        }),
        ..TrackEntry::default()
    }
}

fn sound_track() -> TrackEntry {
    TrackEntry {
        track_number: TrackNumber(SOUND),
        track_uid: TrackUid(SOUND),
        track_type: TrackType(2),
        flag_lacing: FlagLacing(0),
        codec_id: CodecId("A_OPUS".to_owned()),
        codec_private: Some(CodecPrivate(OPUS_HEAD.to_vec().into())),
        seek_pre_roll: SeekPreRoll(SEEK_PRE_ROLL_NS),
        audio: Some(Audio {
            sampling_frequency: SamplingFrequency(48_000.0),
            channels: Channels(2),
            ..Audio::default()
        }),
        ..TrackEntry::default()
    }
}

/// RFC 7845 §5.1: version 1, two channels, nothing to skip, 48 kHz, no gain, mapping family 0.
const OPUS_HEAD: [u8; 19] = *b"OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00";

/// Width and height of a VP8 key frame (RFC 6386 §9.1); none if it is none.
pub(crate) fn size_of_picture(frame: &[u8]) -> Option<(u16, u16)> {
    let (tag, rest) = frame.split_first_chunk::<3>()?;
    let (start, rest) = rest.split_first_chunk::<3>()?;
    let (width, rest) = rest.split_first_chunk::<2>()?;
    let (height, _) = rest.split_first_chunk::<2>()?;
    let [first, ..] = tag;
    if first & 1 != 0 || *start != [0x9d, 0x01, 0x2a] {
        return None;
    }
    // The upper two bits are a scale that nobody uses.
    let of = |bytes: &[u8; 2]| u16::from_le_bytes(*bytes) & 0x3fff;
    Some((of(width), of(height)))
}
