//! `/m/{id}/record/…` and `/record/…`: the logs of the meetings and of the house, as C2SP tlog-tiles lays them out.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use incamera_protocol::{ErrorBody, ErrorCode, MeetingId};
use incamera_record::{Sha256Sum, Tile, Tree};
use tokio::task::spawn_blocking;

use super::meetings::meeting_id;
use crate::house::House;
use crate::imported::Imported;
use crate::problem::Problem;
use crate::record::attachment;

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";
/// What never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What is another in a moment.
const NOW: &str = "no-cache";

type Answer = Result<Response, Problem>;

/// The key by which the house signs.
#[utoipa::path(get, path = "/record/key",
    responses((status = 200, description = "The key by which the house signs, as a signed-note verifier key", content_type = "text/plain"), (status = 404, description = "There is none", body = ErrorBody)))]
pub(super) async fn key(State(house): State<Arc<House>>) -> Answer {
    let key = house.records.vkey().ok_or_else(Problem::internal)?;
    Ok(answer(TEXT, NOW, format!("{}\n", key.vkey())))
}

/// The head of the log of the house.
#[utoipa::path(get, path = "/record/checkpoint",
    responses((status = 200, description = "The head of the log of the house", content_type = "text/plain"), (status = 404, description = "There is none", body = ErrorBody)))]
pub(super) async fn house_checkpoint(State(house): State<Arc<House>>) -> Response {
    answer(TEXT, NOW, house.records.checkpoint().await.write())
}

/// Entries of the log of the house.
#[utoipa::path(get, path = "/record/tile/entries/{path}", params(("path" = String, Path, description = "Number, and width of a partial one")),
    responses((status = 200, description = "Entries of the log of the house (C2SP tlog-tiles)", content_type = "application/octet-stream"), (status = 404, description = "There is none", body = ErrorBody)))]
pub(super) async fn house_entries(State(house): State<Arc<House>>, Path(path): Path<String>) -> Answer {
    let tile = Tile::read(&path).ok_or_else(nothing)?;
    let found = house.records.look(|entries, _| tile.bundle(entries)).await;
    found.map(immutable).ok_or_else(nothing)
}

/// Hashes of the log of the house.
#[utoipa::path(get, path = "/record/tile/{level}/{path}", params(("level" = String, Path, description = "Level"), ("path" = String, Path, description = "Number, and width of a partial one")),
    responses((status = 200, description = "Hashes of the log of the house (C2SP tlog-tiles)", content_type = "application/octet-stream"), (status = 404, description = "There is none", body = ErrorBody)))]
pub(super) async fn house_tile(State(house): State<Arc<House>>, Path((level, path)): Path<(String, String)>) -> Answer {
    let found = house.records.look(|_, tree| hashes(tree, &level, &path)).await;
    found.map(immutable).ok_or_else(nothing)
}

/// The head of the record of a meeting, with the countersignatures that are over this very head.
#[utoipa::path(get, path = "/m/{id}/record/checkpoint", params(("id" = String, Path, description = "The meeting")),
    responses((status = 200, description = "The head of the record, with countersignatures", content_type = "text/plain"), (status = 404, description = "There is none", body = ErrorBody)))]
pub(super) async fn checkpoint(State(house): State<Arc<House>>, Path(id): Path<String>) -> Answer {
    let id = meeting_id(&id)?;
    if let Some(imported) = imported(&house, id).await? {
        return as_it_is(&imported, TEXT, NOW, "checkpoint").await;
    }
    let note = house
        .public_record(id, |record| record.checkpoint(&house.records.seed, record.size()))
        .await?;
    Ok(answer(TEXT, NOW, note.ok_or_else(Problem::internal)?.write()))
}

/// How many entries each head covers that members have countersigned, a line each.
#[utoipa::path(get, path = "/m/{id}/record/checkpoints", params(("id" = String, Path, description = "The meeting")),
    responses((status = 200, description = "The sizes of all heads that are countersigned, a line each", content_type = "text/plain"), (status = 404, description = "There is none", body = ErrorBody)))]
