//! HTTP, WebSocket, delivery service and gallery.
//!
//! The server orders what members say and forwards what they seal; it holds no key to any of it. Each meeting has one
//! task, its `sitting`; sockets and requests send it messages. The order of everything that changes a meeting is:
//! decide, store, apply, effects, acknowledge. What was acknowledged survives a kill of the process.
//!
//! ```text
//! http ──► socket ──► sitting ──► log (store)
//!   │                  │   ▲
//!   └──► POST media ───┘   └── media (engine's events)
//! ```
#![forbid(unsafe_code)]

mod assets;
mod config;
mod documents;
mod house;
mod http;
mod imported;
mod load;
mod log;
mod media;
mod meetings;
mod problem;
mod public;
mod published;
mod record;
mod recordings;
mod relay;
mod secret;
mod server;
mod sitting;
mod socket;
mod tickets;
mod time;

pub use assets::{WebFile, web_client};
pub use config::{Config, IMPORTED, RECORD, RECORDINGS, Tls, Told, usual_media_threads};
pub use relay::{Relay, RelayFault, RelaySecret, RelayUrl};
pub use server::{Running, STORE, Server, StartError};
