//! Media, offered to the house and accepted.

use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::time::Duration;

use incamera_endpoint::{MediaConnection, MediaEvents, Offering};
use incamera_protocol::limits;

use crate::house::HouseClient;

/// How long to wait before media is offered again after a failure.
pub(crate) const MEDIA_AGAIN: Duration = Duration::from_millis(500);
/// How long an offer may wait for its answer: a house that many come to at once answers late, and an offer made anew would
/// only add to it.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// A connection that stands or is about to.
pub(crate) struct Media {
    pub(crate) connection: MediaConnection,
    pub(crate) events: MediaEvents,
    /// The `mid` of the last slot for sound: in it comes the channel that is listened to.
    pub(crate) last_sound: Option<String>,
}

/// An offer under way; with nothing, it was not accepted. Kept by whoever made it, who goes on hearing meanwhile.
pub(crate) type Offer = Pin<Box<dyn Future<Output = Option<Media>> + Send>>;

/// Offers media with this ticket.
pub(crate) fn offer(house: &HouseClient, ticket: &str, offering: Offering) -> Offer {
    let (house, ticket) = (house.clone(), ticket.to_owned());
    Box::pin(async move {
        let offered = tokio::time::timeout(ANSWER_WAIT, accepted(&house, &ticket, offering)).await;
        let accepted = offered.map_err(|_| "the house does not answer".to_owned()).flatten();
        accepted
            .inspect_err(|error| tracing::debug!(error, "media was not accepted"))
            .ok()
    })
}

/// What the offer under way comes to; never, if there is none.
pub(crate) async fn outcome(offer: Option<&mut Offer>) -> Option<Media> {
    match offer {
        Some(offer) => offer.await,
        None => std::future::pending().await,
    }
}

async fn accepted(house: &HouseClient, ticket: &str, offering: Offering) -> Result<Media, String> {
    let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let opened = MediaConnection::open(local, offering, limits::AUDIO_SLOTS, limits::VIDEO_SLOTS).await;
    let (connection, offer, events) = opened.map_err(|error| error.to_string())?;
    let last_sound = last_sound_of(&offer);
    let answer = house.media(ticket, offer).await.map_err(|error| error.to_string())?;
    connection
        .accept_answer(answer)
        .await
        .map_err(|error| error.to_string())?;
    Ok(Media {
        connection,
        events,
        last_sound,
    })
}

/// The `mid` of the last line for sound of others.
fn last_sound_of(offer: &str) -> Option<String> {
    let lines = offer.split("\nm=").skip(1);
    let slots = lines.filter(|line| line.starts_with("audio") && line.lines().any(|it| it.trim() == "a=recvonly"));
    let mid = slots
        .last()?
        .lines()
        .find_map(|line| line.trim().strip_prefix("a=mid:"));
    mid.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::last_sound_of;

    #[test]
    fn the_last_slot_for_sound_is_found_whatever_comes_after_it() {
        let line = |kind: &str, mid: &str, way: &str| format!("m={kind} 9 X 111\r\na=mid:{mid}\r\na={way}\r\n");
        let offer = [
            "v=0\r\n".to_owned(),
            line("audio", "a", "sendonly"),
            line("audio", "b", "recvonly"),
            line("audio", "c", "recvonly"),
            line("video", "d", "recvonly"),
        ];
        assert_eq!(last_sound_of(&offer.concat()).as_deref(), Some("c"));
        assert_eq!(last_sound_of(&offer[..2].concat()), None);
    }
}
