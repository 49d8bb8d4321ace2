//! The one way in: serve, test, ci, lint, wasm, web.

fn main() {}
