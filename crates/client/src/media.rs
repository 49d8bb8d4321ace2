//! Media of a native client: the endpoint, its driver and sample media, all from `incamera-endpoint`.
//!
//! What is sent and received here is sealed; sealing and opening are the caller's.

pub use incamera_endpoint::samples;
pub use incamera_endpoint::{
    ConnectionError, EndpointError, Event, Frame, Kind, MediaConnection, MediaEndpoint, MediaEvents, Offering, Outgoing,
    Output, Stream,
};
