//! CAs that are trusted for what is fetched, besides the system's.
//!
//! Invariant: each of them can serve as a trust anchor; a file that holds none is a mistake.

use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::{Error as PemError, PemObject as _};

/// Certificates of CAs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots(Vec<CertificateDer<'static>>);

/// Why a text gives no CAs.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// Not PEM.
    #[error("is not PEM: {0}")]
    Pem(PemError),
    /// PEM without a certificate.
    #[error("holds no certificate")]
    Empty,
    /// A certificate that is none.
    #[error("holds a certificate that cannot be used: {0}")]
    Certificate(#[source] rustls::Error),
}

impl Roots {
    /// Reads one or more certificates.
    ///
    /// # Errors
    /// [`RootsError`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, RootsError> {
        let found: Vec<_> =
            CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(RootsError::Pem)?;
        let mut store = RootCertStore::empty();
        for certificate in &found {
            store.add(certificate.clone()).map_err(RootsError::Certificate)?;
        }
        if found.is_empty() { Err(RootsError::Empty) } else { Ok(Self(found)) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn certificates(&self) -> Result<Vec<reqwest::Certificate>, reqwest::Error> {
        self.0.iter().map(|certificate| reqwest::Certificate::from_der(certificate)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CA: &str = include_str!("tests/ca.pem");

    #[test]
    fn every_certificate_of_the_text_is_read() {
        assert_eq!(Roots::from_pem(CA.as_bytes()).unwrap().0.len(), 1);
        assert_eq!(Roots::from_pem(format!("# ours\n{CA}\n{CA}").as_bytes()).unwrap().0.len(), 2);
    }

    #[test]
    fn a_text_without_a_usable_certificate_is_refused() {
        let of = |pem: &str| Roots::from_pem(pem.as_bytes()).unwrap_err();
        assert!(matches!(of(""), RootsError::Empty));
        assert!(matches!(of(include_str!("tests/server.key")), RootsError::Empty));
        assert!(matches!(of(CA.split_at(200).0), RootsError::Pem(_)));
        let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(of(junk), RootsError::Certificate(_)));
        assert!(matches!(of(&format!("{CA}{junk}")), RootsError::Certificate(_)));
    }
}
