//! A native media endpoint and sample media, for tests, bots and demos.
//!
//! [`MediaEndpoint`] is what a browser's peer connection is to the web client: it makes the one offer, sends sealed
//! frames and gets whole sealed frames back. It owns no socket and no clock. [`MediaConnection`] runs one on a UDP
//! socket under tokio. [`samples`] has a little real VP8 and Opus to send.
//!
//! Frames are opaque here, but for one rule: the first byte of a picture is the clear first byte of its VP8 header.
#![forbid(unsafe_code)]

mod connection;
mod endpoint;
pub mod samples;

pub use connection::{ConnectionError, MediaConnection, MediaEvents};
pub use endpoint::{EndpointError, Event, Frame, Kind, LAYERS, MediaEndpoint, Offering, Outgoing, Output, Stream};
