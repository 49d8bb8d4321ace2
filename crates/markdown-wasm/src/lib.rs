//! The desk's shell over [`incamera_markdown`]: a module of its own, so that nobody carries it who writes nothing.

use wasm_bindgen::prelude::wasm_bindgen;

/// A text as the public will see it: a tree of `"text"` and `{tag, href, children}`, as JSON.
#[wasm_bindgen]
pub fn markdown(text: &str) -> String {
    serde_json::to_string(&incamera_markdown::read(text)).unwrap_or_default()
}
