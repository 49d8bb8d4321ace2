//! Whether the public hears an open part. Whoever watches the gallery, as one of the public, says what comes out; the
//! members' digests say what goes in. Where something goes in and nothing comes out, the members are told, and the record
//! has it. Nobody who watches is as good as nothing that comes out: what nobody has seen is not taken for granted.

use std::time::{Duration, Instant};

use incamera_protocol::member::ServerMessage;
use incamera_protocol::recording::Came;
use incamera_protocol::{Stream, limits};

use super::{Failure, Next, Sitting};
use crate::socket::SocketId;
use crate::time::now_ms;

/// What goes in and comes out of the open part that runs.
#[derive(Default)]
pub(super) struct Audience {
    sound: Way,
    pictures: Way,
    /// The watcher's connection stands, and the watcher says so.
    stands: Option<Run>,
}

/// Sound, or pictures.
#[derive(Default)]
struct Way {
    sent: Option<Run>,
    came: Option<Run>,
}

/// Something that goes on.
#[derive(Clone, Copy)]
struct Run {
    since: Instant,
    last: Instant,
}

impl Run {
    /// It goes on; after a pause that is longer than this it begins anew.
    fn goes_on(run: &mut Option<Self>, now: Instant, pause: Duration) {
        match run.as_mut().filter(|run| now.duration_since(run.last) <= pause) {
            Some(run) => run.last = now,
            None => *run = Some(Self { since: now, last: now }),
        }
    }

    /// It has gone on for so long, and still does: who says nothing any more vouches for nothing.
    fn lasts(&self, now: Instant, long: Duration) -> bool {
        now.duration_since(self.last) <= COMING && self.last.duration_since(self.since) >= long
    }
}

const SENDING: Duration = Duration::from_millis(limits::SENDING_MS);
const UNHEARD: Duration = Duration::from_millis(limits::UNHEARD_MS);
const HEARD_AGAIN: Duration = Duration::from_millis(limits::HEARD_AGAIN_MS);
const STANDS_AGAIN: Duration = Duration::from_millis(limits::STANDS_AGAIN_MS);
/// What comes out is told four times a second, and a picture may take a while.
const COMING: Duration = Duration::from_millis(4 * limits::WATCH_MS);

impl Audience {
    /// A member has signed for what it sent.
    pub(super) fn sent(&mut self, now: Instant, stream: Stream) {
        let way = match stream {
            Stream::Microphone | Stream::Aside => &mut self.sound,
            Stream::Camera | Stream::Screen => &mut self.pictures,
        };
        Run::goes_on(&mut way.sent, now, SENDING);
    }

    /// What has come out.
    pub(super) fn came(&mut self, now: Instant, came: Came) {
        for (way, came) in [(&mut self.sound, came.sound), (&mut self.pictures, came.pictures)] {
            if came {
                Run::goes_on(&mut way.came, now, COMING);
            }
        }
        if came.stands {
            Run::goes_on(&mut self.stands, now, COMING);
        } else {
            self.stands = None;
        }
    }

    /// What has changed: the public does not hear (true), or hears again (false). By the sound, where there is any: pictures
    /// are what is given up first on a narrow path.
    fn judge(&self, now: Instant, failing: bool) -> Option<bool> {
        let sending = |way: &&Way| way.sent.is_some_and(|run| now.duration_since(run.last) <= SENDING);
        let way = [&self.sound, &self.pictures].into_iter().find(sending);
        if failing {
            let (run, long) = match way {
                Some(way) => (way.came, HEARD_AGAIN),
                None => (self.stands, STANDS_AGAIN),
            };
            return run.is_some_and(|run| run.lasts(now, long)).then_some(false);
        }
        let Way { sent, came } = way?;
        let since = sent.map_or(now, |run| run.since);
        let last = came.map_or(since, |run| run.last.max(since));
        (now.duration_since(last) >= UNHEARD).then_some(true)
    }
}

