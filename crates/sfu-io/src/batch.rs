//! Many datagrams in one system call, and runs of equal ones to one receiver as one message that the kernel cuts up
//! (UDP GSO); the same the other way (`recvmmsg`, UDP GRO).
//!
//! With `unsafe`, since what `nix` has of this cannot give each message a segment size of its own, and forgets
//! the room for control messages after the first call.
#![expect(unsafe_code, reason = "system calls that no library offers as they are needed")]

use std::io;
use std::mem::{size_of, zeroed};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use socket2::{SockAddr, SockAddrStorage};

/// Messages received in one call. More would wait longer for the first to be forwarded, and hold more memory.
pub(crate) const RECEIVED_MAX: usize = 32;

/// Messages sent in one call. The kernel takes 1024; from some tens on nothing is gained.
pub(crate) const SENT_MAX: usize = 64;

/// Bytes of one received message: what the kernel has joined is at most this.
const MESSAGE_BYTES_MAX: usize = 65_535;

/// From the beginning of one message's place to that of the next. No power of two, or the beginnings of all of them
/// would contend for the same few lines of the processor's cache.
const MESSAGE_PLACE_BYTES: usize = 65_536 + 2_048 + 64;

/// Stands for a sender without an address.
const NOBODY: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));

/// Room for the one control message that is used in each direction, an integer of at most four bytes.
// SAFETY: arithmetic on a length.
const CONTROL_BYTES: usize = unsafe { libc::CMSG_SPACE(size_of::<libc::c_int>() as u32) } as usize;

/// Room for control messages, aligned as the kernel's header of one.
#[derive(Clone, Copy)]
#[repr(C)]
union Control {
    header: libc::cmsghdr,
    bytes: [u8; CONTROL_BYTES],
}

impl Control {
    fn empty() -> Self {
        Control {
            bytes: [0; CONTROL_BYTES],
        }
    }
}

/// Where received datagrams lie until the next call.
pub(crate) struct Arrivals {
    bytes: Vec<u8>,
    messages: Vec<Message>,
}

/// What one received message is.
struct Message {
    source: SocketAddr,
    length: usize,
    /// Length of each datagram in it but the last, which may be shorter.
    segment: usize,
}

impl Arrivals {
    pub(crate) fn new() -> Self {
        Arrivals {
            bytes: vec![0; RECEIVED_MAX * MESSAGE_PLACE_BYTES],
            messages: Vec::with_capacity(RECEIVED_MAX),
        }
    }

    /// Takes what waits in a socket that does not block, up to [`RECEIVED_MAX`] messages, in place of what was here.
    /// Gives how many messages there were.
    pub(crate) fn receive(&mut self, socket: BorrowedFd<'_>) -> io::Result<usize> {
        self.messages.clear();
        // SAFETY: for these structures of integers and pointers, all zeros are a value.
        let mut headers: [libc::mmsghdr; RECEIVED_MAX] = unsafe { zeroed() };
        let mut slices = [libc::iovec {
            iov_base: ptr::null_mut(),
            iov_len: MESSAGE_BYTES_MAX,
        }; RECEIVED_MAX];
        let mut names: [SockAddrStorage; RECEIVED_MAX] = std::array::from_fn(|_| SockAddrStorage::zeroed());
        let mut controls = [Control::empty(); RECEIVED_MAX];
        let places = self.bytes.chunks_exact_mut(MESSAGE_PLACE_BYTES);
        for ((((header, slice), name), control), place) in headers
            .iter_mut()
            .zip(&mut slices)
            .zip(&mut names)
            .zip(&mut controls)
            .zip(places)
        {
            slice.iov_base = place.as_mut_ptr().cast();
            header.msg_hdr.msg_iov = slice;
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_name = ptr::from_mut(name).cast();
            header.msg_hdr.msg_namelen = size_of::<SockAddrStorage>() as libc::socklen_t;
            header.msg_hdr.msg_control = ptr::from_mut(control).cast();
            header.msg_hdr.msg_controllen = CONTROL_BYTES as _;
        }
        // SAFETY: each header points to one slice of a place of at least its length, a name and a control buffer of the
        // lengths told; all of them outlive the call and are used by nobody else meanwhile.
        let received = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                RECEIVED_MAX as u32,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let received = usize::try_from(received).map_err(|_| io::Error::last_os_error())?;
        for (header, name) in headers.iter().zip(names).take(received) {
            // SAFETY: the kernel has written an address of this length into zeros.
            let source = unsafe { SockAddr::new(name, header.msg_hdr.msg_namelen) }.as_socket();
            // What has no address of the Internet is nobody's, and is given out as nothing.
            let length = source.map_or(0, |_| header.msg_len as usize);
            self.messages.push(Message {
                source: source.unwrap_or(NOBODY),
                length,
                segment: joined_of(&header.msg_hdr).unwrap_or(length),
            });
        }
        Ok(received)
    }

