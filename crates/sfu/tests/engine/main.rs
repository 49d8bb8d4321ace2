//! The engine and native endpoints in virtual time, without sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)] // Helpers fail tests as tests do.

mod batches;
mod channels;
mod connection;
mod forwarding;
mod hostile;
mod key_frames;
mod layers;
mod measured;
mod network;
mod overload;
mod raw;
mod screen;
mod sdp;
mod slots;
mod viewers;
mod world;