impl Sitting {
    /// Tells the members, and the record, when the public does not hear them, and when it does again.
    pub(super) async fn judge_audience(&mut self) -> Next {
        let open = self.is_open() && self.meeting.called_close().is_none();
        if self.house.watcher.is_none() || !open {
            self.audience = Audience::default();
            return Next::GoOn;
        }
        let failing = self.meeting.unheard_since_ms().is_some();
        let Some(failed) = self.audience.judge(Instant::now(), failing) else {
            return Next::GoOn;
        };
        match self.enter(self.meeting.decide_unheard(now_ms(), failed)).await {
            Ok(()) => {}
            Err(Failure::Problem(problem)) => {
                tracing::warn!(meeting = ?self.meeting.id(), why = %problem.message, "members are not told whether the public hears");
                return Next::GoOn;
            }
            Err(Failure::Fall(why)) => return self.fall(why),
        }
        tracing::warn!(meeting = ?self.meeting.id(), failed, "the way to the public");
        // It has to stand, or to carry something, from now on.
        self.audience.stands = None;
        self.audience.sound.came = None;
        self.audience.pictures.came = None;
        let since_ms = self.meeting.unheard_since_ms();
        self.tell_group(&ServerMessage::Unheard { since_ms });
        self.publish();
        Next::GoOn
    }

    /// Somebody has come, or come back, who may not know.
    pub(super) fn tell_unheard(&self, socket: SocketId) {
        let since_ms = self.meeting.unheard_since_ms();
        if self.is_open() {
            self.tell(socket, &ServerMessage::Unheard { since_ms });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An audience through so many quarters of a second: who sends, what comes out, and what changed when, in milliseconds.
    fn through(quarters: u64, sends: impl Fn(u64) -> bool, comes: impl Fn(u64) -> Came) -> Vec<(u64, bool)> {
        let (begin, mut audience, mut failing) = (Instant::now(), Audience::default(), false);
        let mut changes = Vec::new();
        for quarter in 0..quarters {
            let ms = quarter * 250;
            let now = begin + Duration::from_millis(ms);
            // A digest comes once a second, of the second that is over.
            if ms >= 1_000 && ms.is_multiple_of(1_000) && (ms - 1_000..ms).step_by(250).any(&sends) {
                audience.sent(now, Stream::Microphone);
            }
            audience.came(now, comes(ms));
            if let Some(failed) = audience.judge(now, failing) {
                (failing, audience.stands) = (failed, None);
                changes.push((ms, failed));
            }
        }
        changes
    }

    fn sound(sound: bool) -> Came {
        Came {
            sound,
            pictures: false,
            stands: true,
        }
    }

    #[test]
    fn what_goes_in_and_does_not_come_out_is_told_in_time_and_so_is_its_end() {
        let cut = |ms| !(10_000..20_000).contains(&ms);
        let changes = through(120, |_| true, |ms| sound(cut(ms)));
        let [(failed, true), (restored, false)] = changes.as_slice() else {
            panic!("{changes:?}")
        };
        assert!(
            (12_750..=13_500).contains(failed) && (21_000..=21_500).contains(restored),
            "{changes:?}"
        );
        // Never heard at all, with nobody who watches.
        assert_eq!(through(30, |_| true, |_| Came::default()), [(4_000, true)]);
    }

    #[test]
    fn silence_is_no_failure_however_it_begins_and_ends() {
        assert_eq!(through(200, |_| false, |_| sound(false)), []);
        for end in (3_000..6_000).step_by(250) {
            // Somebody says something for a while, and again after a long silence.
            let speaks = |ms: u64| ms < end || ms > 20_000 && ms < 20_000 + end;
            assert_eq!(
                through(160, speaks, |ms| sound(speaks(ms))),
                [],
                "silent after {end} ms"
            );
        }
    }

    #[test]
    fn a_meeting_that_pauses_does_not_go_on_when_whoever_watches_has_gone() {
        let (begin, mut audience) = (Instant::now(), Audience::default());
        let after = |ms| begin + Duration::from_millis(ms);
        for ms in (0..4_000).step_by(250) {
            audience.came(after(ms), sound(false));
        }
        for ms in (4_000..20_000).step_by(250) {
            assert_eq!(
                audience.judge(after(ms), true),
                None,
                "after {ms} ms, with nobody who watches"
            );
        }
        // Who is back has to have stood for as long again.
        for ms in (20_000..24_750).step_by(250) {
            audience.came(after(ms), sound(false));
            assert_eq!(audience.judge(after(ms), true), None, "after {ms} ms");
        }
        audience.came(after(25_000), sound(false));
        assert_eq!(audience.judge(after(25_000), true), Some(false));
    }

    #[test]
    fn a_meeting_that_pauses_goes_on_when_the_way_stands_again() {
        let changes = through(
            200,
            |ms| ms < 13_000,
            |ms| Came {
                stands: ms >= 20_000,
                ..sound(ms < 10_000)
            },
        );
        assert_eq!(changes.len(), 2, "{changes:?}");
        assert!(matches!(changes.last(), Some((25_000, false))), "{changes:?}");
    }
}
