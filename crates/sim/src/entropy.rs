//! Where randomness and the date come from while a seed runs: from the seed.
//!
//! The MLS library and HPKE draw from the operating system through three versions of `getrandom` and offer no seam: two
//! of them call the C function `getrandom`, the third makes the system call. This module defines these symbols. The
//! linker prefers them to the C library's, in this crate's test and binary and nowhere else (nothing that is shipped
//! depends on it), and every byte of a run then follows from its seed: a provider of our own would still leave HPKE's
//! draws and the hash maps of the standard library to chance. The same goes for the date, which the MLS library writes
//! into key packages. On a thread that plays no seed all of them do what they always did.
#![allow(unsafe_code)]

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_long, c_uint, c_void};

use crate::START_MS;
use crate::chance::Chance;

thread_local! {
    static SOURCE: RefCell<Option<Chance>> = const { RefCell::new(None) };
}

/// From now on, everything random on this thread follows from `seed`. For a thread that has drawn nothing yet: the
/// standard library draws the keys of its hash maps once for each thread.
pub(crate) fn determine(seed: u64) {
    SOURCE.with_borrow_mut(|source| *source = Some(Chance::new(seed)));
}

/// Fills the buffer if this thread plays a seed.
fn fill(buffer: *mut u8, length: usize) -> bool {
    SOURCE
        .try_with(|source| {
            let Ok(mut source) = source.try_borrow_mut() else {
                return false;
            };
            let Some(chance) = source.as_mut() else {
                return false;
            };
            for at in 0..length {
                // SAFETY: the caller of `getrandom(2)` hands over `length` bytes at `buffer` to be written.
                unsafe { buffer.add(at).write((chance.number() >> 32) as u8) };
            }
            true
        })
        .unwrap_or(false)
}

/// `getrandom(3)`, as the C library declares it.
///
/// # Safety
///
/// `buffer` is valid for writing `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut c_void, length: usize, flags: c_uint) -> isize {
    if fill(buffer.cast(), length) {
        return isize::try_from(length).unwrap_or(isize::MAX);
    }
    // SAFETY: the arguments are those of the caller.
    unsafe {
        let real: unsafe extern "C" fn(*mut c_void, usize, c_uint) -> isize =
            std::mem::transmute(following(c"getrandom"));
        real(buffer, length, flags)
    }
}

#[cfg(target_arch = "x86_64")]
const SYS_GETRANDOM: c_long = 318;
#[cfg(target_arch = "aarch64")]
const SYS_GETRANDOM: c_long = 278;

/// `syscall(2)`: on the architectures named above a variadic function takes its arguments where one with six takes them.
///
/// # Safety
///
/// As for `syscall(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn syscall(
    number: c_long,
    a: c_long,
    b: c_long,
    c: c_long,
    d: c_long,
    e: c_long,
    f: c_long,
) -> c_long {
    if number == SYS_GETRANDOM && fill(a as *mut u8, b as usize) {
        return b;
    }
    // SAFETY: the arguments are those of the caller.
    unsafe {
        let real: unsafe extern "C" fn(c_long, c_long, c_long, c_long, c_long, c_long, c_long) -> c_long =
            std::mem::transmute(following(c"syscall"));
        real(number, a, b, c, d, e, f)
    }
}

/// A `struct timespec`.
#[repr(C)]
pub struct Time {
    seconds: i64,
    nanoseconds: c_long,
}

/// `clock_gettime(2)`: the date stands still at the beginning of the run. Virtual time is the world's affair.
///
/// # Safety
///
/// As for `clock_gettime(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: c_int, time: *mut Time) -> c_int {
    const CLOCK_REALTIME: c_int = 0;
    let playing = SOURCE.try_with(|source| source.try_borrow().is_ok_and(|source| source.is_some()));
    if clock == CLOCK_REALTIME && playing == Ok(true) {
        let seconds = i64::try_from(START_MS / 1_000).unwrap_or(0);
        // SAFETY: the caller of `clock_gettime(2)` hands over a place for the time.
        unsafe {
            time.write(Time {
                seconds,
                nanoseconds: 0,
            })
        };
        return 0;
    }
    // SAFETY: the arguments are those of the caller.
    unsafe {
        let real: unsafe extern "C" fn(c_int, *mut Time) -> c_int = std::mem::transmute(following(c"clock_gettime"));
        real(clock, time)
    }
}

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// The C library's own function of this name.
fn following(name: &CStr) -> *mut c_void {
    const RTLD_NEXT: isize = -1;
    // SAFETY: `name` ends with a zero; the handle is the one that `dlsym(3)` names RTLD_NEXT.
    unsafe { dlsym(RTLD_NEXT as *mut c_void, name.as_ptr()) }
}
