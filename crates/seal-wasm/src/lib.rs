//! The browser's shell over seal and meeting.

use wasm_bindgen::prelude::wasm_bindgen;

/// The version of the cryptography that this page runs.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
