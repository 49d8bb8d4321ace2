//! The UDP socket: where datagrams enter and leave, many at a time.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};

use mio::net::UdpSocket;
use nix::sys::socket::{getsockopt, setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};

use crate::batch::Arrivals;
use crate::outbox::{Outbox, Runs};

/// Bytes the system may hold for us in each direction: a tenth of a second at 300 Mbit/s. The system may give less.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// A bound socket that never blocks.
pub(crate) struct MediaSocket {
    pub(crate) socket: UdpSocket,
    local: SocketAddr,
    outbox: Outbox,
}

impl MediaSocket {
    /// So many sockets at one address. The kernel spreads what comes over them by the addresses of sender and receiver.
    pub(crate) fn bind_all(address: SocketAddr, count: usize) -> io::Result<Vec<Self>> {
        // The first takes the port for itself, or two houses could share one without knowing. Only then is it opened to the
        // others.
        let first = MediaSocket::bind(address, Sharing::Alone)?;
        let local = first.local();
        if count > 1 {
            setsockopt(&first.socket, sockopt::ReusePort, &true)?;
        }
        let mut all = vec![first];
        for _ in 1..count {
            all.push(MediaSocket::bind(local, Sharing::Shared)?);
        }
        Ok(all)
    }

    fn bind(address: SocketAddr, sharing: Sharing) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if sharing == Sharing::Shared {
            setsockopt(&socket, sockopt::ReusePort, &true)?;
        }
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
        // Without it datagrams come one by one, and are taken as they come.
        if let Err(error) = setsockopt(&socket, sockopt::UdpGroSegment, &true) {
            tracing::info!(%error, "the kernel does not join datagrams on receiving");
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let socket: std::net::UdpSocket = socket.into();
        let local = socket.local_addr()?;
        Ok(MediaSocket {
            outbox: Outbox::new(runs_taken(socket.as_fd())),
            socket: UdpSocket::from_std(socket),
            local,
        })
    }

    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }

    /// Takes datagrams that wait. Gives how many messages of them there were.
    pub(crate) fn receive(&self, arrivals: &mut Arrivals) -> usize {
        loop {
            match arrivals.receive(self.descriptor()) {
                Ok(messages) => return messages,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return 0,
                // An earlier datagram's "port unreachable", or a signal: the next call reads on.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionRefused | io::ErrorKind::Interrupted
                    ) => {}
                Err(error) => {
                    tracing::warn!(%error, "receiving failed");
                    return 0;
                }
            }
        }
    }

    /// Puts a datagram with those that go out next.
    pub(crate) fn push(&mut self, destination: SocketAddr, datagram: Vec<u8>) {
        let destination = if self.local.is_ipv6() {
            mapped(destination)
        } else {
            destination
        };
        self.outbox.push(destination, datagram);
    }

    /// Sends all that was put there, or loses it: a full buffer is congestion, and media must not wait.
    /// Gives out the memory of each datagram.
    pub(crate) fn send(&mut self, spent: impl FnMut(Vec<u8>)) {
        let before = self.outbox.lost();
        let MediaSocket { socket, outbox, .. } = self;
        outbox.send(socket.as_fd(), spent);
        let lost = outbox.lost() - before;
        if lost > 0 {
            tracing::debug!(lost, "the system did not take all datagrams");
        }
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Whether a socket takes a port that others have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sharing {
    /// Only one that nobody has.
    Alone,
    /// One that others of ours have.
    Shared,
}

/// Whether the kernel cuts up messages: one that does not know the option would send them as they are.
fn runs_taken(socket: BorrowedFd<'_>) -> Runs {
    match getsockopt(&socket, sockopt::UdpGsoSegment) {
        Ok(_) => Runs::Cut,
        Err(error) => {
            tracing::info!(%error, "the kernel does not cut up messages: datagrams go out one by one");
            Runs::None
        }
    }
}

/// An IPv4 address that came in over an IPv6 socket, as itself.
pub(crate) fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// An IPv4 address as an IPv6 socket wants it.
fn mapped(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
        SocketAddr::V6(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Waits for so many datagrams.
    fn take(socket: &MediaSocket, count: usize) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut arrivals = Arrivals::new();
        let mut taken = Vec::new();
        let until = std::time::Instant::now() + Duration::from_secs(5);
        while taken.len() < count {
            assert!(std::time::Instant::now() < until, "only {} came", taken.len());
            socket.receive(&mut arrivals);
            let datagrams = arrivals.datagrams();
            taken.extend(datagrams.map(|(source, bytes)| (plain(source), bytes.to_vec())));
        }
        taken
    }

    /// Runs of two lengths, which the kernel joins on the way where it can, and a great many datagrams.
    fn many() -> Vec<Vec<u8>> {
        let lengths = [1160, 1160, 1159, 1159, 30, 1160];
        (0..200u8)
            .map(|number| vec![number; lengths[usize::from(number) % lengths.len()]])
            .collect()
    }

    fn carry(from: &mut MediaSocket, to: &MediaSocket, destination: SocketAddr, source: SocketAddr) {
        for datagram in many() {
            from.push(destination, datagram);
        }
        from.send(drop);
        let sent: Vec<_> = many().into_iter().map(|bytes| (source, bytes)).collect();
        assert_eq!(take(to, sent.len()), sent);
    }

    #[test]
    fn what_is_sent_in_runs_is_received_whole_and_in_order() {
        let mut from = MediaSocket::bind("127.0.0.1:0".parse().unwrap(), Sharing::Alone).unwrap();
        let to = MediaSocket::bind("127.0.0.1:0".parse().unwrap(), Sharing::Alone).unwrap();
        let source = from.local();
        carry(&mut from, &to, to.local(), source);
    }

    #[test]
    fn a_kernel_that_joins_nothing_gives_the_same_datagrams() {
        let mut from = MediaSocket::bind("127.0.0.1:0".parse().unwrap(), Sharing::Alone).unwrap();
        let to = MediaSocket::bind("127.0.0.1:0".parse().unwrap(), Sharing::Alone).unwrap();
        setsockopt(&to.socket, sockopt::UdpGroSegment, &false).unwrap();
        let source = from.local();
        carry(&mut from, &to, to.local(), source);
    }

    #[test]
    fn a_socket_of_ipv6_speaks_ipv4_and_names_its_addresses_so() {
        let Ok(mut any) = MediaSocket::bind("[::]:0".parse().unwrap(), Sharing::Alone) else {
            // A machine without IPv6.
            return;
        };
        let mut four = MediaSocket::bind("127.0.0.1:0".parse().unwrap(), Sharing::Alone).unwrap();
        let (any_at, four_at) = (SocketAddr::from(([127, 0, 0, 1], any.local().port())), four.local());
        carry(&mut any, &four, four_at, any_at);
        carry(&mut four, &any, any_at, four_at);
    }

    #[test]
    fn a_port_that_others_of_ours_share_is_nobody_elses() {
        let ours = MediaSocket::bind_all("127.0.0.1:0".parse().unwrap(), 3).unwrap();
        let local = ours[0].local();
        assert!(ours.iter().all(|socket| socket.local() == local));
        let second = MediaSocket::bind_all(local, 3)
            .map(|_| ())
            .map_err(|error| error.kind());
        assert_eq!(second, Err(io::ErrorKind::AddrInUse));
        drop(ours);
        assert!(MediaSocket::bind_all(local, 2).is_ok());
    }
}
