//! Stands between the house and everybody else, passes everything on, and keeps a copy.
//!
//! TCP goes to a port of the relay's. UDP goes to the address that the house advertises, on which the relay sits with
//! the house's own port: the house is told of it as of the outer address of a NAT, and nothing in an answer is changed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// Loopback as well, and not the house's.
pub const OUTER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const HOUSE: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// What one side of one connection has said.
type Stream = Arc<Mutex<Vec<u8>>>;

/// Everything that has passed.
#[derive(Clone, Default)]
pub struct Copies {
    by_house: Arc<Mutex<Vec<Stream>>>,
    to_house: Arc<Mutex<Vec<Stream>>>,
    datagrams: Stream,
}

impl Copies {
    /// Each connection's bytes from the house, in order.
    pub fn by_house(&self) -> Vec<Vec<u8>> {
        taken(&self.by_house)
    }

    /// Each connection's bytes to the house, in order. What is said on a WebSocket is masked (RFC 6455 §5.3).
    pub fn to_house(&self) -> Vec<Vec<u8>> {
        taken(&self.to_house)
    }

    /// All datagrams of both directions, one after the other.
    pub fn datagrams(&self) -> Vec<u8> {
        self.datagrams.lock().unwrap().clone()
    }
}

fn taken(streams: &Mutex<Vec<Stream>>) -> Vec<Vec<u8>> {
    let streams = streams.lock().unwrap();
    streams.iter().map(|stream| stream.lock().unwrap().clone()).collect()
}

fn new_stream(streams: &Mutex<Vec<Stream>>) -> Stream {
    let stream = Stream::default();
    streams.lock().unwrap().push(Arc::clone(&stream));
    stream
}

/// The outer side of the media port: its number is to be the house's.
pub async fn outer_socket() -> UdpSocket {
    UdpSocket::bind((OUTER, 0)).await.unwrap()
}

/// Starts passing on. Gives where HTTP is reached.
pub async fn start(house_port: u16, outer: UdpSocket, copies: &Copies) -> SocketAddr {
    let listener = TcpListener::bind((HOUSE, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let kept = copies.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let house = TcpStream::connect((HOUSE, house_port)).await.unwrap();
            let (client_in, client_out) = client.into_split();
            let (house_in, house_out) = house.into_split();
            tokio::spawn(pass_on(client_in, house_out, new_stream(&kept.to_house)));
            tokio::spawn(pass_on(house_in, client_out, new_stream(&kept.by_house)));
        }
    });
    tokio::spawn(pass_datagrams_on(Arc::new(outer), Arc::clone(&copies.datagrams)));
    address
}

async fn pass_on(mut from: tokio::net::tcp::OwnedReadHalf, mut to: tokio::net::tcp::OwnedWriteHalf, kept: Stream) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        kept.lock().unwrap().extend(&buffer[..length]);
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

async fn pass_datagrams_on(outer: Arc<UdpSocket>, kept: Stream) {
    let port = outer.local_addr().unwrap().port();
    let mut inner: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut buffer = vec![0; 2048];
    while let Ok((length, client)) = outer.recv_from(&mut buffer).await {
        kept.lock().unwrap().extend(&buffer[..length]);
        if let Entry::Vacant(place) = inner.entry(client) {
            let socket = Arc::new(UdpSocket::bind((HOUSE, 0)).await.unwrap());
            socket.connect((HOUSE, port)).await.unwrap();
            tokio::spawn(answer(
                Arc::clone(&socket),
                Arc::clone(&outer),
                client,
                Arc::clone(&kept),
            ));
            place.insert(socket);
        }
        let _ = inner[&client].send(&buffer[..length]).await;
    }
}

async fn answer(inner: Arc<UdpSocket>, outer: Arc<UdpSocket>, client: SocketAddr, kept: Stream) {
    let mut buffer = vec![0; 2048];
    loop {
        // An error is the house's "port unreachable"; it may come up again.
        if let Ok(length) = inner.recv(&mut buffer).await {
            kept.lock().unwrap().extend(&buffer[..length]);
            let _ = outer.send_to(&buffer[..length], client).await;
        }
    }
}