pub(super) async fn witnessed(State(house): State<Arc<House>>, Path(id): Path<String>) -> Answer {
    let id = meeting_id(&id)?;
    if let Some(imported) = imported(&house, id).await? {
        let sizes: String = imported.witnessed.keys().map(|size| format!("{size}\n")).collect();
        return Ok(answer(TEXT, NOW, sizes));
    }
    let sizes = house
        .public_record(id, |record| {
            record.witnessed().map(|size| format!("{size}\n")).collect::<String>()
        })
        .await?;
    Ok(answer(TEXT, NOW, sizes))
}

/// An earlier head, with its countersignatures.
#[utoipa::path(get, path = "/m/{id}/record/checkpoint/{size}", params(("id" = String, Path, description = "The meeting"), ("size" = String, Path, description = "Entries that it covers")),
    responses((status = 200, description = "An earlier head", content_type = "text/plain"), (status = 404, description = "There is none", body = ErrorBody)))]
pub(super) async fn checkpoint_at(State(house): State<Arc<House>>, Path((id, size)): Path<(String, String)>) -> Answer {
    let id = meeting_id(&id)?;
    let size: u64 = size.parse().map_err(|_| nothing())?;
    if let Some(imported) = imported(&house, id).await? {
        let note = imported.witnessed.get(&size).ok_or_else(nothing)?;
        return Ok(answer(TEXT, NOW, note.clone()));
    }
    let note = house
        .public_record(id, |record| {
            let known = record.witnessed().any(|known| known == size);
            known.then(|| record.checkpoint(&house.records.seed, size)).flatten()
        })
        .await?;
    Ok(answer(TEXT, NOW, note.ok_or_else(nothing)?.write()))
}

/// Entries.
#[utoipa::path(get, path = "/m/{id}/record/tile/entries/{path}", params(("id" = String, Path, description = "The meeting"), ("path" = String, Path, description = "Number, and width of a partial one")),
    responses((status = 200, description = "Entries of the record (C2SP tlog-tiles)", content_type = "application/octet-stream"), (status = 404, description = "There is none", body = ErrorBody)))]
pub(super) async fn entries(State(house): State<Arc<House>>, Path((id, path)): Path<(String, String)>) -> Answer {
    let id = meeting_id(&id)?;
    let tile = Tile::read(&path).ok_or_else(nothing)?;
    if let Some(imported) = imported(&house, id).await? {
        return as_it_is(&imported, BYTES, FOR_EVER, &format!("tile/entries/{}", tile.path())).await;
    }
    let found = house
        .public_record(id, |record| tile.bundle(record.scribe().entries()))
        .await?;
    found.map(immutable).ok_or_else(nothing)
}

/// Hashes.
#[utoipa::path(get, path = "/m/{id}/record/tile/{level}/{path}", params(("id" = String, Path, description = "The meeting"), ("level" = String, Path, description = "Level"), ("path" = String, Path, description = "Number, and width of a partial one")),
    responses((status = 200, description = "Hashes of the record (C2SP tlog-tiles)", content_type = "application/octet-stream"), (status = 404, description = "There is none", body = ErrorBody)))]
pub(super) async fn tile(
    State(house): State<Arc<House>>,
    Path((id, level, path)): Path<(String, String, String)>,
) -> Answer {
    let id = meeting_id(&id)?;
    if let Some(imported) = imported(&house, id).await? {
        return hashes(&imported.tree, &level, &path).map(immutable).ok_or_else(nothing);
    }
    let found = house
        .public_record(id, |record| hashes(record.scribe().tree(), &level, &path))
        .await?;
    found.map(immutable).ok_or_else(nothing)
}

/// What an entry names and does not hold.
#[utoipa::path(get, path = "/m/{id}/record/attachment/{sha256}", params(("id" = String, Path, description = "The meeting"), ("sha256" = String, Path, description = "Its hash, in hexadecimal")),
    responses((status = 200, description = "What an entry names and does not hold", content_type = "application/octet-stream"), (status = 404, description = "There is none", body = ErrorBody)))]
