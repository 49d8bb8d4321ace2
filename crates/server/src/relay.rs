//! An external TURN relay (RFC 8656): the operator names it and shares a secret with it, clients get credentials that
//! last a while. The shape is the one that coturn calls `use-auth-secret`: the user name is the time at which it ends,
//! the password an HMAC-SHA1 of it under the secret, in base64 (draft-uberti-behave-turn-rest-00 §2.2).

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use incamera_protocol::limits;
use zeroize::Zeroizing;

/// Where clients find the relay, and the secret that it shares with the house.
#[derive(Debug, Clone)]
pub struct Relay {
    /// At most [`limits::RELAY_URLS_MAX`].
    pub urls: Vec<RelayUrl>,
    /// The relay's `static-auth-secret`.
    pub secret: RelaySecret,
}

/// The operator's fault: this is no relay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayFault {
    /// Not an address of RFC 7065.
    #[error("a relay's address is turn:HOST[:PORT][?transport=udp|tcp], or turns: for TLS")]
    Url,
    /// More than [`limits::RELAY_URLS_MAX`], or none.
    #[error("a relay has between 1 and {} addresses", limits::RELAY_URLS_MAX)]
    Urls,
    /// Too short to be kept from whoever guesses.
    #[error("a relay's secret has at least {SECRET_BYTES_MIN} bytes; `openssl rand -hex 32` makes one")]
    Secret,
}

/// What a client has of the relay is one HMAC and its input, at which it can try secrets offline: 128 bits in hex.
const SECRET_BYTES_MIN: usize = 32;

impl Relay {
    /// A relay as the operator describes it.
    pub fn new(urls: Vec<RelayUrl>, secret: RelaySecret) -> Result<Self, RelayFault> {
        if urls.is_empty() || urls.len() > limits::RELAY_URLS_MAX {
            return Err(RelayFault::Urls);
        }
        Ok(Self { urls, secret })
    }

    /// What a client is told at `now_ms`.
    pub(crate) fn opened_at(&self, now_ms: u64) -> incamera_protocol::Relay {
        let username = (now_ms.saturating_add(limits::RELAY_LIFE_MS) / 1_000).to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.secret.0.as_bytes());
        let credential = STANDARD.encode(hmac::sign(&key, username.as_bytes()));
        incamera_protocol::Relay {
            urls: self.urls.iter().map(ToString::to_string).collect(),
            username,
            credential,
        }
    }
}

/// `turn:` or `turns:` and where (RFC 7065 §3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayUrl(String);

impl fmt::Display for RelayUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for RelayUrl {
    type Err = RelayFault;

    fn from_str(text: &str) -> Result<Self, RelayFault> {
        // A browser that cannot read one of the addresses makes no connection at all, so they are read here first.
        let (scheme, rest) = text.split_once(':').ok_or(RelayFault::Url)?;
        let (place, transport) = match rest.split_once('?') {
            Some((place, transport)) => (place, Some(transport)),
            None => (rest, None),
        };
        let transport_known = matches!(transport, None | Some("transport=udp" | "transport=tcp"));
        let fits = text.len() <= limits::RELAY_URL_BYTES_MAX && matches!(scheme, "turn" | "turns");
        if fits && transport_known && is_place(place) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RelayFault::Url)
        }
    }
}

/// `host`, `host:port`, `1.2.3.4:port` or `[2001:db8::1]:port`.
fn is_place(place: &str) -> bool {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, port)) if host.parse::<std::net::Ipv6Addr>().is_ok() => (host, port),
            _ => return false,
        },
        None => {
            let end = place.find(':').unwrap_or(place.len());
            let (host, port) = place.split_at(end);
            let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            if host.is_empty() || !host.bytes().all(named) {
                return false;
            }
            (host, port)
        }
    };
    let port_fits =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|it| it > 0);
    !host.is_empty() && (port.is_empty() || port.strip_prefix(':').is_some_and(port_fits))
}

