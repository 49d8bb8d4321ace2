//! Looks for bytes, in whichever form they may have been written down.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use incamera_protocol::Bytes;
use memchr::memmem::Finder;

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// Something to look for, with a name.
pub struct Needle {
    pub name: String,
    forms: Vec<Finder<'static>>,
    /// The same for what was XORed with a mask of four bytes: byte by byte against the fourth after it.
    masked: Vec<Finder<'static>>,
    longest: usize,
}

impl Needle {
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        assert!(bytes.len() >= 12, "{name} could be anywhere by chance");
        let mut forms = BTreeSet::from([bytes.to_vec()]);
        for shift in 0..3 {
            // Base64 of something longer that has these bytes in it; the ends depend on what stands beside them.
            let text = Bytes([vec![0; shift], bytes.to_vec()].concat()).encode();
            let text = &text[if shift == 0 { 0 } else { 4 }..text.len() - 4];
            forms.insert(text.as_bytes().to_vec());
            forms.insert(text.replace('-', "+").replace('_', "/").into_bytes());
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        forms.insert(hex.to_uppercase().into_bytes());
        forms.insert(hex.into_bytes());
        // A list of numbers, as `{:?}` and JSON write bytes.
        let list = |separator: &str| {
            let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
            numbers.join(separator).into_bytes()
        };
        forms.insert(list(", "));
        forms.insert(list(","));
        Self {
            name: name.to_owned(),
            longest: forms.iter().map(Vec::len).max().unwrap(),
            masked: forms
                .iter()
                .map(|form| Finder::new(&unmasked(form)).into_owned())
                .collect(),
            forms: forms.iter().map(|form| Finder::new(form).into_owned()).collect(),
        }
    }

    pub fn is_in(&self, haystack: &[u8]) -> bool {
        self.forms.iter().any(|form| form.find(haystack).is_some())
    }

    /// As [`Self::is_in`], through the masks of a WebSocket's client.
    pub fn is_in_masked(&self, haystack: &[u8]) -> bool {
        let haystack = unmasked(haystack);
        self.masked.iter().any(|form| form.find(&haystack).is_some())
    }
}

fn unmasked(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .zip(bytes.iter().skip(4))
        .map(|(one, other)| one ^ other)
        .collect()
}

/// What of a process's memory something was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Region {
    /// Code and constants.
    ReadOnly,
    Heap,
    Stack,
    /// The allocator's large blocks, other threads' heaps and stacks, and variables.
    OtherWritable,
}

/// Every readable byte of a process, searched.
pub struct Memory {
    pub searched: BTreeMap<Region, usize>,
    pub found: BTreeMap<String, BTreeSet<Region>>,
}

impl Memory {
    pub fn search(pid: u32, needles: &[&Needle]) -> Self {
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
        let mut memory = std::fs::File::open(format!("/proc/{pid}/mem")).unwrap();
        let overlap = needles.iter().map(|needle| needle.longest).max().unwrap();
        let mut this = Self {
            searched: BTreeMap::new(),
            found: BTreeMap::new(),
        };
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (from, to) = words.next().unwrap().split_once('-').unwrap();
            let address = |text| u64::from_str_radix(text, 16).unwrap();
            let rights = words.next().unwrap();
            let name = words.nth(3).unwrap_or_default();
            // The kernel's own pages cannot be read this way and hold nothing of the house.
            if !rights.starts_with('r') || name.starts_with("[v") {
                continue;
            }
            let region = match (rights.as_bytes()[1], name) {
                (b'w', "[heap]") => Region::Heap,
                (b'w', "[stack]") => Region::Stack,
                (b'w', _) => Region::OtherWritable,
                _ => Region::ReadOnly,
            };
            let (mut at, to) = (address(from), address(to));
            let mut kept = Vec::new();
            while at < to {
                let length = CHUNK.min((to - at) as usize);
                let mut bytes = vec![0; length];
                memory.seek(SeekFrom::Start(at)).unwrap();
                if memory.read_exact(&mut bytes).is_err() {
                    // It was given back meanwhile, or lies beyond the end of its file.
                    break;
                }
                *this.searched.entry(region).or_default() += length;
                kept.extend(bytes);
                for needle in needles {
                    if needle.is_in(&kept) {
                        this.found.entry(needle.name.clone()).or_default().insert(region);
                    }
                }
                kept.drain(..kept.len().saturating_sub(overlap));
                at += length as u64;
            }
        }
        this
    }
}

/// All files below a folder, each by its name.
pub fn everything_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(everything_below(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            all.push((path.display().to_string(), bytes));
        }
    }
    all
}

#[test]
fn bytes_are_found_in_whatever_form_and_whatever_stands_beside_them() {
    let secret: Vec<u8> = (100..132).collect();
    let needle = Needle::new("it", &secret);
    for before in 0..4 {
        let inside = [vec![7; before], secret.clone(), vec![9; 5]].concat();
        assert!(needle.is_in(&inside));
        assert!(needle.is_in(Bytes(inside.clone()).encode().as_bytes()), "{before}");
        assert!(needle.is_in(format!("{inside:?}").as_bytes()));
        let masked: Vec<u8> = inside
            .iter()
            .zip([3u8, 141, 59, 26].iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect();
        assert!(!needle.is_in(&masked));
        assert!(needle.is_in_masked(&masked));
    }
    let other: Vec<u8> = (150..182).collect();
    assert!(!needle.is_in(&other) && !needle.is_in(Bytes(other.clone()).encode().as_bytes()));
}
