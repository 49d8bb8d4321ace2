//! The adapter to any server that speaks WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep).
//!
//! Who sends has one connection for it. Who gets has another for each sender, since most such servers give one sender's
//! stream for an offer. Nothing is chosen by the server.

mod session;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::adapter::spec;
use super::generator::{ClientId, ClientSpec, Generator, Lines};
use super::scenario::Seat;
use super::{Ground, SIGNALLING_PATIENCE};
use crate::process::{end, listens, spawn_on};
use session::{Endpoint, Http, Session};

/// Longest wait for the server to listen: an interpreter and a certificate are made ready in it.
const START_PATIENCE: Duration = Duration::from_secs(30);
/// What stands for a sender's name.
const PLACEHOLDER: &str = "{stream}";

/// A server that speaks WHIP and WHEP.
#[derive(Debug, Clone)]
pub struct WhipPeer {
    /// A line for the shell that starts the server and ends when it does. It is run anew for each round, and all that it
    /// starts is on its account.
    pub command: String,
    /// Where a sender makes its offer. `{stream}` stands for the sender's name.
    pub whip_url: String,
    /// Where a sender's stream is asked for, likewise.
    pub whep_url: String,
    /// Sent as a bearer token (RFC 6750 §2.1) with every request. `{stream}` stands for the sender's name here, too.
    pub token: Option<Token>,
}

/// What proves to a server that one may use it.
#[derive(Clone)]
pub struct Token(String);

