//! Append-only events of every meeting, durable before they are acknowledged.
