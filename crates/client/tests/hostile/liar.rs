//! What a hostile house says: the real server, and on each person's line somebody who changes, drops, repeats or makes up
//! what passes. A house that lies can do this and no more, for it has nothing that the server does not give it; the
//! program that is shipped has no code for it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::{SinkExt as _, StreamExt as _};
use incamera_client::HouseClient;
use incamera_protocol::member::{MemberMessage, ServerMessage};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{accept_hdr_async, connect_async};

/// What becomes of a message from the house on its way to the person.
type Treatment = Box<dyn FnMut(ServerMessage) -> Vec<ServerMessage> + Send>;

/// What becomes of a message from the person on its way to the house.
type Bend = Box<dyn FnMut(MemberMessage) -> MemberMessage + Send>;

/// Orders to the sockets that are up; nobody waits longer than a test does.
const ORDERS_MAX: usize = 64;
/// A request line and headers of the clients here are far shorter.
const HEAD_BYTES_MAX: usize = 4096;

#[derive(Clone)]
enum Order {
    Say(Box<ServerMessage>),
    HangUp,
}

/// One person's line to the house.
pub struct Liar {
    address: SocketAddr,
    line: Arc<Line>,
}

struct Line {
    house: SocketAddr,
    treatment: Mutex<Treatment>,
    bends: Mutex<Bend>,
    heard: Mutex<Vec<ServerMessage>>,
    said: Mutex<Vec<MemberMessage>>,
    orders: broadcast::Sender<Order>,
}

impl Liar {
    /// Takes up position before a house. Passes everything on until it is told otherwise.
    pub async fn before(house: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let line = Arc::new(Line {
            house,
            treatment: Mutex::new(Box::new(|message| vec![message])),
            bends: Mutex::new(Box::new(|message| message)),
            heard: Mutex::default(),
            said: Mutex::default(),
            orders: broadcast::channel(ORDERS_MAX).0,
        });
        let passing = Arc::clone(&line);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&passing).serve(client));
            }
        });
        Self { address, line }
    }

    /// The house as the person on this line has it.
    pub fn house(&self) -> HouseClient {
        HouseClient::new(format!("http://{}", self.address))
    }

    /// From now on, this is done to what the house says.
    pub fn does(&self, treatment: impl FnMut(ServerMessage) -> Vec<ServerMessage> + Send + 'static) {
        *self.line.treatment.lock().unwrap() = Box::new(treatment);
    }

    /// From now on, what is wanted gets through and nothing else.
    pub fn passes_only(&self, wanted: impl Fn(&ServerMessage) -> bool + Send + 'static) {
        self.does(move |message| if wanted(&message) { vec![message] } else { Vec::new() });
    }

    /// From now on, this is what the house gets of what the person says.
    pub fn bends(&self, bend: impl FnMut(MemberMessage) -> MemberMessage + Send + 'static) {
        *self.line.bends.lock().unwrap() = Box::new(bend);
    }

    /// From now on, an honest house.
    pub fn repents(&self) {
        self.does(|message| vec![message]);
    }

    /// Makes something up.
    pub fn says(&self, message: ServerMessage) {
        let _ = self.line.orders.send(Order::Say(Box::new(message)));
    }

    /// Cuts the line; the client makes it anew.
    pub fn hangs_up(&self) {
        let _ = self.line.orders.send(Order::HangUp);
    }

    /// All that the house has said on this line, before it was treated.
    pub fn heard(&self) -> Vec<ServerMessage> {
        locked(&self.line.heard).clone()
    }

    /// All that the person has said.
    pub fn said(&self) -> Vec<MemberMessage> {
        locked(&self.line.said).clone()
    }
}

impl Line {
    async fn serve(self: Arc<Self>, client: TcpStream) {
        if is_for_a_socket(&client).await {
            self.lie(client).await;
        } else if let Ok(mut house) = TcpStream::connect(self.house).await {
            let mut client = client;
            let _ = copy_bidirectional(&mut client, &mut house).await;
        }
    }

    async fn lie(&self, client: TcpStream) {
        let mut path = String::new();
        // The library's signature, not ours.
        #[allow(clippy::result_large_err)]
        let note = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            path = request.uri().path().to_owned();
            Ok(response)
        };
        let Ok(client) = accept_hdr_async(client, note).await else {
            return;
        };
        let Ok((house, _)) = connect_async(format!("ws://{}{path}", self.house)).await else {
            return;
        };
        let mut orders = self.orders.subscribe();
        let (mut to_client, mut of_client) = client.split();
        let (mut to_house, mut of_house) = house.split();
        loop {
            let say = tokio::select! {
                Some(Ok(message)) = of_client.next() => {
                    let message = match &message {
                        Message::Text(text) => {
                            let said: MemberMessage = serde_json::from_str(text.as_str()).unwrap();
                            locked(&self.said).push(said.clone());
                            let bent = locked(&self.bends)(said);
                            Message::text(serde_json::to_string(&bent).unwrap())
                        }
                        _ => message,
                    };
                    if to_house.send(message).await.is_err() {
                        return;
                    }
                    continue;
                }
                Some(Ok(message)) = of_house.next() => match message {
                    // That the house is there. He keeps his victim on the line.
                    Message::Text(text) if text.is_empty() => {
                        if to_client.send(Message::Text(text)).await.is_err() {
                            return;
                        }
                        continue;
                    }
                    Message::Text(text) => {
                        let message: ServerMessage = serde_json::from_str(text.as_str()).unwrap();
                        locked(&self.heard).push(message.clone());
                        let mut treatment = locked(&self.treatment);
                        treatment(message)
                    }
                    _ => continue,
                },
                order = orders.recv() => match order {
                    Ok(Order::Say(message)) => vec![*message],
                    Ok(Order::HangUp) | Err(_) => return,
                },
                else => return,
            };
            for message in say {
                let text = serde_json::to_string(&message).unwrap();
                if to_client.send(Message::text(text)).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// A member's WebSocket, or another request. Reads ahead without taking anything.
async fn is_for_a_socket(client: &TcpStream) -> bool {
    let mut head = [0; HEAD_BYTES_MAX];
    loop {
        let Ok(length @ 1..) = client.peek(&mut head).await else {
            return false;
        };
        let head = String::from_utf8_lossy(&head[..length]).to_ascii_lowercase();
        if head.contains("\r\n\r\n") || length == HEAD_BYTES_MAX {
            return head.contains("upgrade: websocket");
        }
        // The rest of the head is on its way.
        tokio::task::yield_now().await;
    }
}

fn locked<T: ?Sized>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap()
}
