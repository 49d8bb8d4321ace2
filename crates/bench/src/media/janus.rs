//! The adapter to Janus and its VideoRoom plugin: Debian's package, started with a configuration of its own.
//!
//! Janus gives a client one connection to send on and another for all that it gets; the server makes the offer of the
//! second. It forwards what was subscribed and chooses nothing by itself.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use super::adapter::spec;
use super::generator::{ClientId, Generator, Lines};
use super::scenario::Seat;
use super::{Ground, SIGNALLING_PATIENCE};
use crate::process::spawn_on;

/// Longest wait for Janus to listen. It makes a certificate first.
const START_PATIENCE: Duration = Duration::from_secs(20);

type Waiting = Arc<Mutex<HashMap<String, oneshot::Sender<Value>>>>;

/// A Janus in a process of its own.
pub(super) struct Janus {
    pub(super) child: Child,
    messages: mpsc::UnboundedSender<Message>,
    waiting: Waiting,
    transactions: AtomicU64,
    session: u64,
    /// Who sends so far, with the `mid`s of sound and picture.
    published: Mutex<HashMap<u64, (String, String)>>,
    /// Janus's names for the connections on which somebody gets.
    watching: Mutex<HashMap<ClientId, u64>>,
    /// Deleted with this.
    _configuration: tempfile::TempDir,
}

