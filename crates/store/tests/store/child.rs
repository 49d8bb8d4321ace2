//! Tests that need a process of their own start this very test program again with a task.
//!
//! The task is in an environment variable; without it [`carries_out_its_task`] is a test that has nothing to do.

use crate::{files, kill};
use std::path::Path;
use std::process::Command;

const TASK: &str = "INCAMERA_STORE_TEST_TASK";
const FOLDER: &str = "INCAMERA_STORE_TEST_FOLDER";

/// The command that carries out `task` on the store in `folder`.
pub(crate) fn command(program: &Path, task: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args([
        "--exact",
        "child::carries_out_its_task",
        "--nocapture",
        "--test-threads=1",
    ]);
    command.env(TASK, task).env(FOLDER, folder);
    command
}

#[test]
fn carries_out_its_task() {
    let (Ok(task), Some(folder)) = (std::env::var(TASK), std::env::var_os(FOLDER)) else {
        return;
    };
    match task.as_str() {
        "append until killed" => kill::append_until_killed(Path::new(&folder)),
        "open what is read-only" => files::open_what_is_read_only(Path::new(&folder)),
        unknown => panic!("unknown task {unknown}"),
    }
}
