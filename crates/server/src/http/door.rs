//! Whether the house lets anybody in just now.

use std::sync::Arc;

use axum::extract::State;

use crate::house::House;
use crate::problem::Problem;

/// `GET /readyz`: for whoever sends newcomers to one house or another. `/healthz` says whether the process lives.
pub(super) async fn ready(State(house): State<Arc<House>>) -> Result<&'static str, Problem> {
    check(&house).map(|()| "ready\n")
}

/// Refuses newcomers when the house is about to stop.
pub(super) fn check(house: &House) -> Result<(), Problem> {
    if house.is_draining() {
        return Err(Problem::shutting_down());
    }
    Ok(())
}