impl Janus {
    pub(super) async fn start(ground: &Ground, event_loops: usize, rooms: &HashSet<u64>) -> Result<Self, String> {
        if ground.address.is_loopback() {
            return Err("Janus takes no loopback interface: name another address of this machine".to_owned());
        }
        let port = free_port().map_err(|error| format!("no free port: {error}"))?;
        let configuration = configure(ground.address, port, event_loops)
            .map_err(|error| format!("Janus cannot be configured: {error}"))?;
        let mut command = Command::new("janus");
        command.arg("--configs-folder").arg(configuration.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = spawn_on(ground.server_core, &mut command)
            .map_err(|error| format!("{error}; on Debian it is in the package `janus`"))?;
        let socket = connect(port).await?;
        let waiting = Waiting::default();
        let (messages, inbox) = mpsc::unbounded_channel();
        tokio::spawn(talk(socket, inbox, waiting.clone()));
        let mut janus = Self {
            child,
            messages,
            waiting,
            transactions: AtomicU64::new(0),
            session: 0,
            published: Mutex::default(),
            watching: Mutex::default(),
            _configuration: configuration,
        };
        janus.session = id(&janus.ask(json!({"janus": "create"})).await?)?;
        let handle = janus.attach().await?;
        for room in rooms {
            let create = json!({
                "request": "create", "room": room + 1, "permanent": false, "publishers": 300,
                "audiocodec": "opus", "videocodec": "vp8", "bitrate": 0, "notify_joining": false,
            });
            janus.tell(handle, create, None).await?;
        }
        Ok(janus)
    }

    /// The connection on which a seat sends.
    pub(super) async fn enter(&self, generator: &Generator, seat: &Seat, asked: Instant) -> Result<ClientId, String> {
        let offered = generator.offer(spec(seat, asked, false), Lines::SENDING).await?;
        let answer = self.publish(seat.room, seat.number, offered.sdp).await?;
        generator.accept(offered.client, answer).await?;
        if let Some(mids) = offered.sends {
            locked(&self.published).insert(seat.number, mids);
        }
        Ok(offered.client)
    }

    /// The answer to the offer of somebody who sends.
    pub(super) async fn publish(&self, room: u64, number: u64, offer: String) -> Result<String, String> {
        let handle = self.attach().await?;
        let body = json!({
            "request": "joinandconfigure", "ptype": "publisher", "room": room + 1, "id": number + 1,
        });
        let said = self.tell(handle, body, Some(("offer", offer))).await?;
        sdp(&said)
    }

    /// Janus's name for a connection on which somebody gets these streams, each of a sender and by its `mid`; and its offer.
    pub(super) async fn subscribe(&self, room: u64, streams: &[(u64, String)]) -> Result<(u64, String), String> {
        let streams: Vec<Value> = streams
            .iter()
            .map(|(from, mid)| json!({"feed": from + 1, "mid": mid}))
            .collect();
        let handle = self.attach().await?;
        let body = json!({
            "request": "join", "ptype": "subscriber", "room": room + 1, "streams": streams,
        });
        let said = self.tell(handle, body, None).await?;
        Ok((handle, sdp(&said)?))
    }

    /// What was subscribed to comes from now on.
    pub(super) async fn begin(&self, handle: u64, answer: String) -> Result<(), String> {
        let start = json!({"request": "start"});
        self.tell(handle, start, Some(("answer", answer))).await.map(drop)
    }

    /// The connection on which a seat gets what it hears and sees of those who send by now; none if nobody does.
    pub(super) async fn watch(
        &self,
        generator: &Generator,
        seat: &Seat,
        asked: Instant,
    ) -> Result<Option<ClientId>, String> {
        let streams = self.streams_for(seat);
        if streams.is_empty() {
            return Ok(None);
        }
        let (handle, offer) = self.subscribe(seat.room, &streams).await?;
        let answered = generator.answer(spec(seat, asked, true), offer).await?;
        self.begin(handle, answered.sdp).await?;
        locked(&self.watching).insert(answered.client, handle);
        Ok(Some(answered.client))
    }

    /// Takes a connection out on which somebody gets.
    pub(super) async fn leave(&self, client: ClientId) -> Result<(), String> {
        let Some(handle) = locked(&self.watching).remove(&client) else {
            return Ok(());
        };
        self.ask(json!({"janus": "detach", "handle_id": handle}))
            .await
            .map(drop)
    }

    fn streams_for(&self, seat: &Seat) -> Vec<(u64, String)> {
        let published = locked(&self.published);
        let heard = seat
            .hears_from
            .iter()
            .filter_map(|from| Some((from, &published.get(from)?.0)));
        let seen = seat
            .sees_from
            .iter()
            .filter_map(|from| Some((from, &published.get(from)?.1)));
        heard.chain(seen).map(|(from, mid)| (*from, mid.clone())).collect()
    }

    async fn attach(&self) -> Result<u64, String> {
        id(&self
            .ask(json!({"janus": "attach", "plugin": "janus.plugin.videoroom"}))
            .await?)
    }

    /// A request to the plugin, with an offer or answer, and what the plugin says to it.
    async fn tell(&self, handle: u64, body: Value, jsep: Option<(&str, String)>) -> Result<Value, String> {
        let mut message = json!({"janus": "message", "handle_id": handle, "body": body});
        if let (Some((kind, sdp)), Some(fields)) = (jsep, message.as_object_mut()) {
            // Of layers our offers name the smallest first.
            let jsep = json!({"type": kind, "sdp": sdp, "trickle": false, "rid_order": "lmh"});
            fields.insert("jsep".to_owned(), jsep);
        }
        let said = self.ask(message).await?;
        match said.pointer("/plugindata/data/error") {
            Some(error) => Err(format!("the VideoRoom refused: {error}")),
            None => Ok(said),
        }
    }

    /// A request, and what comes of it; that it was taken is not yet that.
    async fn ask(&self, mut message: Value) -> Result<Value, String> {
        let transaction = self.transactions.fetch_add(1, Ordering::Relaxed).to_string();
        if let Some(fields) = message.as_object_mut() {
            fields.insert("transaction".to_owned(), json!(transaction));
            if self.session != 0 {
                fields.insert("session_id".to_owned(), json!(self.session));
            }
        }
        let (reply, outcome) = oneshot::channel();
        locked(&self.waiting).insert(transaction, reply);
        let sent = self.messages.send(Message::text(message.to_string()));
        sent.map_err(|_| "the connection to Janus is over")?;
        let said = tokio::time::timeout(SIGNALLING_PATIENCE, outcome).await;
        let said = said
            .map_err(|_| "Janus did not answer in time")?
            .map_err(|_| "the connection to Janus is over")?;
        match said.get("error") {
            Some(error) => Err(format!("Janus refused: {error}")),
            None => Ok(said),
        }
    }
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(port: u16) -> Result<Socket, String> {
    let until = Instant::now() + START_PATIENCE;
    loop {
        let mut request = format!("ws://127.0.0.1:{port}")
            .into_client_request()
            .map_err(|error| error.to_string())?;
        let protocol = HeaderValue::from_static("janus-protocol");
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => return Ok(socket),
            Err(error) if Instant::now() >= until => return Err(format!("Janus does not listen: {error}")),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Carries messages until either side ends.
async fn talk(mut socket: Socket, mut inbox: mpsc::UnboundedReceiver<Message>, waiting: Waiting) {
    loop {
        tokio::select! {
            message = inbox.recv() => {
                let Some(message) = message else { break };
                if socket.send(message).await.is_err() {
                    break;
                }
            }
            message = socket.next() => {
                let Some(Ok(message)) = message else { break };
                hear(&message, &waiting);
            }
        }
    }
    // Whoever waits learns by the loss of the sender that nobody answers.
    locked(&waiting).clear();
}

fn hear(message: &Message, waiting: &Waiting) {
    let Ok(text) = message.to_text() else { return };
    let Ok(said) = serde_json::from_str::<Value>(text) else {
        return;
    };
    if said.get("janus").and_then(Value::as_str) == Some("ack") {
        return;
    }
    let Some(transaction) = said.get("transaction").and_then(Value::as_str) else {
        return;
    };
    if let Some(reply) = locked(waiting).remove(transaction) {
        let _ = reply.send(said);
    }
}

fn id(said: &Value) -> Result<u64, String> {
    let id = said.pointer("/data/id").and_then(Value::as_u64);
    id.ok_or_else(|| format!("Janus gave no id: {said}"))
}

fn sdp(said: &Value) -> Result<String, String> {
    let sdp = said.pointer("/jsep/sdp").and_then(Value::as_str);
    sdp.map(str::to_owned)
        .ok_or_else(|| format!("Janus gave no session description: {said}"))
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?
        .local_addr()?
        .port())
}

/// A folder with all that Janus reads: one transport, on loopback, and one plugin. What is not said is Janus's default.
fn configure(address: IpAddr, port: u16, event_loops: usize) -> std::io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    link(&path("plugins"), "plugins", "libjanus_videoroom")?;
    link(&path("transports"), "transports", "libjanus_websockets")?;
    for empty in ["events", "loggers"] {
        std::fs::create_dir(path(empty))?;
    }
    let here = folder.path().display();
    let loops = if event_loops == 0 {
        String::new()
    } else {
        format!("event_loops = {event_loops}")
    };
    let general = format!(
        r#"general: {{
    configs_folder = "{here}"
    plugins_folder = "{here}/plugins"
    transports_folder = "{here}/transports"
    events_folder = "{here}/events"
    loggers_folder = "{here}/loggers"
    debug_level = 1
    session_timeout = 0
    {loops}
}}
media: {{
    ipv6 = false
}}
nat: {{
    ice_enforce_list = "{address}"
}}
"#
    );
    std::fs::write(path("janus.jcfg"), general)?;
    let transport = format!(
        r#"general: {{
    json = "plain"
    ws = true
    ws_port = {port}
    ws_ip = "127.0.0.1"
    wss = false
}}
admin: {{
    admin_ws = false
}}
"#
    );
    std::fs::write(path("janus.transport.websockets.jcfg"), transport)?;
    std::fs::write(path("janus.plugin.videoroom.jcfg"), "general: {\n}\n")?;
    Ok(folder)
}

/// A folder that has one library of the package and its links in it.
fn link(folder: &Path, kind: &str, library: &str) -> std::io::Result<()> {
    std::fs::create_dir(folder)?;
    for entry in std::fs::read_dir(libraries()?.join(kind))? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(library) {
            std::os::unix::fs::symlink(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Where Debian puts what Janus loads: a folder that is named after the architecture.
fn libraries() -> std::io::Result<PathBuf> {
    let architectures = std::fs::read_dir("/usr/lib")?.flatten();
    let found = architectures
        .map(|entry| entry.path().join("janus"))
        .find(|path| path.is_dir());
    found.ok_or_else(|| {
        std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "Debian's package `janus` is not installed",
        )
    })
}

fn locked<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
