use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::time::Duration;

use super::*;
use crate::batch::without_checksums;

fn of_lengths(lengths: &[usize]) -> Vec<Vec<u8>> {
    lengths.iter().map(|length| vec![7; *length]).collect()
}

fn cut(lengths: &[usize], together: bool) -> Vec<usize> {
    runs_of(&of_lengths(lengths), together).map(<[_]>::len).collect()
}

#[test]
fn equal_datagrams_and_a_last_shorter_one_are_a_run() {
    assert_eq!(cut(&[1160, 1160, 1160], true), [3]);
    assert_eq!(cut(&[1161, 1161, 1160, 1160], true), [3, 1]);
    assert_eq!(cut(&[1160, 1161, 1161], true), [1, 2]);
    assert_eq!(cut(&[100, 1200, 1200, 100, 100], true), [1, 3, 1]);
    assert_eq!(cut(&[], true), [0; 0]);
}

#[test]
fn a_run_is_never_longer_than_the_kernel_takes() {
    assert_eq!(cut(&[1200; 120], true), [50, 50, 20]);
    assert_eq!(cut(&[10; 130], true), [60, 60, 10]);
    assert_eq!(cut(&[65_000, 65_000], true), [1, 1]);
}

#[test]
fn without_cutting_every_datagram_goes_alone() {
    assert_eq!(cut(&[1160, 1160, 1160], false), [1, 1, 1]);
}

struct Wire {
    from: UdpSocket,
    to: UdpSocket,
    also_to: UdpSocket,
}

fn wire() -> Wire {
    let bind = || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        socket
    };
    Wire {
        from: bind(),
        to: bind(),
        also_to: bind(),
    }
}

impl Wire {
    /// Sends datagrams of these lengths in turns to both, each with its number in its first byte, and checks that both
    /// get all of theirs whole and in order.
    fn carry(&self, outbox: &mut Outbox, lengths: &[usize]) {
        for (number, length) in lengths.iter().enumerate() {
            for socket in [&self.to, &self.also_to] {
                let mut datagram = vec![9; *length];
                datagram[0] = number as u8;
                outbox.push(socket.local_addr().unwrap(), datagram);
            }
        }
        outbox.send(self.from.as_fd(), drop);
        for socket in [&self.to, &self.also_to] {
            let mut buffer = [0; 2048];
            for (number, length) in lengths.iter().enumerate() {
                assert_eq!(socket.recv(&mut buffer).unwrap(), *length);
                assert_eq!(buffer[0], number as u8);
            }
        }
        assert_eq!(outbox.lost(), 0);
    }
}

#[test]
fn runs_arrive_as_the_datagrams_they_were_made_of() {
    let mut outbox = Outbox::new(Runs::Cut);
    let wire = wire();
    wire.carry(&mut outbox, &[1161, 1161, 1160, 1160, 90, 90, 40]);
    wire.carry(&mut outbox, &[300; 100]);
    assert!(matches!(&outbox.cutting, Cutting::On { refusing } if refusing.is_empty()));
}

#[test]
fn a_kernel_that_cannot_cut_up_messages_gets_them_one_by_one() {
    wire().carry(&mut Outbox::new(Runs::None), &[1161, 1161, 1160]);
}

#[test]
fn what_is_refused_as_a_run_goes_out_one_by_one_and_is_not_tried_again() {
    let mut outbox = Outbox::new(Runs::Cut);
    let wire = wire();
    // Without checksums the kernel cuts nothing up: EINVAL.
    without_checksums(wire.from.as_fd());
    wire.carry(&mut outbox, &[1161, 1161, 1160]);
    assert!(matches!(&outbox.cutting, Cutting::On { refusing } if refusing.len() == 2));
    wire.carry(&mut outbox, &[500, 500]);
}

#[test]
fn a_device_that_cannot_cut_up_messages_ends_all_runs() {
    let mut outbox = Outbox::new(Runs::Cut);
    let somebody = SockAddr::from(SocketAddr::from(([192, 0, 2, 1], 1)));
    assert!(
        outbox
            .cutting
            .refused(&somebody, &io::Error::from_raw_os_error(libc::EIO))
    );
    assert!(matches!(outbox.cutting, Cutting::Off));
    wire().carry(&mut outbox, &[200, 200]);
}

#[test]
fn other_failures_are_losses_and_no_reason_to_doubt_the_kernel() {
    let mut cutting = Outbox::new(Runs::Cut).cutting;
    let somebody = SockAddr::from(SocketAddr::from(([192, 0, 2, 1], 1)));
    for code in [libc::EAGAIN, libc::ECONNREFUSED, libc::ENETUNREACH, libc::EPERM] {
        assert!(!cutting.refused(&somebody, &io::Error::from_raw_os_error(code)));
    }
    assert!(cutting.works_for(&somebody));
}

#[test]
fn one_receiver_out_of_reach_keeps_nothing_from_the_others() {
    let mut outbox = Outbox::new(Runs::Cut);
    let wire = wire();
    // A socket of IPv4 cannot send to IPv6.
    let unreachable = "[::1]:9".parse().unwrap();
    outbox.push(unreachable, vec![2; 10]);
    for _ in 0..3 {
        outbox.push(wire.to.local_addr().unwrap(), vec![1; 10]);
        outbox.push(unreachable, vec![2; 10]);
        outbox.push(wire.also_to.local_addr().unwrap(), vec![3; 10]);
    }
    outbox.send(wire.from.as_fd(), drop);
    let mut buffer = [0; 64];
    for _ in 0..3 {
        assert_eq!(wire.to.recv(&mut buffer).unwrap(), 10);
        assert_eq!(wire.also_to.recv(&mut buffer).unwrap(), 10);
    }
    assert_eq!(outbox.lost(), 4);
}
