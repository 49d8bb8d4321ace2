//! Processes of their own for servers: pinned to a processor, and read from outside.

use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use procfs::WithCurrentSystemInfo as _;
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

/// What a process has used, by the kernel's account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Of all its threads, in user space and in the kernel. The kernel tells it in hundredths of a second.
    pub(crate) cpu: Duration,
    /// Resident memory.
    pub(crate) rss_bytes: u64,
}

impl Usage {
    pub(crate) fn of(child: &Child) -> Result<Self, String> {
        let pid = child.id().ok_or("the server has ended")?;
        let pid = i32::try_from(pid).map_err(|error| error.to_string())?;
        let stat = procfs::process::Process::new(pid).and_then(|process| process.stat());
        let stat = stat.map_err(|error| format!("the server's account cannot be read: {error}"))?;
        let ticks = (stat.utime + stat.stime) as f64;
        Ok(Self {
            cpu: Duration::from_secs_f64(ticks / procfs::ticks_per_second() as f64),
            rss_bytes: stat.rss_bytes().get(),
        })
    }
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
}