impl From<&str> for Token {
    fn from(token: &str) -> Self {
        Self(token.to_owned())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl WhipPeer {
    /// Refuses what could not be played, before anything is started.
    pub(super) fn check(&self) -> Result<(), String> {
        for (what, url) in [("WHIP", &self.whip_url), ("WHEP", &self.whep_url)] {
            let token = self.token.as_ref().map_or("", |Token(token)| token);
            if !url.contains(PLACEHOLDER) && !token.contains(PLACEHOLDER) {
                return Err(format!(
                    "neither the {what} address nor the token has {PLACEHOLDER} in it: senders could not be told apart"
                ));
            }
            self.endpoint(url, 0).map_err(|why| format!("{what}: {why}"))?;
        }
        Ok(())
    }

    fn endpoint(&self, url: &str, sender: u64) -> Result<Endpoint, String> {
        let named = |text: &str| text.replace(PLACEHOLDER, &format!("incamera-{sender}"));
        let url = named(url);
        let token = self.token.as_ref().map(|Token(token)| named(token));
        Endpoint::new(&url, token.as_deref())
    }
}

/// Such a server, in a process of its own.
pub(super) struct Whip {
    pub(super) child: Child,
    peer: WhipPeer,
    http: Http,
    /// Who sends so far.
    published: Mutex<HashSet<u64>>,
    sessions: Mutex<HashMap<ClientId, Session>>,
}

impl Whip {
    pub(super) async fn start(ground: &Ground, peer: &WhipPeer) -> Result<Self, String> {
        let port = peer.endpoint(&peer.whip_url, 0)?.port();
        let http = Http::new()?;
        let mut command = Command::new("sh");
        command.arg("-c").arg(&peer.command);
        // What it says of its failures is for whoever wrote the line.
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = spawn_on(ground.server_core, &mut command)?;
        if let Err(why) = listening(&mut child, port).await {
            end(&mut child).await;
            return Err(why);
        }
        Ok(Self {
            child,
            peer: peer.clone(),
            http,
            published: Mutex::default(),
            sessions: Mutex::default(),
        })
    }

    /// The connection on which a seat sends.
    pub(super) async fn enter(&self, generator: &Generator, seat: &Seat, asked: Instant) -> Result<ClientId, String> {
        let at = self.peer.endpoint(&self.peer.whip_url, seat.number)?;
        let spec = spec(seat, asked, false);
        let client = self.connect(generator, spec, Lines::SENDING, &at).await?;
        locked(&self.published).insert(seat.number);
        Ok(client)
    }

    /// The connections on which a seat gets what it hears and sees of those who send by now.
    pub(super) async fn watch(
        &self,
        generator: &Generator,
        seat: &Seat,
        asked: Instant,
    ) -> Result<Vec<ClientId>, String> {
        let senders: BTreeSet<u64> = {
            let published = locked(&self.published);
            let wished = seat.hears_from.iter().chain(&seat.sees_from);
            wished.copied().filter(|sender| published.contains(sender)).collect()
        };
        let watchings = senders.into_iter().map(|sender| async move {
            let lines = Lines {
                sends: false,
                audio_slots: usize::from(seat.hears_from.contains(&sender)),
                video_slots: usize::from(seat.sees_from.contains(&sender)),
            };
            let at = self.peer.endpoint(&self.peer.whep_url, sender)?;
            self.connect(generator, spec(seat, asked, true), lines, &at).await
        });
        futures_util::future::try_join_all(watchings).await
    }

    /// Ends the session of a connection.
    pub(super) async fn leave(&self, client: ClientId) -> Result<(), String> {
        let session = locked(&self.sessions).remove(&client);
        match session {
            Some(session) => self.http.close(session).await,
            None => Ok(()),
        }
    }

    async fn connect(
        &self,
        generator: &Generator,
        spec: ClientSpec,
        lines: Lines,
        at: &Endpoint,
    ) -> Result<ClientId, String> {
        let until = Instant::now() + SIGNALLING_PATIENCE;
        let offered = generator.offer(spec, lines).await?;
        let (answer, session) = loop {
            match self.http.open(at, offered.sdp.clone()).await {
                Ok(opened) => break opened,
                // Who sends has been let in, but the server may want to see packets first.
                Err(refusal) => match refusal.again_after {
                    Some(pause) if !lines.sends && Instant::now() + pause < until => tokio::time::sleep(pause).await,
                    _ => return Err(refusal.why),
                },
            }
        };
        let accepted = generator.accept(offered.client, answer).await;
        accepted.map_err(|why| format!("the answer of {at} cannot be used: {why}"))?;
        locked(&self.sessions).insert(offered.client, session);
        Ok(offered.client)
    }
}

/// Waits until a process of the command listens. Somebody else at that port would be played against, and the command's
/// account read.
async fn listening(child: &mut Child, port: u16) -> Result<(), String> {
    let until = Instant::now() + START_PATIENCE;
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Err(format!(
                "its command has ended before it listened at port {port} ({status}); it must not go into the background"
            ));
        }
        if listens(child, port)? {
            return Ok(());
        }
        if Instant::now() >= until {
            return Err(format!(
                "after {START_PATIENCE:?}, no process that its command has started listens at port {port}"
            ));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn locked<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(whip_url: &str, whep_url: &str, token: Option<&str>) -> WhipPeer {
        WhipPeer {
            command: "true".into(),
            whip_url: whip_url.into(),
            whep_url: whep_url.into(),
            token: token.map(Token::from),
        }
    }

    #[test]
    fn senders_are_told_apart_by_address_or_token() {
        let by_address = "http://127.0.0.1:1/{stream}/x";
        let fixed = "http://127.0.0.1:1/x";
        assert!(peer(by_address, by_address, None).check().is_ok());
        assert!(peer(by_address, by_address, Some("secret")).check().is_ok());
        assert!(peer(fixed, fixed, Some("{stream}")).check().is_ok());
        assert!(peer(fixed, by_address, None).check().unwrap_err().contains("WHIP"));
        assert!(
            peer(by_address, fixed, Some("secret"))
                .check()
                .unwrap_err()
                .contains("WHEP")
        );
    }

    #[test]
    fn what_is_no_address_of_http_is_refused_before_anything_starts() {
        for url in ["{stream}", "ftp://127.0.0.1/{stream}", "http:///"] {
            assert!(peer(url, url, Some("{stream}")).check().is_err(), "{url}");
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        let peer = peer("http://127.0.0.1:1/", "http://127.0.0.1:1/", Some("hunter2"));
        assert!(!format!("{peer:?}").contains("hunter2"));
        let refused = WhipPeer {
            token: Some("hun\nter2{stream}".into()),
            ..peer
        };
        assert!(!refused.check().unwrap_err().contains("ter2"));
    }

    #[tokio::test]
    async fn a_command_that_ends_or_that_others_answer_for_is_no_server() {
        let start = async |command: &str, port: u16| {
            let ground = Ground {
                server_command: Vec::new(),
                address: [127, 0, 0, 1].into(),
                server_core: 0,
                generator_core: 0,
            };
            let url = format!("http://127.0.0.1:{port}/{{stream}}");
            let mut peer = peer(&url, &url, None);
            peer.command = command.into();
            Whip::start(&ground, &peer).await.map(drop).unwrap_err()
        };
        let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(start("exit 3", port).await.contains("exit status: 3"));
        let why = tokio::time::timeout(Duration::from_millis(500), start("sleep 60", port)).await;
        assert!(why.is_err(), "{why:?}");
    }
}