/// The secret that the house and the relay share. Never printed.
#[derive(Clone)]
pub struct RelaySecret(Zeroizing<String>);

impl FromStr for RelaySecret {
    type Err = RelayFault;

    /// White space around it is not part of it: files end with a line's end.
    fn from_str(text: &str) -> Result<Self, RelayFault> {
        let secret = text.trim();
        if secret.len() < SECRET_BYTES_MIN {
            return Err(RelayFault::Secret);
        }
        Ok(Self(Zeroizing::new(secret.to_owned())))
    }
}

impl fmt::Debug for RelaySecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RelaySecret(…)")
    }
}

/// When the sockets of a meeting are to be told anew.
pub(crate) struct Renewal(Instant);

impl Renewal {
    pub(crate) fn new(now: Instant) -> Self {
        Self(now)
    }

    /// Whether it is time, in which case the next time is counted from now.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let due = now.saturating_duration_since(self.0) >= Duration::from_millis(limits::RELAY_RENEWAL_MS);
        if due {
            self.0 = now;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "north-sea-herring-north-sea-herring";

    fn relay(url: &str) -> Relay {
        Relay::new(vec![url.parse().unwrap()], SECRET.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_client_gets_what_the_turn_rest_convention_says() {
        let opened =
            relay("turns:relay.example:443?transport=tcp").opened_at(1_000_000_000_123 - limits::RELAY_LIFE_MS);
        assert_eq!(opened.urls, ["turns:relay.example:443?transport=tcp"]);
        assert_eq!(opened.username, "1000000000");
        // printf %s 1000000000 | openssl dgst -sha1 -hmac "$SECRET" -binary | base64
        assert_eq!(opened.credential, "jU7gKbGE/iRu/EXz8P9s/F9CwX0=");
    }

    #[test]
    fn only_addresses_of_relays_are_taken() {
        for url in [
            "turn:relay.example",
            "turn:relay.example:3478?transport=udp",
            "turns:192.0.2.1:443?transport=tcp",
            "turns:[2001:db8::1]:443",
        ] {
            assert_eq!(url.parse::<RelayUrl>().unwrap().to_string(), url);
        }
        for url in [
            "",
            "turn:",
            "turn::3478",
            "stun:relay.example",
            "https://relay.example",
            "turn://relay.example",
            "turn:relay.example:0",
            "turn:relay.example:+1",
            "turn:relay.example:70000",
            "turn:relay.example?transport=sctp",
            "turn:user@relay.example",
            "turn:[relay.example]:1",
            "turn:relay example",
        ] {
            assert_eq!(url.parse::<RelayUrl>(), Err(RelayFault::Url), "{url}");
        }
    }

    #[test]
    fn a_relay_has_some_addresses_and_not_many() {
        let url: RelayUrl = "turn:relay.example".parse().unwrap();
        let with = |count: usize| Relay::new(vec![url.clone(); count], SECRET.parse().unwrap());
        assert_eq!(with(0).unwrap_err(), RelayFault::Urls);
        assert!(with(limits::RELAY_URLS_MAX).is_ok());
        assert_eq!(with(limits::RELAY_URLS_MAX + 1).unwrap_err(), RelayFault::Urls);
    }

    #[test]
    fn the_secret_is_long_and_never_printed() {
        assert_eq!("short".parse::<RelaySecret>().unwrap_err(), RelayFault::Secret);
        assert!(!format!("{:?}", relay("turn:relay.example")).contains("herring"));
        assert_eq!(
            format!(" {SECRET}\n").parse::<RelaySecret>().unwrap().0.as_str(),
            SECRET
        );
    }

    #[test]
    fn everybody_is_told_anew_long_before_it_ends() {
        let start = Instant::now();
        let mut renewal = Renewal::new(start);
        let half = start + Duration::from_millis(limits::RELAY_LIFE_MS / 2);
        assert!(!renewal.is_due(start));
        assert!(!renewal.is_due(half - Duration::from_millis(1)));
        assert!(renewal.is_due(half));
        assert!(!renewal.is_due(half));
    }
}
