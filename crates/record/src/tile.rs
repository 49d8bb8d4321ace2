//! Tiles (C2SP tlog-tiles): a log as files that never change, for whatever reads such logs.

use crate::merkle::Tree;

/// Hashes of a full tile, entries of a full bundle.
pub const WIDTH: u64 = 256;
/// Levels of the tree between one level of tiles and the next.
const HEIGHT: u32 = 8;

/// One tile, or one bundle of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Its number in its level.
    pub index: u64,
    /// How many hashes or entries: 1 to 256.
    pub width: u64,
}

impl Tile {
    /// Reads what follows the level in a path: `x001/x234/067` or, for a partial tile, with `.p/<width>` behind.
    pub fn read(path: &str) -> Option<Self> {
        let (number, width) = match path.split_once(".p/") {
            None => (path, WIDTH),
            Some((number, width)) => (number, read_number(width).filter(|width| (1..WIDTH).contains(width))?),
        };
        let mut index: u64 = 0;
        let elements = number.split('/').count();
        for (position, element) in number.split('/').enumerate() {
            let digits = if position + 1 == elements {
                element
            } else {
                element.strip_prefix('x')?
            };
            if digits.len() != 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
                return None;
            }
            index = index.checked_mul(1_000)?.checked_add(digits.parse().ok()?)?;
        }
        let tile = Self { index, width };
        // One spelling only.
        (tile.path() == path).then_some(tile)
    }

    /// The path of the tile, after its level.
    pub fn path(&self) -> String {
        let mut number = format!("{:03}", self.index % 1_000);
        let mut rest = self.index / 1_000;
        while rest > 0 {
            number = format!("x{:03}/{number}", rest % 1_000);
            rest /= 1_000;
        }
        if self.width == WIDTH {
            number
        } else {
            format!("{number}.p/{}", self.width)
        }
    }

    /// The hashes of this tile at this level of tiles, if the tree has them.
    pub fn hashes(&self, tree: &Tree, level: u32) -> Option<Vec<u8>> {
        let height = level.checked_mul(HEIGHT).filter(|height| *height < u64::BITS)?;
        let first = self.index.checked_mul(WIDTH)?;
        let mut bytes = Vec::new();
        for index in first..first.checked_add(self.width)? {
            bytes.extend_from_slice(&tree.node(height, index)?.0);
        }
        Some(bytes)
    }

    /// The bundle of these entries, if there are so many.
    pub fn bundle<E: AsRef<[u8]>>(&self, entries: &[E]) -> Option<Vec<u8>> {
        let first = usize::try_from(self.index.checked_mul(WIDTH)?).ok()?;
        let after = first.checked_add(usize::try_from(self.width).ok()?)?;
        let mut bytes = Vec::new();
        for entry in entries.get(first..after)? {
            let entry = entry.as_ref();
            bytes.extend_from_slice(&u16::try_from(entry.len()).ok()?.to_be_bytes());
            bytes.extend_from_slice(entry);
        }
        Some(bytes)
    }

    /// The tiles, or bundles, that hold the first `size` at the lowest level.
    pub fn of_size(size: u64) -> impl Iterator<Item = Self> {
        let full = (0..size / WIDTH).map(|index| Self { index, width: WIDTH });
        let rest = Self {
            index: size / WIDTH,
            width: size % WIDTH,
        };
        full.chain((rest.width > 0).then_some(rest))
    }
}

/// The entries of a bundle; `None` if it does not end with one.
pub fn read_bundle(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry.to_vec());
        bytes = rest;
    }
    Some(entries)
}

fn read_number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