    /// The datagrams that were received, in order, each with who sent it.
    pub(crate) fn datagrams(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        let places = self.bytes.chunks_exact(MESSAGE_PLACE_BYTES);
        self.messages.iter().zip(places).flat_map(|(message, place)| {
            let bytes = place.get(..message.length).unwrap_or_default();
            bytes
                .chunks(message.segment.max(1))
                .map(|datagram| (message.source, datagram))
        })
    }
}

/// The segment size that the kernel tells of datagrams that it has joined.
fn joined_of(header: &libc::msghdr) -> Option<usize> {
    // SAFETY: the kernel has filled the control buffer that the header points to, and has told its length; the buffer
    // lives in the caller.
    let mut control = unsafe { libc::CMSG_FIRSTHDR(header) };
    while !control.is_null() {
        // SAFETY: not null, so it is a whole header within the buffer, and aligned as the buffer is.
        let told = unsafe { &*control };
        if (told.cmsg_level, told.cmsg_type) == (libc::SOL_UDP, libc::UDP_GRO) {
            // SAFETY: the payload of this kind is an integer, behind the header; it need not be aligned.
            let segment: libc::c_int = unsafe { ptr::read_unaligned(libc::CMSG_DATA(control).cast()) };
            return usize::try_from(segment).ok().filter(|segment| *segment > 0);
        }
        // SAFETY: both point into the same buffer, as above.
        control = unsafe { libc::CMSG_NXTHDR(header, control) };
    }
    None
}

/// Datagrams to one receiver that go out as one message: all of the same length, but the last may be shorter.
#[derive(Clone, Copy)]
pub(crate) struct Run<'d> {
    pub(crate) destination: &'d SockAddr,
    pub(crate) datagrams: &'d [Vec<u8>],
}

/// Sends the first runs, up to [`SENT_MAX`] of them. Gives how many went out whole, at least one; an error is that of
/// the first.
pub(crate) fn send(socket: BorrowedFd<'_>, runs: &[Run<'_>]) -> io::Result<usize> {
    let runs = runs.get(..SENT_MAX).unwrap_or(runs);
    // SAFETY: for these structures of integers and pointers, all zeros are a value.
    let mut headers: [libc::mmsghdr; SENT_MAX] = unsafe { zeroed() };
    let mut controls = [Control::empty(); SENT_MAX];
    let datagrams = || runs.iter().flat_map(|run| run.datagrams);
    let mut slices: Vec<libc::iovec> = Vec::with_capacity(datagrams().count());
    slices.extend(datagrams().map(|datagram| libc::iovec {
        // The kernel only reads it.
        iov_base: datagram.as_ptr().cast_mut().cast(),
        iov_len: datagram.len(),
    }));
    let mut next = slices.as_mut_ptr();
    for ((header, control), run) in headers.iter_mut().zip(&mut controls).zip(runs) {
        let header = &mut header.msg_hdr;
        header.msg_iov = next;
        header.msg_iovlen = run.datagrams.len() as _;
        next = next.wrapping_add(run.datagrams.len());
        header.msg_name = run.destination.as_ptr().cast_mut().cast();
        header.msg_namelen = run.destination.len();
        if let [longest, _, ..] = run.datagrams {
            header.msg_control = ptr::from_mut(control).cast();
            header.msg_controllen = CONTROL_BYTES as _;
            // Longer than a datagram can be is what the kernel refuses anyway.
            cut_into(header, u16::try_from(longest.len()).unwrap_or(u16::MAX));
        }
    }
    // SAFETY: each header points to as many slices as told, each of which is a borrowed datagram; to an address of the
    // length told; and to no control buffer, or one of the length told, filled by `cut_into`. All outlive the call.
    let sent = unsafe { libc::sendmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), runs.len() as u32, 0) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Tells the kernel to cut a message into datagrams of this length.
fn cut_into(header: &mut libc::msghdr, segment: u16) {
    // SAFETY: the header points to a control buffer of the length told, which has room for one integer.
    let control = unsafe { libc::CMSG_FIRSTHDR(header) };
    // SAFETY: not null, for the buffer is long enough, and aligned as the buffer is.
    if let Some(told) = unsafe { control.as_mut() } {
        told.cmsg_level = libc::SOL_UDP;
        told.cmsg_type = libc::UDP_SEGMENT;
        // SAFETY: arithmetic on a length.
        told.cmsg_len = unsafe { libc::CMSG_LEN(size_of::<u16>() as u32) } as _;
        // SAFETY: the payload lies behind the header, within the buffer; it need not be aligned.
        unsafe { ptr::write_unaligned(libc::CMSG_DATA(control).cast(), segment) };
    }
}

/// Turns a socket's checksums off: then the kernel refuses to cut up its messages, as some devices do.
#[cfg(test)]
pub(crate) fn without_checksums(socket: BorrowedFd<'_>) {
    let on: libc::c_int = 1;
    // SAFETY: the option is an integer, which is borrowed for the call.
    let outcome = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_NO_CHECK,
            ptr::from_ref(&on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    assert_eq!(outcome, 0);
}
