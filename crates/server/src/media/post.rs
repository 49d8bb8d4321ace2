//! The engine's news, on its way to the meetings.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use incamera_sfu_io::{Event, MediaEvents, PeerId};
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, timeout_at};

use super::{News, Owners};
use crate::sitting::Ask;

/// How soon a meeting that was too busy for its news is tried again.
const AGAIN: Duration = Duration::from_millis(50);

/// News by whom it is about and of what kind it is: what is newer takes the place of what was not taken.
type Waiting = BTreeMap<(PeerId, Kind), News>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Slots,
    Layers,
    Lost,
}

/// Delivers until the engine stops. A meeting that is too busy keeps neither the engine nor other meetings waiting, and
/// gets the newest of each kind when it has time.
pub(super) async fn deliver(mut events: MediaEvents, owners: Owners) {
    let mut waiting = Waiting::new();
    let mut again_at = Instant::now();
    loop {
        let come = if waiting.is_empty() {
            Ok(events.recv().await)
        } else {
            timeout_at(again_at, events.recv()).await
        };
        match come {
            Ok(None) => return,
            Ok(Some(event)) => {
                let Some((key, news)) = addressed(event) else { continue };
                waiting.remove(&key);
                if let Some(news) = hand_over(&owners, key.0, news) {
                    if waiting.is_empty() {
                        again_at = Instant::now() + AGAIN;
                    }
                    waiting.insert(key, news);
                }
            }
            Err(_) => {
                tracing::debug!(
                    waiting = waiting.len(),
                    "meetings were too busy for the news of their media"
                );
                waiting = waiting
                    .into_iter()
                    .filter_map(|(key, news)| Some((key, hand_over(&owners, key.0, news)?)))
                    .collect();
                again_at = Instant::now() + AGAIN;
            }
        }
    }
}

fn addressed(event: Event) -> Option<((PeerId, Kind), News)> {
    match event {
        Event::Connected { .. } => None,
        Event::Lost { peer, why } => {
            tracing::debug!(?peer, %why, "lost a media peer");
            Some(((peer, Kind::Lost), News::Lost))
        }
        Event::Slots { peer, slots } => Some(((peer, Kind::Slots), News::Slots(slots))),
        Event::Layers { peer, wanted } => Some(((peer, Kind::Layers), News::Layers(wanted))),
    }
}

/// Gives the news back if its meeting is too busy. News for nobody is dropped.
fn hand_over(owners: &Owners, peer: PeerId, news: News) -> Option<News> {
    let owners = owners.lock().unwrap_or_else(PoisonError::into_inner);
    match owners.get(&peer)?.try_send(Ask::MediaNews { peer, news }) {
        Err(TrySendError::Full(Ask::MediaNews { news, .. })) => Some(news),
        Ok(()) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::mpsc;

    use super::*;

    fn layers(peer: u64, wanted: bool) -> Event {
        Event::Layers {
            peer: PeerId(peer),
            wanted: vec![wanted],
        }
    }

    async fn next(inbox: &mut mpsc::Receiver<Ask>) -> (PeerId, bool) {
        match inbox.recv().await {
            Some(Ask::MediaNews {
                peer,
                news: News::Layers(wanted),
            }) => (peer, wanted == [true]),
            _ => panic!("other news was expected"),
        }
    }

    #[tokio::test]
    async fn a_busy_meeting_gets_the_newest_when_it_has_time_and_others_do_not_wait() {
        let (busy, mut busy_inbox) = mpsc::channel(1);
        let (idle, mut idle_inbox) = mpsc::channel(1);
        let owners = Owners::default();
        owners.lock().unwrap().extend([(PeerId(1), busy), (PeerId(2), idle)]);
        let (engine, events) = mpsc::channel(8);
        let delivering = tokio::spawn(deliver(events, Arc::clone(&owners)));
        for event in [layers(1, true), layers(1, true), layers(1, false), layers(2, true)] {
            engine.send(event).await.unwrap();
        }
        assert_eq!(next(&mut idle_inbox).await, (PeerId(2), true));
        // One had room; of the two that had none, the newer comes.
        assert_eq!(next(&mut busy_inbox).await, (PeerId(1), true));
        assert_eq!(next(&mut busy_inbox).await, (PeerId(1), false));
        drop(engine);
        delivering.await.unwrap();
        owners.lock().unwrap().clear();
        assert!(busy_inbox.recv().await.is_none(), "nothing comes twice");
    }
}
