//! A member that does what it is told on its standard input, for tests with other implementations of the protocol:
//! real cryptography and a real socket, and frames as bytes instead of a media connection.
//!
//! `scripted_member <house> <meeting id> <name>`; the link's fragment is the first line of the input, each further line
//! is one [`Order`] in JSON. Every line of the output is one [`Report`]. It does not reconnect: a broken socket ends it.

use std::io::BufRead as _;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt as _, StreamExt as _};
use incamera_client::HouseClient;
use incamera_protocol::member::MemberMessage;
use incamera_protocol::public::Disclosure;
use incamera_protocol::view::{ChatOf, Command, FrameOf, MemberView, TypedOf};
use incamera_protocol::{Bytes, DocumentId, MediaKind, Stream, limits};
use incamera_seal::{Action, Failure, Member};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// What it is told.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Order {
    /// What a person asks of their client.
    Command { command: Command },
    /// Consent to the motion that waits, whichever it is.
    Consent,
    /// Offer a file. What is sealed is given back and lies at no house: whoever reads the offer opens it from there.
    Offer {
        name: String,
        media_type: String,
        file: Bytes,
        id: DocumentId,
    },
    /// Seal a frame.
    Seal { stream: Stream, frame: Bytes },
    /// Open a sealed frame that came in a place of this kind.
    Open { kind: MediaKind, frame: Bytes },
}

/// What it says.
#[derive(Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Report {
    /// The person's screen.
    View { view: Box<MemberView> },
    /// Disclosed to the public.
    Disclosed { keys: Vec<Disclosure> },
    /// A command was taken.
    Done,
    /// A sealed file, which is offered.
    Offered { sealed: Bytes },
    /// A text was written, or has come further.
    Chat { message: ChatOf },
    /// Somebody is typing.
    Typed { line: TypedOf },
    /// A sealed frame, or none: it may not send.
    Sealed { frame: Option<Bytes> },
    /// An opened frame.
    Opened { from: FrameOf, frame: Bytes },
    /// An order could not be carried out.
    Refused { why: String },
    /// The client told its person so.
    Notice { message: String },
    /// It cannot go on.
    Fatal { message: String },
}

fn report(report: &Report) {
    // What cannot be said here cannot be waited for by the test either, which then names it.
    println!("{}", serde_json::to_string(report).unwrap_or_default());
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    if getrandom::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

/// The lines of the input, read by a thread: the runtime's own reader would keep the process alive at the end.
fn input() -> mpsc::Receiver<String> {
    let (lines, inbox) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    });
    inbox
}

fn carry_out(member: &mut Member, motion: Option<&str>, order: Order) -> Report {
    match order {
        Order::Command { command } => command_of(member, &command),
        Order::Consent => match motion {
            Some(motion) => command_of(
                member,
                &Command::Consent {
                    motion: motion.to_owned(),
                },
            ),
            None => Report::Refused {
                why: "no motion waits".to_owned(),
            },
        },
        Order::Offer {
            name,
            media_type,
            file,
            id,
        } => match offer(member, &name, &media_type, &file.0, id) {
            Ok(sealed) => Report::Offered { sealed: Bytes(sealed) },
            Err(failure) => Report::Refused {
                why: failure.to_string(),
            },
        },
        Order::Seal { stream, frame } => Report::Sealed {
            frame: member.seal(stream, &frame.0).map(Bytes),
        },
        Order::Open { kind, frame } => match member.open(kind, &frame.0) {
            Ok(opened) => Report::Opened {
                from: FrameOf {
                    leaf: opened.leaf,
                    stream: opened.stream,
                    open: opened.open,
                },
                frame: Bytes(opened.frame),
            },
            Err(refused) => Report::Refused {
                why: refused.to_string(),
            },
        },
    }
}

fn offer(member: &mut Member, name: &str, media_type: &str, file: &[u8], id: DocumentId) -> Result<Vec<u8>, Failure> {
    let size = u64::try_from(file.len()).unwrap_or(u64::MAX);
    let mut sealing = member.seal_document(name, media_type, size)?;
    let mut sealed = Vec::new();
    for chunk in file.chunks(limits::DOCUMENT_CHUNK_BYTES) {
        sealed.extend(sealing.chunk(chunk)?);
    }
    member.offer_document(sealing, id, now_ms())?;
    Ok(sealed)
}

fn command_of(member: &mut Member, command: &Command) -> Report {
    match member.command(command, now_ms()) {
        Ok(()) => Report::Done,
        Err(failure) => Report::Refused {
            why: failure.to_string(),
        },
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&Report::Fatal {
                message: error.to_string(),
            });
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(house), Some(meeting), Some(name)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: scripted_member <house> <meeting id> <name>".into());
    };
    let mut orders = input();
    let fragment = orders.recv().await.ok_or("no fragment")?;
    let socket = format!("{}/api/meetings/{meeting}/member", house.replacen("http", "ws", 1));
    let meeting = meeting.parse()?;
    let charter = HouseClient::new(house).meeting(meeting).await?.charter;
    let mut member = Member::new(meeting, &charter.0, &fragment, &name, None, now_ms(), random)?;
    let (mut socket, _) = connect_async(socket).await?;
    member.connected(now_ms());
    let mut motion = None;
    loop {
        while let Some(action) = member.poll() {
            match action {
                Action::Send { message } => {
                    if let MemberMessage::Disclose { keys, .. } = &message {
                        report(&Report::Disclosed { keys: keys.clone() });
                    }
                    socket.send(Message::text(serde_json::to_string(&message)?)).await?;
                }
                Action::View { view } => {
                    motion = view.motion.as_ref().map(|motion| motion.id.clone());
                    report(&Report::View {
                        view: Box::new(view.as_ref().clone()),
                    });
                }
                Action::Notice { message } => report(&Report::Notice { message }),
                Action::Chat { message } => report(&Report::Chat { message }),
                Action::Typed { line } => report(&Report::Typed { line }),
                Action::Fatal { message, .. } => return Err(message.into()),
                Action::Reconnect => return Err("messages are missing".into()),
                Action::Media { .. }
                | Action::Relay { .. }
                | Action::Slots { .. }
                | Action::Layers { .. }
                | Action::Wish { .. }
                | Action::Document { .. }
                | Action::Call { .. }
                | Action::Keyed => {}
            }
        }
        let due = member
            .next_timeout()
            .map_or(1_000, |at| at.saturating_sub(now_ms()).min(1_000));
        tokio::select! {
            order = orders.recv() => match order {
                Some(line) => {
                    let answer = carry_out(&mut member, motion.as_deref(), serde_json::from_str(&line)?);
                    report(&answer);
                }
                None => return Ok(()),
            },
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) if !text.is_empty() => member.receive(serde_json::from_str(text.as_str())?, now_ms()),
                Some(Ok(Message::Close(_))) | None => return Ok(()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
            },
            () = tokio::time::sleep(Duration::from_millis(due)) => member.timeout(now_ms()),
        }
    }
}
