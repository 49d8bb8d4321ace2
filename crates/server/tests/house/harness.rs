//! A house, a plain HTTP client, a socket that speaks the wire, a person with a link.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use incamera_handshake::{CIPHERSUITE, capabilities};
use incamera_meeting::{
    Body, Credential, DelegationLink, Draft, DraftItem, Encode as _, FirstClientKeys, Role, Seed, Signed,
    SignedCharter, Statement,
};
use incamera_protocol::member::{MemberMessage, Position, ServerMessage};
use incamera_protocol::public::{Convene, GalleryMessage};
use incamera_protocol::{Bytes, ErrorCode, MeetingId};
use incamera_server::{Config, Running, Server};
use openmls::prelude::{BasicCredential, CredentialWithKey, KeyPackage, MlsMessageOut};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Far more than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct House {
    pub(crate) running: Running,
    pub(crate) folder: TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.json::<incamera_protocol::ErrorBody>().code
    }
}

impl House {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A house that differs from the usual one.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = Config::local(folder.path());
        change(&mut config);
        let running = Server::start(config).await.unwrap();
        Self { running, folder }
    }

    /// Stops and starts again on the same disk.
    pub(crate) async fn restart(self) -> Self {
        let Self { running, folder } = self;
        running.shutdown().await;
        let running = Server::start(Config::local(folder.path())).await.unwrap();
        Self { running, folder }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.http()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], b"").await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.request("POST", path, headers, body).await
    }

    pub(crate) async fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.address(),
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        // A house that has heard enough may answer before it has read everything.
        let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
        let mut bytes = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    pub(crate) async fn convene_bytes(&self, charter: &[u8], key: &str) -> Answer {
        let body = serde_json::to_vec(&Convene {
            charter: Bytes(charter.to_vec()),
            announcement: None,
        })
        .unwrap();
        self.post("/api/meetings", &[("authorization", &format!("Bearer {key}"))], &body)
            .await
    }

    /// Convenes a meeting of two sides.
    pub(crate) async fn convene(&self) -> Convocation {
        self.convene_in(&["en"]).await
    }

    /// The same in these languages.
    pub(crate) async fn convene_in(&self, languages: &[&str]) -> Convocation {
        let convocation = Convocation::in_languages(now_ms(), languages);
        let answer = self
            .convene_bytes(&convocation.charter.encode(), self.running.house_key())
            .await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        convocation
    }

    pub(crate) async fn socket(&self, meeting: MeetingId, side: &str) -> Socket {
        self.socket_from(meeting, side, None).await.unwrap()
    }

    /// Opens a socket as a page of `origin` would; the status if it is refused.
    pub(crate) async fn socket_from(
        &self,
        meeting: MeetingId,
        side: &str,
        origin: Option<&str>,
    ) -> Result<Socket, u16> {
        use tokio_tungstenite::tungstenite::Error;
        let url = format!("ws://{}/api/meetings/{meeting}/{side}", self.address());
        let mut request = url.into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }
}

/// A charter with its links.
pub(crate) struct Convocation {
    pub(crate) charter: SignedCharter,
    pub(crate) links: Vec<DelegationLink>,
    /// What the person of each side is.
    pub(crate) roles: [Role; 2],
}

impl Convocation {
    pub(crate) fn new(now_ms: u64) -> Self {
        Self::in_languages(now_ms, &["en"])
    }

    fn in_languages(now_ms: u64, languages: &[&str]) -> Self {
        let draft = Draft {
            title: "Talks".to_owned(),
            languages: languages.iter().map(|tag| (*tag).to_owned()).collect(),
            delegations: vec!["North".to_owned(), "South".to_owned()],
            agenda: vec![DraftItem {
                title: "Opening words".to_owned(),
                public: true,
                ground: String::new(),
            }],
            ..Draft::default()
        };
        let (charter, links) = draft.convene(now_ms, random).unwrap();
        let roles = [Role::Principal; 2];
        Self { charter, links, roles }
    }

    pub(crate) fn id(&self) -> MeetingId {
        self.charter.charter.id()
    }

    /// The first client of a side.
    pub(crate) fn person(&self, side: usize) -> Person {
        self.person_until(side, now_ms() + 3_600_000)
    }

    pub(crate) fn person_until(&self, side: usize, not_after_ms: u64) -> Person {
        let device = Seed::new(random());
        let (delegation, letter) = (Seed::new(random()), Seed::new(random()));
        let link = &self.links[side];
        Person::new(self.id(), link, delegation, letter, device, not_after_ms).with_role(self.roles[side])
    }
}

/// Somebody with a device, a letter and a claim.
pub(crate) struct Person {
    pub(crate) meeting: MeetingId,
    pub(crate) credential: Credential,
    pub(crate) device: Seed,
    pub(crate) letter: Seed,
    pub(crate) delegation: Seed,
}

impl Person {
    pub(crate) fn new(
        meeting: MeetingId,
        link: &DelegationLink,
        delegation: Seed,
        letter: Seed,
        device: Seed,
        not_after_ms: u64,
    ) -> Self {
        let keys = FirstClientKeys {
            slot: &link.slot_seed,
            delegation: &delegation,
            letter: &letter,
            device: device.public_key(),
        };
        let credential = Credential::of_first_client(meeting, link.delegation, keys, "Somebody", not_after_ms).unwrap();
        Self {
            meeting,
            credential,
            device,
            letter,
            delegation,
        }
    }