pub(super) async fn attached(State(house): State<Arc<House>>, Path((id, sum)): Path<(String, String)>) -> Answer {
    let id = meeting_id(&id)?;
    let sum: Sha256Sum = sum.parse().map_err(|_| nothing())?;
    if let Some(imported) = imported(&house, id).await? {
        return as_it_is(&imported, BYTES, FOR_EVER, &format!("attachment/{sum}")).await;
    }
    let seq = house
        .public_record(id, |record| record.seq_of(&sum))
        .await?
        .ok_or_else(nothing)?;
    let store = Arc::clone(&house.store);
    let found = spawn_blocking(move || attachment(store, id, seq, sum)).await;
    let found = found.map_err(|_| Problem::internal())?.map_err(|error| {
        tracing::error!(%error, "a meeting's log cannot be read");
        Problem::internal()
    })?;
    found.map(immutable).ok_or_else(Problem::internal)
}

/// Of a meeting of another house: the key by which that one has signed the record.
#[utoipa::path(get, path = "/m/{id}/record/key", params(("id" = String, Path, description = "The meeting")),
    responses((status = 200, description = "Of a meeting of another house: the key by which that one has signed the record.", content_type = "text/plain"), (status = 404, description = "The meeting is this house's own, or there is none", body = ErrorBody)))]
pub(super) async fn other_key(State(house): State<Arc<House>>, Path(id): Path<String>) -> Answer {
    of_another(&house, &id, TEXT, "key").await
}

/// Of a meeting of another house: the head of that one's log.
#[utoipa::path(get, path = "/m/{id}/record/house/checkpoint", params(("id" = String, Path, description = "The meeting")),
    responses((status = 200, description = "Of a meeting of another house: the head of that one's log.", content_type = "text/plain"), (status = 404, description = "The meeting is this house's own, or there is none", body = ErrorBody)))]
pub(super) async fn other_checkpoint(State(house): State<Arc<House>>, Path(id): Path<String>) -> Answer {
    of_another(&house, &id, TEXT, "house/checkpoint").await
}

/// Of a meeting of another house: what that one's log says of it, with the proofs that it is there, as archives have it.
#[utoipa::path(get, path = "/m/{id}/record/house/inclusions", params(("id" = String, Path, description = "The meeting")),
    responses((status = 200, description = "Of a meeting of another house: what that one's log says of it, with the proofs that it is there, as archives have it.", content_type = "application/json"), (status = 404, description = "The meeting is this house's own, or there is none", body = ErrorBody)))]
pub(super) async fn other_inclusions(State(house): State<Arc<House>>, Path(id): Path<String>) -> Answer {
    of_another(&house, &id, JSON, "house/inclusions").await
}

async fn of_another(house: &Arc<House>, id: &str, kind: &'static str, name: &str) -> Answer {
    let imported = imported(house, meeting_id(id)?).await?.ok_or_else(nothing)?;
    as_it_is(&imported, kind, NOW, name).await
}

/// A meeting of another house, if it is one; an error if the public may not know of the meeting yet, or there is none.
async fn imported(house: &Arc<House>, id: MeetingId) -> Result<Option<Arc<Imported>>, Problem> {
    house.public_view(id).await?;
    Ok(house.imported(id))
}

async fn as_it_is(imported: &Imported, kind: &'static str, caching: &'static str, name: &str) -> Answer {
    let bytes = imported.file(name).await.ok_or_else(nothing)?;
    Ok(answer(kind, caching, bytes))
}

fn hashes(tree: &Tree, level: &str, path: &str) -> Option<Vec<u8>> {
    let number: u32 = level.parse().ok()?;
    let tile = Tile::read(path)?;
    // One spelling only.
    (number.to_string() == level)
        .then(|| tile.hashes(tree, number))
        .flatten()
}

fn immutable(bytes: Vec<u8>) -> Response {
    answer(BYTES, FOR_EVER, bytes)
}

fn answer(content_type: &'static str, caching: &'static str, body: impl Into<axum::body::Body>) -> Response {
    ([(CONTENT_TYPE, content_type), (CACHE_CONTROL, caching)], body.into()).into_response()
}

fn nothing() -> Problem {
    Problem::new(ErrorCode::NotFound, "The record has nothing of this name.")
}
