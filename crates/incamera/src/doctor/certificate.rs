//! The certificate and its key.

use std::path::Path;

use incamera_protocol::limits;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::finding::Finding;

const OF: &str = "certificate";

/// Whether HTTPS could be served with it, today and for some time.
pub(super) fn look(certificate: &Path, key: &Path, now_ms: u64) -> Finding {
    match examine(certificate, key) {
        Err(said) => Finding::bad(OF, said),
        Ok((not_before_ms, not_after_ms)) => in_time(not_before_ms, not_after_ms, now_ms),
    }
}

/// From when to when it is valid, in milliseconds since 1970.
fn examine(certificate: &Path, key: &Path) -> Result<(i64, i64), String> {
    let unreadable =
        |file: &Path, error: &dyn std::fmt::Display| format!("{} cannot be read: {error}.", file.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(certificate, &error))?;
    let Some(own) = chain.first().cloned() else {
        return Err(format!("{} has no certificate in it.", certificate.display()));
    };
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
    if let Err(error) = CertifiedKey::from_der(chain, secret, &aws_lc_rs::default_provider()) {
        return Err(format!(
            "{} is not the key of {}: {error}.",
            key.display(),
            certificate.display()
        ));
    }
    let (_, parsed) = X509Certificate::from_der(&own).map_err(|error| unreadable(certificate, &error))?;
    let validity = parsed.validity();
    Ok((
        validity.not_before.timestamp().saturating_mul(1_000),
        validity.not_after.timestamp().saturating_mul(1_000),
    ))
}

fn in_time(not_before_ms: i64, not_after_ms: i64, now_ms: u64) -> Finding {
    let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
    if now_ms < not_before_ms {
        return Finding::bad(OF, "It is not valid yet. Look at the clock of this machine.");
    }
    let left_ms = not_after_ms.saturating_sub(now_ms);
    let Ok(left_ms) = u64::try_from(left_ms) else {
        return Finding::bad(OF, "It has expired. Browsers refuse it.");
    };
    let days = left_ms / 86_400_000;
    if left_ms < limits::CERTIFICATE_LEFT_MS_MIN {
        return Finding::note(
            OF,
            format!("It expires in {days} days. Renew it, and start the house again."),
        );
    }
    Finding::good(OF, format!("It fits its key, and is valid for {days} days more."))
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_certificate_has_a_beginning_and_an_end() {
        let day = 86_400_000;
        let state = |from, to, now| in_time(from, to, now).state;
        assert_eq!(state(10, 100 * day, 9), State::Bad);
        assert_eq!(state(10, 100 * day, 10), State::Good);
        assert_eq!(state(10, 100 * day, 90 * day as u64), State::Note);
        assert_eq!(state(10, 100 * day, 100 * day as u64), State::Note);
        assert_eq!(state(10, 100 * day, 100 * day as u64 + 1), State::Bad);
    }
}