    /// The same with a letter that gives them this role.
    fn with_role(mut self, role: Role) -> Self {
        let mut letter = self.credential.letter.body;
        letter.role = role;
        let letter = Signed::new("letter", letter, &self.delegation);
        self.credential = Credential::of_letter(self.credential.claim, letter, &self.letter, self.device.public_key());
        self
    }

    pub(crate) fn hello(&self, nonce: &Bytes, resume: Option<Position>) -> MemberMessage {
        let message = [self.meeting.0.as_slice(), &nonce.0].concat();
        MemberMessage::Hello {
            credential: Bytes(self.credential.encode()),
            proof: Bytes(self.device.sign("hello", &message).to_vec()),
            resume,
        }
    }

    pub(crate) fn signer(&self) -> SignatureKeyPair {
        SignatureKeyPair::from_raw(
            CIPHERSUITE.signature_algorithm(),
            self.device.reveal().to_vec(),
            self.device.public_key().0.to_vec(),
        )
    }

    pub(crate) fn leaf_credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(self.credential.encode()).into(),
            signature_key: self.device.public_key().0.to_vec().into(),
        }
    }

    pub(crate) fn key_package(&self, provider: &OpenMlsRustCrypto) -> Bytes {
        let bundle = KeyPackage::builder()
            .leaf_node_capabilities(capabilities())
            .build(CIPHERSUITE, provider, &self.signer(), self.leaf_credential())
            .unwrap();
        Bytes(MlsMessageOut::from(bundle.key_package().clone()).to_bytes().unwrap())
    }

    /// Says something over the letter key.
    pub(crate) fn state(&self, body: Body) -> MemberMessage {
        let letter = self.credential.binding.body.letter;
        MemberMessage::Statement {
            statement: Bytes(Statement::new(letter, body, &self.letter).encode()),
        }
    }

    /// Opens a socket and says hello.
    pub(crate) async fn arrive(&self, house: &House, resume: Option<Position>) -> Socket {
        let mut socket = house.socket(self.meeting, "member").await;
        let nonce = socket.challenge().await;
        socket.say(&self.hello(&nonce, resume)).await;
        socket
    }
}

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn say(&mut self, message: &MemberMessage) {
        self.say_text(serde_json::to_string(message).unwrap()).await;
    }

    pub(crate) async fn say_text(&mut self, text: String) {
        // The house may have hung up; what it said before is still to be read.
        let _ = self.0.send(Message::text(text)).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        let _ = self.0.send(message).await;
    }

    /// The next text that is a message, or nothing if the socket has ended. An empty one says that the house is there.
    async fn text(&mut self) -> Option<String> {
        let text = async {
            loop {
                match self.0.next().await? {
                    Ok(Message::Text(text)) if !text.is_empty() => return Some(text.to_string()),
                    Ok(Message::Close(_)) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        };
        timeout(PATIENCE, text).await.expect("the house says nothing")
    }

    pub(crate) async fn hear_text(&mut self) -> String {
        self.text().await.expect("the socket has ended")
    }

    pub(crate) async fn hear(&mut self) -> ServerMessage {
        let text = self.text().await.expect("the socket has ended");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) async fn hear_gallery(&mut self) -> GalleryMessage {
        let text = self.text().await.expect("the socket has ended");
        serde_json::from_str(&text).unwrap()
    }

    /// The same, or nothing if the socket has ended.
    pub(crate) async fn hear_gallery_or_end(&mut self) -> Option<GalleryMessage> {
        let text = self.text().await?;
        Some(serde_json::from_str(&text).unwrap())
    }

    /// What the house says until there is something that `pick` takes.
    pub(crate) async fn until<T>(&mut self, mut pick: impl FnMut(ServerMessage) -> Option<T>) -> T {
        loop {
            if let Some(picked) = pick(self.hear().await) {
                return picked;
            }
        }
    }

    pub(crate) async fn challenge(&mut self) -> Bytes {
        let ServerMessage::Challenge { nonce, .. } = self.hear().await else {
            panic!("no challenge");
        };
        nonce
    }

    /// The ticket, and whether it resumed.
    pub(crate) async fn here(&mut self) -> (String, bool) {
        self.until(|message| match message {
            ServerMessage::Here { ticket, resumed, .. } => Some((ticket, resumed)),
            ServerMessage::Refused { code, message, .. } => panic!("{code:?}: {message}"),
            _ => None,
        })
        .await
    }

    /// Whether its delegation has to let it in first.
    pub(crate) async fn waits(&mut self) -> bool {
        self.until(|message| match message {
            ServerMessage::Here { waits, .. } => Some(waits),
            _ => None,
        })
        .await
    }

    pub(crate) async fn refusal(&mut self) -> (String, ErrorCode) {
        self.until(|message| match message {
            ServerMessage::Refused { re, code, .. } => Some((re, code)),
            _ => None,
        })
        .await
    }

    /// Reads until the house hangs up.
    pub(crate) async fn ends(&mut self) {
        while self.text().await.is_some() {}
    }
}

pub(crate) fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub(crate) fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    u64::try_from(since.unwrap().as_millis()).unwrap()
}
