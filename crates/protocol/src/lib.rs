//! What crosses the wire between an incamera server and its clients.
