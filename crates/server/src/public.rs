//! The pages that the public reads, written on the server: whole without JavaScript. What is live (picture, sound, the
//! lamp as it turns) the page's script puts in their place, in the language in which the page stands.

mod conditional;
mod course;
mod delegation;
mod feeds;
mod layout;
mod meeting;
mod prose;
mod readouts;
mod schedule;
mod time;
mod words;

pub(crate) use conditional::{Page, answer};
pub(crate) use delegation::delegation;
pub(crate) use feeds::{atom, calendar};
pub(crate) use layout::nowhere;
pub(crate) use meeting::meeting;
pub(crate) use schedule::schedule;
pub(crate) use words::Reader;
