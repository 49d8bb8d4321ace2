//! Processes of their own for servers: pinned to a processor, and read from outside.

use std::collections::HashSet;
use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use procfs::WithCurrentSystemInfo as _;
use procfs::net::{TcpState, tcp, tcp6};
use procfs::process::{FDTarget, Process, Stat, all_processes};
use tokio::process::{Child, Command};

/// The thread that calls.
const THIS_THREAD: Pid = Pid::from_raw(0);

/// Lets the calling thread run on one processor only.
pub(crate) fn pin_this_thread(core: usize) -> Result<(), String> {
    let mut cores = CpuSet::new();
    cores
        .set(core)
        .and_then(|()| sched_setaffinity(THIS_THREAD, &cores))
        .map_err(|error| format!("processor {core} cannot be used: {error}"))
}

/// Starts a process all of whose threads run on one processor, and that ends with its handle.
pub(crate) fn spawn_on(core: usize, command: &mut Command) -> Result<Child, String> {
    let before = sched_getaffinity(THIS_THREAD).map_err(|error| error.to_string())?;
    // A child inherits the affinity of the thread that starts it.
    pin_this_thread(core)?;
    let started = command.kill_on_drop(true).spawn();
    sched_setaffinity(THIS_THREAD, &before).map_err(|error| error.to_string())?;
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    started.map_err(|error| format!("{program} cannot be started: {error}"))
}

/// What a process and all that it has started have used, by the kernel's account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Of all threads, in user space and in the kernel; also of what has ended since. The kernel tells it in hundredths
    /// of a second.
    pub(crate) cpu: Duration,
    /// Resident memory.
    pub(crate) rss_bytes: u64,
}

impl Usage {
    pub(crate) fn of(child: &Child) -> Result<Self, String> {
        let mut ticks = 0;
        let mut rss_bytes = 0;
        for (_, stat) in family(child)? {
            // The account of who has ended is with whoever waited for it.
            let ended = u64::try_from(stat.cutime.saturating_add(stat.cstime)).unwrap_or_default();
            ticks += stat.utime + stat.stime + ended;
            rss_bytes += stat.rss_bytes().get();
        }
        Ok(Self {
            cpu: Duration::from_secs_f64(ticks as f64 / procfs::ticks_per_second() as f64),
            rss_bytes,
        })
    }
}

/// Whether the process, or one that it has started, listens at a port of TCP.
pub(crate) fn listens(child: &Child, port: u16) -> Result<bool, String> {
    // Without IPv6 there is no such table.
    let sockets = tcp().into_iter().chain(tcp6()).flatten();
    let at_port: HashSet<u64> = sockets
        .filter(|socket| socket.state == TcpState::Listen && socket.local_address.port() == port)
        .map(|socket| socket.inode)
        .collect();
    let holds = |process: &Process| {
        let descriptors = process.fd().into_iter().flatten().flatten();
        descriptors
            .into_iter()
            .any(|descriptor| matches!(descriptor.target, FDTarget::Socket(inode) if at_port.contains(&inode)))
    };
    Ok(family(child)?.iter().any(|(process, _)| holds(process)))
}

/// Ends a process and all that it has started, at once.
pub(crate) async fn end(child: &mut Child) {
    for (process, _) in family(child).unwrap_or_default() {
        // One that has ended meanwhile needs no signal.
        let _ = kill(Pid::from_raw(process.pid()), Signal::SIGKILL);
    }
    // Waits for it, too: its ports are free then.
    if let Err(error) = child.kill().await {
        tracing::warn!(%error, "a server could not be ended");
    }
}

/// A process and its descendants.
fn family(child: &Child) -> Result<Vec<(Process, Stat)>, String> {
    let unread = |error: procfs::ProcError| format!("the server's account cannot be read: {error}");
    let root = child.id().ok_or("the server has ended")?;
    let root = i32::try_from(root).map_err(|error| error.to_string())?;
    let root = Process::new(root).map_err(unread)?;
    let stat = root.stat().map_err(unread)?;
    // Others come and go meanwhile.
    let mut others: Vec<(Process, Stat)> = all_processes()
        .map_err(unread)?
        .flatten()
        .filter_map(|process| process.stat().ok().map(|stat| (process, stat)))
        .collect();
    let mut family = vec![(root, stat)];
    let mut known = 0;
    while let Some(parent) = family.get(known).map(|(process, _)| process.pid()) {
        let (children, rest) = others.into_iter().partition(|(_, stat)| stat.ppid == parent);
        family.extend::<Vec<_>>(children);
        others = rest;
        known += 1;
    }
    Ok(family)
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    #[tokio::test]
    async fn a_child_runs_where_it_is_pinned_and_its_work_is_seen() {
        let mut command = Command::new("sh");
        command.args(["-c", "while :; do :; done"]).stdin(Stdio::null());
        let before = sched_getaffinity(THIS_THREAD).unwrap();
        let mut child = spawn_on(0, &mut command).unwrap();
        assert_eq!(sched_getaffinity(THIS_THREAD).unwrap(), before);
        let pid = Pid::from_raw(child.id().unwrap() as i32);
        let mut only_first = CpuSet::new();
        only_first.set(0).unwrap();
        assert_eq!(sched_getaffinity(pid).unwrap(), only_first);
        // It does nothing but work; how soon it gets its turn depends on the machine.
        while Usage::of(&child).unwrap().cpu < Duration::from_millis(50) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(Usage::of(&child).unwrap().rss_bytes > 0);
        child.kill().await.unwrap();
    }

    #[tokio::test]
    async fn what_a_child_starts_is_on_its_account_and_ends_with_it() {
        let mut command = Command::new("sh");
        // The shell itself only waits.
        command
            .args(["-c", "sh -c 'while :; do :; done' & wait"])
            .stdin(Stdio::null());
        let mut child = spawn_on(0, &mut command).unwrap();
        while Usage::of(&child).unwrap().cpu < Duration::from_millis(50) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let family = family(&child).unwrap();
        let [_, (grandchild, _)] = &family[..] else {
            panic!("{} processes", family.len())
        };
        end(&mut child).await;
        // Whoever took it over may not have read its end yet.
        while grandchild.stat().is_ok_and(|stat| stat.state != 'Z') {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn it_is_seen_whether_a_child_listens_or_somebody_else() {
        let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let mut command = Command::new("sleep");
        let mut child = spawn_on(0, command.arg("60")).unwrap();
        assert!(!listens(&child, port).unwrap());
        end(&mut child).await;
        // Its end of standard input is the listener.
        let mut command = Command::new("sleep");
        command.arg("60").stdin(Stdio::from(std::os::fd::OwnedFd::from(taken)));
        let mut child = spawn_on(0, &mut command).unwrap();
        drop(command);
        assert!(listens(&child, port).unwrap());
        end(&mut child).await;
    }
}
