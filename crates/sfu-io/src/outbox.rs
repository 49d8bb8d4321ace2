//! What is to be sent, by receiver, and the runs that are made of it.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;

use socket2::SockAddr;

use crate::batch::{Run, send};

/// Datagrams in one run. The kernel takes 64.
const RUN_MAX: usize = 60;

/// Bytes in one run. All of it is one message of at most 65,507 bytes before it is cut up.
const RUN_BYTES_MAX: usize = 60_000;

/// Receivers remembered to which no runs can go. When there are more, all are forgotten and tried anew: one refused
/// call each.
const REFUSING_MAX: usize = 1024;

/// Collects datagrams and sends them, those to one receiver together and in order.
#[derive(Default)]
pub(crate) struct Outbox {
    queues: Vec<Queue>,
    /// How many of the queues, from the first, have something in them. The others keep their memory.
    used: usize,
    places: HashMap<SocketAddr, usize>,
    latest: Option<(SocketAddr, usize)>,
    cutting: Cutting,
    /// Datagrams that the system did not take.
    lost: u64,
}

/// What waits for one receiver.
struct Queue {
    destination: SockAddr,
    datagrams: Vec<Vec<u8>>,
}

/// What is known of the kernel's cutting up of messages (UDP GSO).
#[derive(Default)]
enum Cutting {
    /// It is not there, or has failed for a reason that stays.
    #[default]
    Off,
    /// It works, but for these receivers: the way to them takes no datagram of the length that was tried, say.
    On { refusing: HashSet<SockAddr> },
}

impl Cutting {
    fn works_for(&self, destination: &SockAddr) -> bool {
        match self {
            Cutting::Off => false,
            Cutting::On { refusing } => refusing.is_empty() || !refusing.contains(destination),
        }
    }

    /// A run was refused. Gives whether its datagrams should be tried one by one.
    fn refused(&mut self, destination: &SockAddr, error: &io::Error) -> bool {
        let Cutting::On { refusing } = self else { return false };
        match error.raw_os_error() {
            // No device on the way computes checksums, or it is encrypted there (IPsec): no run will ever go out.
            Some(libc::EIO) => {
                tracing::info!("datagrams go out one by one: the network device cannot cut up messages");
                *self = Cutting::Off;
                true
            }
            Some(libc::EINVAL | libc::EMSGSIZE | libc::EOPNOTSUPP) => {
                if refusing.len() >= REFUSING_MAX {
                    refusing.clear();
                }
                refusing.insert(destination.clone());
                true
            }
            _ => false,
        }
    }
}

impl Outbox {
    /// An outbox that makes runs if `runs`, which the kernel must be known to take.
    pub(crate) fn new(runs: Runs) -> Self {
        Outbox {
            cutting: match runs {
                Runs::Cut => Cutting::On {
                    refusing: HashSet::new(),
                },
                Runs::None => Cutting::Off,
            },
            ..Outbox::default()
        }
    }

    /// Adds a datagram.
    pub(crate) fn push(&mut self, destination: SocketAddr, datagram: Vec<u8>) {
        let place = match self.latest {
            Some((latest, place)) if latest == destination => place,
            _ => self.place_of(destination),
        };
        self.latest = Some((destination, place));
        if let Some(queue) = self.queues.get_mut(place) {
            queue.datagrams.push(datagram);
        }
    }

    fn place_of(&mut self, destination: SocketAddr) -> usize {
        let next = self.used;
        let place = *self.places.entry(destination).or_insert(next);
        if place == next {
            self.used += 1;
            match self.queues.get_mut(place) {
                Some(queue) => queue.destination = destination.into(),
                None => self.queues.push(Queue {
                    destination: destination.into(),
                    datagrams: Vec::new(),
                }),
            }
        }
        place
    }

    /// Datagrams that the system did not take, so far.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }

    /// Sends all. What the system does not take now is lost: a full buffer is congestion, and media must not wait.
    /// Gives out the memory of each datagram.
    pub(crate) fn send(&mut self, socket: BorrowedFd<'_>, spent: impl FnMut(Vec<u8>)) {
        let Outbox {
            queues,
            used,
            cutting,
            lost,
            ..
        } = self;
        let queues = queues.get_mut(..*used).unwrap_or_default();
        let mut runs = Vec::with_capacity(queues.len());
        for queue in &*queues {
            let together = cutting.works_for(&queue.destination);
            runs.extend(runs_of(&queue.datagrams, together).map(|datagrams| Run {
                destination: &queue.destination,
                datagrams,
            }));
        }
        let mut left = runs.as_slice();
        while let Some((first, others)) = left.split_first() {
            match send(socket, left) {
                Ok(sent) => left = left.get(sent.max(1)..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    left = others;
                    let one_by_one = first.datagrams.len() > 1 && cutting.refused(first.destination, &error);
                    *lost += if one_by_one {
                        send_singly(socket, first)
                    } else {
                        tracing::trace!(%error, "datagrams were lost on sending");
                        first.datagrams.len() as u64
                    };
                }
            }
        }
        queues
            .iter_mut()
            .flat_map(|queue| queue.datagrams.drain(..))
            .for_each(spent);
        self.used = 0;
        self.latest = None;
        self.places.clear();
    }
}

/// Whether the kernel cuts up runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    /// It does.
    Cut,
    /// It does not.
    None,
}

/// Sends the datagrams of a run one by one. Gives how many were lost.
fn send_singly(socket: BorrowedFd<'_>, run: &Run<'_>) -> u64 {
    let mut lost = 0;
    for datagram in run.datagrams.chunks(1) {
        let single = Run {
            destination: run.destination,
            datagrams: datagram,
        };
        while let Err(error) = send(socket, &[single]) {
            if error.kind() != io::ErrorKind::Interrupted {
                lost += 1;
                break;
            }
        }
    }
    lost
}

/// Cuts a receiver's datagrams into runs, in order: all of one length, and then perhaps a shorter one.
fn runs_of(datagrams: &[Vec<u8>], together: bool) -> impl Iterator<Item = &[Vec<u8>]> {
    let mut left = datagrams;
    std::iter::from_fn(move || {
        let longest = left.first()?.len();
        let most = if together {
            RUN_MAX.min(RUN_BYTES_MAX / longest.max(1)).max(1)
        } else {
            1
        };
        let equal = left.iter().take(most).take_while(|datagram| datagram.len() == longest);
        let mut length = equal.count();
        let shorter = left.get(length).is_some_and(|next| next.len() < longest);
        if shorter && length < most {
            length += 1;
        }
        let (run, others) = left.split_at_checked(length)?;
        left = others;
        Some(run)
    })
}

#[cfg(test)]
mod tests;
