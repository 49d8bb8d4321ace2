//! Which addresses clients are told.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// The candidates for a socket bound to `bound`: the addresses to advertise, with its port.
///
/// With nothing to advertise, a socket bound to one address has that one; a socket bound to "any" has the addresses
/// from which this machine would reach the world, or loopback if it cannot.
pub fn candidates(bound: SocketAddr, advertise: &[IpAddr]) -> Vec<SocketAddr> {
    let addresses = match advertise {
        [] if !bound.ip().is_unspecified() => vec![bound.ip()],
        [] => local_addresses(bound.ip()),
        given => given.to_vec(),
    };
    addresses
        .into_iter()
        .map(|address| SocketAddr::new(address, bound.port()))
        .collect()
}

fn local_addresses(any: IpAddr) -> Vec<IpAddr> {
    // Documentation addresses (RFC 5737, RFC 3849): connecting a UDP socket chooses a route and sends nothing.
    let v4 = || outward(Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(192, 0, 2, 1).into());
    let v6 = || {
        outward(
            Ipv6Addr::UNSPECIFIED.into(),
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
        )
    };
    let found: Vec<IpAddr> = match any {
        IpAddr::V4(_) => v4().into_iter().collect(),
        // A socket bound to [::] takes IPv4 as well.
        IpAddr::V6(_) => v4().into_iter().chain(v6()).collect(),
    };
    if found.is_empty() {
        vec![Ipv4Addr::LOCALHOST.into()]
    } else {
        found
    }
}

/// The address from which `target` would be reached.
fn outward(from: IpAddr, target: IpAddr) -> io::Result<IpAddr> {
    let socket = UdpSocket::bind((from, 0))?;
    socket.connect((target, 9))?;
    let address = socket.local_addr()?.ip();
    if address.is_unspecified() {
        Err(io::ErrorKind::AddrNotAvailable.into())
    } else {
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_advertised_is_used_with_the_sockets_port() {
        let bound = "10.0.0.1:3478".parse().unwrap();
        let public: IpAddr = "192.0.2.7".parse().unwrap();
        assert_eq!(candidates(bound, &[public]), ["192.0.2.7:3478".parse().unwrap()]);
    }

    #[test]
    fn a_socket_on_one_address_has_that_one() {
        let loopback = "127.0.0.1:3478".parse().unwrap();
        assert_eq!(candidates(loopback, &[]), [loopback]);
    }

    #[test]
    fn a_socket_on_any_address_has_real_ones() {
        for any in ["0.0.0.0:3478", "[::]:3478"] {
            let found = candidates(any.parse().unwrap(), &[]);
            assert!(!found.is_empty());
            assert!(
                found
                    .iter()
                    .all(|address| !address.ip().is_unspecified() && address.port() == 3478)
            );
        }
    }
}
