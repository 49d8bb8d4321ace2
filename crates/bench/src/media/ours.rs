//! The adapter to our own server.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot};

use super::adapter::spec;
use super::generator::{ClientId, Generator, Lines};
use super::scenario::Seat;
use super::server::{Reply, Request};
use super::{Ground, SIGNALLING_PATIENCE};
use crate::process::spawn_on;

/// Longest wait for the process to listen: a fraction of a second, and a minute under an instrument.
const START_PATIENCE: Duration = Duration::from_secs(60);

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Result<String, String>>>>>;

/// Our server, in a process of its own.
pub(super) struct Ours {
    pub(super) child: Child,
    requests: mpsc::UnboundedSender<Request>,
    waiting: Waiting,
}

impl Ours {
    pub(super) async fn start(ground: &Ground) -> Result<Self, String> {
        let (program, arguments) = ground.server_command.split_first().ok_or("no command for the server")?;
        let mut command = Command::new(program);
        command.args(arguments).arg("--address").arg(ground.address.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = spawn_on(ground.server_core, &mut command)?;
        let mut input = child.stdin.take().ok_or("the server has no input")?;
        let mut output = BufReader::new(child.stdout.take().ok_or("the server has no output")?);
        match tokio::time::timeout(START_PATIENCE, read(&mut output)).await {
            Ok(Ok(Some(Reply::Ready))) => {}
            other => return Err(format!("the server did not start: {other:?}")),
        }
        let (requests, mut inbox) = mpsc::unbounded_channel::<Request>();
        tokio::spawn(async move {
            while let Some(request) = inbox.recv().await {
                let Ok(mut line) = serde_json::to_string(&request) else {
                    return;
                };
                line.push('\n');
                if input.write_all(line.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
        let waiting = Waiting::default();
        tokio::spawn(listen(output, waiting.clone()));
        Ok(Self {
            child,
            requests,
            waiting,
        })
    }

    /// One connection for all that a seat sends and gets.
    pub(super) async fn enter(&self, generator: &Generator, seat: &Seat, asked: Instant) -> Result<ClientId, String> {
        let spec = spec(seat, asked, !seat.first_of_room);
        let lines = Lines {
            sends: seat.sends,
            audio_slots: seat.hears,
            video_slots: seat.sees,
        };
        let offered = generator.offer(spec, lines).await?;
        let answer = self.join(seat.room, seat.number, seat.sends, offered.sdp).await?;
        generator.accept(offered.client, answer).await?;
        Ok(offered.client)
    }

    /// The answer to an offer. `member`: who offers sends as well.
    pub(super) async fn join(&self, room: u64, peer: u64, member: bool, offer: String) -> Result<String, String> {
        let (reply, answer) = oneshot::channel();
        locked(&self.waiting).insert(peer, reply);
        let join = Request::Join {
            room,
            peer,
            member,
            offer,
        };
        self.requests.send(join).map_err(|_| "the server has ended")?;
        let answer = tokio::time::timeout(SIGNALLING_PATIENCE, answer).await;
        answer
            .map_err(|_| "the server did not answer an offer in time")?
            .map_err(|_| "the server has ended")?
    }

    pub(super) fn leave(&self, seat: &Seat) {
        // A server that has ended is noticed by whoever asks it something next.
        let _ = self.requests.send(Request::Leave { peer: seat.number });
    }
}

/// Hands replies to those who wait for them.
async fn listen(mut output: BufReader<ChildStdout>, waiting: Waiting) {
    loop {
        let (peer, outcome) = match read(&mut output).await {
            Ok(Some(Reply::Answer { peer, sdp })) => (peer, Ok(sdp)),
            Ok(Some(Reply::Refused { peer, why })) => (peer, Err(why)),
            Ok(Some(Reply::Ready)) => continue,
            Ok(None) | Err(_) => break,
        };
        if let Some(reply) = locked(&waiting).remove(&peer) {
            let _ = reply.send(outcome);
        }
    }
    // Whoever waits learns by the loss of the sender that nobody answers.
    locked(&waiting).clear();
}

async fn read(output: &mut BufReader<ChildStdout>) -> std::io::Result<Option<Reply>> {
    let mut line = String::new();
    if output.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    serde_json::from_str(&line).map(Some).map_err(std::io::Error::other)
}

fn locked(waiting: &Waiting) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Result<String, String>>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
