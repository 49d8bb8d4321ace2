//! How one gets the keys of a connection that the media stack makes (DTLS-SRTP, RFC 5764 §4.2): by listening where the
//! handshake gives them out.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Instant;

use str0m::config::CryptoProvider;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion, SrtpProfile,
};
use str0m::crypto::{CryptoError, from_feature_flags};
use zeroize::Zeroizing;

/// What a handshake gave: a profile, and the keys of both directions.
pub struct Agreed {
    /// Which ciphers.
    pub profile: SrtpProfile,
    /// Keys of client and server, then their salts (RFC 5764 §4.2).
    pub material: Zeroizing<Vec<u8>>,
    /// Our side was the DTLS client.
    pub as_client: bool,
}

impl fmt::Debug for Agreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agreed")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// Where the keys of one connection will be.
#[derive(Debug, Clone, Default)]
pub struct Tap(Arc<Mutex<Option<Agreed>>>);

impl Tap {
    /// As after a handshake, or after one that gave nothing.
    pub fn with(agreed: Option<Agreed>) -> Self {
        Tap(Arc::new(Mutex::new(agreed)))
    }

    /// The keys, once the handshake is over. They are given out once.
    pub fn take(&self) -> Option<Agreed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Builds a connection with what this provider makes, and gives where its keys will be.
    pub fn on<T>(build: impl FnOnce(Arc<CryptoProvider>) -> T) -> (T, Tap) {
        let tap = Tap::default();
        let before = NEXT.replace(Some(tap.clone()));
        let built = build(PROVIDER.clone());
        NEXT.set(before);
        (built, tap)
    }
}

thread_local! {
    /// For the connection that is being built on this thread.
    static NEXT: RefCell<Option<Tap>> = const { RefCell::new(None) };
}

/// The media stack's own cryptography.
static STACK: LazyLock<CryptoProvider> = LazyLock::new(from_feature_flags);

/// The same, with our ear at the handshake.
static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
    Arc::new(CryptoProvider {
        dtls_provider: &Tapped,
        ..STACK.clone()
    })
});

/// The ciphers of the media stack.
pub(crate) fn stack() -> &'static CryptoProvider {
    &STACK
}

#[derive(Debug)]
struct Tapped;

impl DtlsProvider for Tapped {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        STACK.dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = STACK.dtls_provider.new_dtls(cert, now, version, mtu)?;
        let tap = NEXT.with_borrow(Clone::clone).unwrap_or_default();
        Ok(Box::new(TappedInstance {
            inner,
            tap,
            quiet: None,
        }))
    }
}

#[derive(Debug)]
struct TappedInstance {
    inner: Box<dyn DtlsInstance>,
    tap: Tap,
    /// There was nothing more to fetch, and until then there is nothing unless something is done to the instance. The media
    /// stack asks at every packet of media, which is none of DTLS.
    quiet: Option<Instant>,
}

impl TappedInstance {
    /// To do something to the instance, after which there may be something to fetch.
    fn stir(&mut self) -> &mut dyn DtlsInstance {
        self.quiet = None;
        &mut *self.inner
    }
}

impl DtlsInstance for TappedInstance {
    fn set_active(&mut self, active: bool) {
        self.stir().set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.stir().handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        if let Some(until) = self.quiet {
            return DtlsOutput::Timeout(until);
        }
        let output = self.inner.poll_output(buf);
        match &output {
            DtlsOutput::KeyingMaterial(material, profile) => {
                let agreed = Agreed {
                    profile: *profile,
                    material: Zeroizing::new(material.to_vec()),
                    as_client: self.inner.is_active(),
                };
                *self.tap.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(agreed);
            }
            DtlsOutput::Timeout(until) => self.quiet = Some(*until),
            _ => {}
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.stir().handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.stir().send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.stir().close()
    }
}
