//! What stands between the house and everybody's media.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::UdpSocket;

/// Stands in the way of all media, and lets it through or not, at once or a little later. The house is told of it as of the
/// outer address of a NAT.
#[derive(Clone)]
pub(crate) struct Way {
    outer: Arc<UdpSocket>,
    barred: Arc<AtomicBool>,
    /// Datagrams are held up by anything between nothing and this.
    trembles_ms: u64,
    count: Arc<AtomicU64>,
}

impl Way {
    pub(crate) const OUTER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

    pub(crate) async fn new() -> Self {
        Self::trembling(0).await
    }

    pub(crate) async fn trembling(trembles_ms: u64) -> Self {
        Self {
            outer: Arc::new(UdpSocket::bind((Self::OUTER, 0)).await.unwrap()),
            barred: Arc::default(),
            trembles_ms,
            count: Arc::default(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.outer.local_addr().unwrap().port()
    }

    pub(crate) fn bar(&self, barred: bool) {
        self.barred.store(barred, Ordering::Relaxed);
    }

    /// Lets through what comes from now on.
    pub(crate) fn begin(&self) {
        tokio::spawn(self.clone().pass_on());
    }

    async fn pass_on(self) {
        let port = self.port();
        let mut inner: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
        let mut buffer = vec![0; 2_048];
        while let Ok((length, client)) = self.outer.recv_from(&mut buffer).await {
            if let Entry::Vacant(place) = inner.entry(client) {
                let socket = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap());
                socket.connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
                tokio::spawn(self.clone().answer(Arc::clone(&socket), client));
                place.insert(socket);
            }
            let to = Arc::clone(&inner[&client]);
            self.pass(&buffer[..length], move |bytes| async move {
                let _ = to.send(&bytes).await;
            })
            .await;
        }
    }

    async fn answer(self, from: Arc<UdpSocket>, client: SocketAddr) {
        let mut buffer = vec![0; 2_048];
        while let Ok(length) = from.recv(&mut buffer).await {
            let to = Arc::clone(&self.outer);
            self.pass(&buffer[..length], move |bytes| async move {
                let _ = to.send_to(&bytes, client).await;
            })
            .await;
        }
    }

    async fn pass<F: Future<Output = ()> + Send + 'static>(
        &self,
        datagram: &[u8],
        send: impl FnOnce(Vec<u8>) -> F + Send + 'static,
    ) {
        if self.barred.load(Ordering::Relaxed) {
            return;
        }
        let bytes = datagram.to_vec();
        if self.trembles_ms == 0 {
            return send(bytes).await;
        }
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let wait = (number * 7_919 + number * number * 31) % (self.trembles_ms + 1);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            send(bytes).await;
        });
    }
}
