//! The UDP socket: the one place where datagrams enter and leave, so the one place to batch system calls.

use std::io;
use std::net::SocketAddr;

use mio::net::UdpSocket;
use socket2::{Domain, Protocol, Socket, Type};

/// Bytes the system may hold for us in each direction: a tenth of a second at 300 Mbit/s. The system may give less.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// A bound socket that never blocks.
pub(crate) struct MediaSocket {
    pub(crate) socket: UdpSocket,
    local: SocketAddr,
}

impl MediaSocket {
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() && address.ip().is_unspecified() {
            socket.set_only_v6(false)?;
        }
        // Less is no reason not to start.
        for outcome in [
            socket.set_recv_buffer_size(BUFFER_BYTES),
            socket.set_send_buffer_size(BUFFER_BYTES),
        ] {
            if let Err(error) = outcome {
                tracing::warn!(%error, "the system refused a larger socket buffer");
            }
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let socket: std::net::UdpSocket = socket.into();
        let local = socket.local_addr()?;
        Ok(MediaSocket {
            socket: UdpSocket::from_std(socket),
            local,
        })
    }

    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }

    /// The next datagram that waits, if any.
    pub(crate) fn receive<'b>(&self, buffer: &'b mut [u8]) -> Option<(SocketAddr, &'b [u8])> {
        loop {
            match self.socket.recv_from(buffer) {
                Ok((length, source)) => return Some((plain(source), buffer.get(..length)?)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                // An earlier datagram's "port unreachable", or a signal: the next call reads on.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionRefused | io::ErrorKind::Interrupted
                    ) => {}
                Err(error) => {
                    tracing::warn!(%error, "receiving failed");
                    return None;
                }
            }
        }
    }

    /// Sends, or loses the datagram: a full buffer is congestion, and media must not wait.
    pub(crate) fn send(&self, destination: SocketAddr, bytes: &[u8]) {
        let destination = if self.local.is_ipv6() {
            mapped(destination)
        } else {
            destination
        };
        if let Err(error) = self.socket.send_to(bytes, destination) {
            tracing::trace!(%error, "a datagram was lost on sending");
        }
    }
}

/// An IPv4 address that came in over an IPv6 socket, as itself.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// An IPv4 address as an IPv6 socket wants it.
fn mapped(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
        SocketAddr::V6(_) => address,
    }
}
