//! Very many signatures at once: each is taken for good while the rules run, all are checked together beside them, and
//! if one does not hold nothing of that run is believed: the rules run again and check each where it comes.
//!
//! What is found to hold together would hold singly. The usual batch equation is laxer than RFC 8032 §5.1.7 without
//! the cofactor, as `verify_strict` checks it: whoever has the key can add a point of small order to `R`, and the batch
//! takes it one time in eight. So it is asked first that all points are in the subgroup of prime order (of the keys
//! each by itself, of the many `R` by sums over [`SUBSETS`] subsets, which nobody can foresee), none of them small, and
//! all encodings the canonical ones. In that subgroup the equation says the same about all as about each.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity as _, IsIdentity as _, VartimeMultiscalarMul as _};
use sha2::{Digest as _, Sha512};

/// Signatures that are checked in one equation: what pays, and a megabyte.
const CHUNK: usize = 8_192;

/// Fewer than these are checked one by one: the sums over subsets would cost more.
const CHUNK_MIN: usize = 256;

/// Each subset finds an `R` that is not in the subgroup at least one time in two. Which subsets there are hangs on every
/// bit of the signatures: to find some that pass, whoever has the key would have to try 2^64.
const SUBSETS: usize = 64;

/// Points whose sums are made together: 2^6 sums are fewer additions than 6 × 32.
const GROUP: usize = 6;

thread_local! {
    /// Where claims go while they are taken for good.
    static CLAIMS: RefCell<Option<Claims>> = const { RefCell::new(None) };
}

/// That a key has signed something; not checked yet.
struct Claim {
    key: [u8; 32],
    r: [u8; 32],
    s: [u8; 32],
    /// SHA-512 of `R`, key and message (RFC 8032 §5.1.7), modulo the order.
    h: Scalar,
}

struct Claims {
    gathered: Vec<Claim>,
    chunks: Sender<Vec<Claim>>,
}

/// Runs `run`, which checks signatures, as if each had been checked where it came; several times as fast where there
/// are thousands. It may run twice, and so changes nothing.
pub fn in_bulk<T>(run: impl Fn() -> T) -> T {
    if CLAIMS.with_borrow(Option::is_some) {
        return run();
    }
    deferred(&run).unwrap_or_else(run)
}

/// Takes a claim for good, if that is what is done at the moment.
pub(super) fn defer(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    CLAIMS.with_borrow_mut(|claims| {
        let Some(claims) = claims.as_mut() else { return false };
        claims.gathered.push(Claim::new(key, message, signature));
        if claims.gathered.len() == CHUNK {
            // The other end is there for as long as claims are gathered.
            let _ = claims.chunks.send(std::mem::take(&mut claims.gathered));
        }
        true
    })
}

/// What comes of it if all signatures hold.
fn deferred<T>(run: &impl Fn() -> T) -> Option<T> {
    let (chunks, waiting) = channel();
    let (waiting, all_hold) = (Mutex::new(waiting), AtomicBool::new(true));
    let outcome = std::thread::scope(|scope| {
        for _ in 1..processors() {
            // What the system does not give is done without: this thread checks what is left.
            let _ = std::thread::Builder::new().spawn_scoped(scope, || check_all(&waiting, &all_hold));
        }
        let outcome = gather(run, chunks);
        check_all(&waiting, &all_hold);
        outcome
    });
    all_hold.into_inner().then_some(outcome)
}

/// Runs with every claim taken for good, and hands the claims over.
fn gather<T>(run: &impl Fn() -> T, chunks: Sender<Vec<Claim>>) -> T {
    /// However the run ends, nothing is taken for good after it.
    struct Ended;
    impl Drop for Ended {
        fn drop(&mut self) {
            let claims = CLAIMS.take();
            if let Some(Claims { gathered, chunks }) = claims
                && !gathered.is_empty()
            {
                let _ = chunks.send(gathered);
            }
        }
    }
    let gathered = Vec::new();
    CLAIMS.set(Some(Claims { gathered, chunks }));
    let _ended = Ended;
    run()
}

fn check_all(waiting: &Mutex<Receiver<Vec<Claim>>>, all_hold: &AtomicBool) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(claims) = next else { return };
        if all_hold.load(Ordering::Relaxed) && !hold(&claims) {
            all_hold.store(false, Ordering::Relaxed);
        }
    }
}

/// A browser has one here, and no threads.
fn processors() -> usize {
    if cfg!(target_family = "wasm") {
        return 1;
    }
    std::thread::available_parallelism().map_or(1, usize::from).min(16)
}

fn hold(claims: &[Claim]) -> bool {
    if claims.len() < CHUNK_MIN {
        claims.iter().all(Claim::holds)
    } else {
        Chunk::read(claims).is_some_and(|chunk| chunk.holds())
    }
}

impl Claim {
    fn new(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Self {
        let (mut r, mut s) = ([0; 32], [0; 32]);
        r.copy_from_slice(&signature[..32]);
        s.copy_from_slice(&signature[32..]);
        let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(message);
        let h = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        Self { key: *key, r, s, h }
    }

    /// What `verify_strict` does.
    fn holds(&self) -> bool {
        let Some((key, r)) = point(&self.key).zip(point(&self.r)) else {
            return false;
        };
        let Some(s) = self.s() else { return false };
        let expected = EdwardsPoint::vartime_double_scalar_mul_basepoint(&self.h, &-key, &s);
        !key.is_small_order() && !r.is_small_order() && expected.compress().0 == self.r
    }

    fn s(&self) -> Option<Scalar> {
        Scalar::from_canonical_bytes(self.s).into()
    }
}

/// Claims as numbers and points. None of the points is of small order, all encodings are canonical, the keys are in the
/// subgroup of prime order.
struct Chunk<'a> {
    claims: &'a [Claim],
    keys: BTreeMap<[u8; 32], EdwardsPoint>,
    s: Vec<Scalar>,
    r: Vec<EdwardsPoint>,
}

