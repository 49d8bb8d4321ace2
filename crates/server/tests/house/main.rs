//! A real house on loopback: real HTTP, real WebSockets, a real SQLite file.

mod abuse;
mod convening;
mod groups;
mod harness;
mod hello;
mod media;
mod pages;
mod restart;
