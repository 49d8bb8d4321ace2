//! One meeting, partly in public and partly behind closed doors.

fn main() {}
