//! How many sockets each address has open: one address cannot use up what is there for all.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use incamera_protocol::ErrorCode;

use crate::problem::Problem;

/// What is open now. A look-up table only, never walked: it holds no address that has nothing open.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    max: Option<usize>,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One socket that is open; when this is dropped it no longer is.
#[derive(Debug)]
pub(crate) struct OpenSocket {
    address: IpAddr,
    addresses: Addresses,
}

impl Addresses {
    /// With a limit for each address, or none.
    pub(crate) fn up_to(max: Option<usize>) -> Self {
        Addresses {
            max,
            open: Arc::default(),
        }
    }

    /// One socket more from there.
    pub(crate) fn open(&self, address: IpAddr) -> Result<OpenSocket, Problem> {
        let address = network_of(address);
        let mut open = self.lock();
        let count = open.get(&address).copied().unwrap_or(0);
        if self.max.is_some_and(|max| count >= max) {
            let message = "Too many connections to this house come from your address. Please close some.";
            return Err(Problem::new(ErrorCode::TooMany, message));
        }
        open.insert(address, count + 1);
        Ok(OpenSocket {
            address,
            addresses: self.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        let mut open = self.addresses.lock();
        match open.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                open.remove(&self.address);
            }
        }
    }
}

/// What one party usually has: an address of IPv4, the first 64 bits of one of IPv6.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_and_another_as_many() {
        let addresses = Addresses::up_to(Some(2));
        let (here, there) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = addresses.open(here).unwrap();
        let _second = addresses.open(here).unwrap();
        assert_eq!(addresses.open(here).unwrap_err().code, ErrorCode::TooMany);
        let _other = addresses.open(there).unwrap();
        drop(first);
        assert!(addresses.open(here).is_ok());
    }

    #[test]
    fn nothing_is_kept_of_who_is_gone() {
        let addresses = Addresses::up_to(Some(2));
        drop(addresses.open("192.0.2.1".parse().unwrap()));
        assert!(addresses.lock().is_empty());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_ipv4_in_ipv6_is_ipv4() {
        let addresses = Addresses::up_to(Some(1));
        let open = |text: &str| addresses.open(text.parse().unwrap());
        let _six = open("2001:db8::1").unwrap();
        assert!(open("2001:db8::2").is_err());
        let _next = open("2001:db8:0:1::1").unwrap();
        let _four = open("192.0.2.1").unwrap();
        assert!(open("::ffff:192.0.2.1").is_err());
    }

    #[test]
    fn without_a_limit_there_is_none() {
        let addresses = Addresses::up_to(None);
        let address = "192.0.2.1".parse().unwrap();
        let all: Vec<_> = (0..5_000).map(|_| addresses.open(address)).collect();
        assert!(all.iter().all(Result::is_ok));
    }
}
