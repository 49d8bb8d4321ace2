//! What an MLS handshake message says, as facts for the rules; no secrets.
