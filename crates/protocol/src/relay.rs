//! The relay that a house names for clients whose network lets no UDP through.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where the relay is (RFC 7065) and what opens it for a while (RFC 8656 §7, RFC 8489 §9.2). It carries what is sealed
/// already and is not trusted with anything.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(export))]
pub struct Relay {
    /// `turn:` and `turns:` addresses of one relay, or of several that share the secret.
    pub urls: Vec<String>,
    /// Until when it opens, in seconds of Unix time, in decimal. It names nobody.
    pub username: String,
    /// The secret of this while.
    pub credential: String,
}

impl fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Relay")
            .field("urls", &self.urls)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_a_relay_is_not_printed() {
        let relay = Relay {
            urls: vec!["turns:relay.example".to_owned()],
            username: "1".to_owned(),
            credential: "hush".to_owned(),
        };
        assert!(!format!("{relay:?}").contains("hush"));
    }
}
