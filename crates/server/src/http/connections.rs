//! How many connections each address has open before they are sockets: who opens them and says nothing takes no descriptors
//! from others. A connection that has become a socket counts among those of `Addresses` that the sockets have.

use std::future::{Ready, ready};
use std::io;
use std::sync::Arc;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use futures_util::future::Either;
use tokio::net::TcpStream;
use tower::Layer as _;

use super::addresses::{Addresses, OpenSocket};

/// Accepts as `inner` does, and no more of one address at a time than it may have. A connection counts for as long as the
/// service that answers on it is there.
#[derive(Debug, Clone)]
pub(crate) struct Counted<A> {
    inner: A,
    open: Addresses,
}

impl<A> Counted<A> {
    pub(crate) fn new(inner: A, open: Addresses) -> Self {
        Self { inner, open }
    }
}

impl<A, S> Accept<TcpStream, S> for Counted<A>
where
    A: Accept<TcpStream, AddExtension<S, Arc<OpenSocket>>>,
{
    type Stream = A::Stream;
    type Service = A::Service;
    type Future = Either<A::Future, Ready<io::Result<(A::Stream, A::Service)>>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let address = match stream.peer_addr() {
            Ok(address) => address.ip(),
            Err(error) => return Either::Right(ready(Err(error))),
        };
        match self.open.open(address) {
            Ok(open) => Either::Left(self.inner.accept(stream, Extension(Arc::new(open)).layer(service))),
            // Nothing can be said before there is TLS, and TLS is what such a connection must not cost.
            Err(_) => {
                tracing::debug!("closed a connection: its address has too many");
                Either::Right(ready(Err(io::ErrorKind::QuotaExceeded.into())))
            }
        }
    }
}
