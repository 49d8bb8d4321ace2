//! A native headless member and gallery viewer, for tests, bots and load.

pub mod media;
