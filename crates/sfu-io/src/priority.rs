//! A thread that keeps others' time goes before the rest of the machine, as far as the system lets it.
//!
//! A media thread works for some ten microseconds at a time and then sleeps. Linux lets whoever else runs on its processor
//! finish a turn of some milliseconds first, and that is what voices then wait for, at p99 (`docs/performance.md`, *Whose
//! turn it is*). Nobody else loses by it what the thread would not have taken a moment later.
#![expect(
    unsafe_code,
    reason = "a system call that no library offers with all that is asked of it"
)]

use std::io;
use std::mem::size_of;

use libc::{SCHED_FLAG_RESET_ON_FORK, SCHED_OTHER, SCHED_RR, sched_attr};

/// Among threads of real time, which no other has a claim against: below all that those ask for who know that they need it
/// (sound servers, interrupts).
const REAL_TIME: u32 = 10;

/// What a sound server takes where it may not have real time.
const HIGH: i32 = -11;

/// Asked for as the length of a turn, in nanoseconds; the least that Linux gives (6.12 and newer; older ones do not hear
/// it). Whoever asks for less at a time is let in between the longer turns of others.
const TURN_NS: u64 = 100_000;

/// What the system has given a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// It runs as soon as there is something to do. Needs `CAP_SYS_NICE`, or a limit of 10 or more for real-time priority
    /// (`RLIMIT_RTPRIO`; `LimitRTPRIO=` of systemd).
    RealTime,
    /// It has a larger share than others. Needs a limit of 31 or more for priority (`RLIMIT_NICE`; `LimitNICE=-11`).
    High,
    /// It is as any other, but that it has shorter turns, and so the sooner.
    Usual,
}

/// Has the calling thread go before others. What it starts does not inherit it.
pub fn go_first() -> io::Result<Priority> {
    let usual = current()?;
    let first = sched_attr {
        sched_policy: SCHED_RR as u32,
        sched_priority: REAL_TIME,
        sched_nice: 0,
        ..usual
    };
    let high = sched_attr {
        sched_policy: SCHED_OTHER as u32,
        sched_nice: HIGH,
        sched_runtime: TURN_NS,
        ..usual
    };
    let short = sched_attr {
        sched_runtime: TURN_NS,
        ..usual
    };
    for (attributes, priority) in [(first, Priority::RealTime), (high, Priority::High)] {
        match set(attributes) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            outcome => return outcome.map(|()| priority),
        }
    }
    set(short).map(|()| Priority::Usual)
}

/// How the calling thread is scheduled.
fn current() -> io::Result<sched_attr> {
    let mut attributes = sched_attr {
        size: size_of::<sched_attr>() as u32,
        sched_policy: 0,
        sched_flags: 0,
        sched_nice: 0,
        sched_priority: 0,
        sched_runtime: 0,
        sched_deadline: 0,
        sched_period: 0,
    };
    // SAFETY: the kernel writes at most as many bytes as it is told, which is the length of what the pointer borrows.
    let outcome = unsafe {
        libc::syscall(
            libc::SYS_sched_getattr,
            THIS_THREAD,
            &raw mut attributes,
            attributes.size,
            NO_FLAGS,
        )
    };
    if outcome == 0 {
        Ok(attributes)
    } else {
        Err(io::Error::last_os_error())
    }
}

fn set(mut attributes: sched_attr) -> io::Result<()> {
    attributes.size = size_of::<sched_attr>() as u32;
    attributes.sched_flags |= SCHED_FLAG_RESET_ON_FORK as u64;
    // SAFETY: the kernel reads as many bytes as `size` says, which is the length of what the pointer borrows.
    let outcome = unsafe { libc::syscall(libc::SYS_sched_setattr, THIS_THREAD, &raw mut attributes, NO_FLAGS) };
    if outcome == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// As the system calls name it.
const THIS_THREAD: libc::pid_t = 0;
const NO_FLAGS: libc::c_uint = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_scheduled_as_it_was_told_and_what_it_starts_is_not() {
        let told = std::thread::spawn(|| {
            let priority = go_first().unwrap();
            let is = current().unwrap();
            let started = std::thread::spawn(|| current().unwrap()).join().unwrap();
            (priority, is, started)
        });
        let (priority, is, started) = told.join().unwrap();
        let (policy, nice) = (is.sched_policy as i32, is.sched_nice);
        match priority {
            Priority::RealTime => assert_eq!((policy, is.sched_priority), (SCHED_RR, REAL_TIME)),
            Priority::High => assert_eq!((policy, nice), (SCHED_OTHER, HIGH)),
            Priority::Usual => assert_eq!((policy, nice), (SCHED_OTHER, current().unwrap().sched_nice)),
        }
        assert_eq!((started.sched_policy as i32, started.sched_priority), (SCHED_OTHER, 0));
    }
}