impl<'a> Chunk<'a> {
    fn read(claims: &'a [Claim]) -> Option<Self> {
        let mut keys = BTreeMap::new();
        for claim in claims {
            if let Entry::Vacant(place) = keys.entry(claim.key) {
                let key = point(&claim.key).filter(|key| !key.is_small_order() && key.is_torsion_free())?;
                place.insert(key);
            }
        }
        let large = |claim: &Claim| point(&claim.r).filter(|r| is_canonical(&claim.r) && !r.is_small_order());
        Some(Self {
            claims,
            keys,
            s: claims.iter().map(Claim::s).collect::<Option<_>>()?,
            r: claims.iter().map(large).collect::<Option<_>>()?,
        })
    }

    fn holds(&self) -> bool {
        let drawn = self.draw();
        are_torsion_free(&self.r, &drawn) && self.equation_holds(&drawn)
    }

    /// For each claim a number and its subsets, which hang on every bit of all claims.
    fn draw(&self) -> Vec<Drawn> {
        let mut all = Sha512::new_with_prefix(b"incamera bulk");
        for claim in self.claims {
            // The message is in `h`.
            for part in [&claim.key, &claim.r, &claim.s, claim.h.as_bytes()] {
                all.update(part);
            }
        }
        let all = all.finalize();
        let numbers = (0..self.claims.len() as u64).map(u64::to_be_bytes);
        let hashes = numbers.map(|number| Sha512::new().chain_update(all).chain_update(number).finalize());
        hashes.map(|hash| Drawn::of(&hash.into())).collect()
    }

    /// (Σ z·s) B = Σ z·R + Σ (z·h) A, with one term for each key.
    fn equation_holds(&self, drawn: &[Drawn]) -> bool {
        let mut of_base = Scalar::ZERO;
        let mut of_keys: BTreeMap<&[u8; 32], Scalar> = self.keys.keys().map(|key| (key, Scalar::ZERO)).collect();
        for ((claim, s), drawn) in self.claims.iter().zip(&self.s).zip(drawn) {
            of_base -= drawn.factor * s;
            if let Some(sum) = of_keys.get_mut(&claim.key) {
                *sum += drawn.factor * claim.h;
            }
        }
        let factors = drawn.iter().map(|drawn| drawn.factor);
        let scalars = factors.chain(of_keys.into_values()).chain([of_base]);
        let points = self
            .r
            .iter()
            .chain(self.keys.values())
            .chain([&ED25519_BASEPOINT_POINT]);
        EdwardsPoint::vartime_multiscalar_mul(scalars, points).is_identity()
    }
}

struct Drawn {
    /// Of 128 bits.
    factor: Scalar,
    /// A bit for each subset.
    subsets: u64,
}

impl Drawn {
    fn of(hash: &[u8; 64]) -> Self {
        let (mut factor, mut subsets) = ([0; 16], [0; 8]);
        factor.copy_from_slice(&hash[..16]);
        subsets.copy_from_slice(&hash[16..24]);
        Self {
            factor: Scalar::from(u128::from_le_bytes(factor)),
            subsets: u64::from_le_bytes(subsets),
        }
    }
}

/// Whether all points are in the subgroup of prime order: their sums over all drawn subsets are.
fn are_torsion_free(points: &[EdwardsPoint], drawn: &[Drawn]) -> bool {
    let mut sums = [EdwardsPoint::identity(); SUBSETS];
    for (points, drawn) in points.chunks(GROUP).zip(drawn.chunks(GROUP)) {
        let table = sums_of(points);
        for (subset, sum) in sums.iter_mut().enumerate() {
            let mut taken = 0;
            for (place, drawn) in drawn.iter().enumerate() {
                taken |= ((drawn.subsets >> subset & 1) as usize) << place;
            }
            if let Some(more) = table.get(taken).filter(|_| taken != 0) {
                *sum += more;
            }
        }
    }
    sums.iter().all(EdwardsPoint::is_torsion_free)
}

/// The sums of all subsets of some points; bit n of the index says whether point n is in.
fn sums_of(points: &[EdwardsPoint]) -> Vec<EdwardsPoint> {
    let mut sums = Vec::with_capacity(1 << points.len());
    sums.push(EdwardsPoint::identity());
    for (place, point) in points.iter().enumerate() {
        // A sum with nothing is no sum.
        sums.push(*point);
        for without in 1..1 << place {
            let with = sums.get(without).map(|sum: &EdwardsPoint| sum + point);
            sums.extend(with);
        }
    }
    sums
}

fn point(bytes: &[u8; 32]) -> Option<EdwardsPoint> {
    CompressedEdwardsY(*bytes).decompress()
}

/// Whether y is below 2^255 − 19. (That x is 0 with its sign set happens in points of small order only.)
fn is_canonical(bytes: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = bytes;
    *first < 0xed || last & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}

#[cfg(test)]
mod tests;
