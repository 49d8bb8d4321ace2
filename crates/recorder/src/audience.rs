//! What comes out for the public, seen from where it is: for the house, which tells the members when nothing does.

use std::time::Duration;

use incamera_client::{ViewerClient, ViewerStatus};
use incamera_protocol::public::PublicPhase;
use incamera_protocol::recording::{Came, Watched};
use incamera_protocol::{MeetingId, Stream, limits};
use tokio::time::{Instant, sleep};

use crate::shelf::Told;

/// How long a new connection may take before another is made, while the public does not hear.
const RENEW_AGAIN: Duration = Duration::from_secs(10);

/// Tells what comes out of a meeting's open parts, until it is adjourned or nobody listens any more.
pub(crate) async fn attend(viewer: ViewerClient, meeting: MeetingId, told: Told) {
    let mut before = viewer.status();
    let mut renewed: Option<Instant> = None;
    while !told.is_closed() {
        sleep(Duration::from_millis(limits::WATCH_MS)).await;
        let status = viewer.status();
        let mut came = came_since(&before, &status);
        before = status;
        if before.phase() == Some(PublicPhase::Adjourned) {
            return;
        }
        if before.phase() != Some(PublicPhase::Open) {
            renewed = None;
            continue;
        }
        // Whoever cannot hear loads the page anew, and so does the watcher: what is broken at its end alone is whole then.
        if !is_unheard(&before) {
            renewed = None;
        } else if renewed.is_none_or(|at| !before.media && at.elapsed() > RENEW_AGAIN) {
            renewed = Some(Instant::now());
            viewer.renew();
            came.stands = false;
        }
        let _ = told.send(Watched::Came(meeting, came));
    }
}

fn is_unheard(status: &ViewerStatus) -> bool {
    let state = status.state.as_ref();
    state.is_some_and(|state| state.unheard_since_ms.is_some())
}

/// What was opened since, unless something contradicts what its sender has signed.
fn came_since(before: &ViewerStatus, now: &ViewerStatus) -> Came {
    let altered = now.tally.contradicted > before.tally.contradicted;
    let more = |stream| !altered && opened(now, stream) > opened(before, stream);
    Came {
        sound: more(Stream::Microphone),
        pictures: more(Stream::Camera) || more(Stream::Screen),
        stands: now.media,
    }
}

fn opened(status: &ViewerStatus, stream: Stream) -> u64 {
    let of_stream = status.opened.iter().filter(|((_, of), _)| *of == stream);
    of_stream.map(|(_, frames)| frames).sum()
}

#[cfg(test)]
mod tests {
    use incamera_protocol::Leaf;

    use super::*;

    #[test]
    fn sound_that_was_altered_is_sound_that_did_not_come() {
        let before = ViewerStatus::default();
        let mut now = before.clone();
        now.opened.insert((Leaf(1), Stream::Microphone), 12);
        let came = came_since(&before, &now);
        assert!(came.sound && !came.pictures);
        now.tally.contradicted = 1;
        assert!(!came_since(&before, &now).sound);
        // What was altered once says nothing of what comes later.
        let altered = now.clone();
        now.opened.insert((Leaf(1), Stream::Microphone), 13);
        assert!(came_since(&altered, &now).sound);
    }
}
