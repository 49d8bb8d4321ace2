//! A real house on loopback: real HTTP, real WebSockets, a real SQLite file.

// Helpers of tests, which clippy does not take for tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod abuse;
mod booths;
mod convening;
mod documents;
mod groups;
mod harness;
mod hello;
mod media;
mod openapi;
mod pages;
mod public;
mod publishing;
mod record;
mod restart;
mod schemas;
mod whispers;
