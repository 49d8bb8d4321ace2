//! Whether the house lets anybody in just now.

use std::sync::Arc;

use axum::extract::State;
use incamera_protocol::ErrorBody;

use crate::house::House;
use crate::problem::Problem;

/// `GET /readyz`: for whoever sends newcomers to one house or another. `/healthz` says whether the process lives.
#[utoipa::path(get, path = "/readyz", responses((status = 200, description = "It lets newcomers in"),
    (status = 503, description = "It is about to stop", body = ErrorBody)))]
pub(super) async fn ready(State(house): State<Arc<House>>) -> Result<&'static str, Problem> {
    check(&house).map(|()| "ready\n")
}

/// `GET /healthz`: the process lives.
#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "It lives")))]
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Refuses newcomers when the house is about to stop.
pub(super) fn check(house: &House) -> Result<(), Problem> {
    if house.is_draining() {
        return Err(Problem::shutting_down());
    }
    Ok(())
}
