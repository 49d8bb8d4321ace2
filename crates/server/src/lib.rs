//! HTTP, WebSocket, delivery service and gallery.
