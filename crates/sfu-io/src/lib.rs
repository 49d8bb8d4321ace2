//! Sockets and threads around the forwarding engine.
