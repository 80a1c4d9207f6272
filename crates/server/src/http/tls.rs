//! TLS of the listener.
//!
//! Invariant: with `tls_client_ca` no connection gets past the handshake without a certificate of that CA.

use std::path::Path;
use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::problem::SettingError;
use crate::config::settings::TlsFiles;

/// Reads the files.
///
/// # Errors
/// `SettingError`, naming the file that is missing, empty or does not fit.
pub fn configure(files: &TlsFiles) -> Result<ServerConfig, SettingError> {
    let chain = certificates("tls_cert", &files.cert)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| SettingError::of("tls_key", format!("`{}`: {error}", files.key.display())))?;
    let builder = ServerConfig::builder();
    let builder = match &files.client_ca {
        Some(path) => builder.with_client_cert_verifier(client_verifier(path)?),
        None => builder.with_no_client_auth(),
    };
    builder
        .with_single_cert(chain, key)
        .map_err(|error| SettingError::of("tls_key", format!("does not fit the certificate: {error}")))
}

fn client_verifier(path: &Path) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, SettingError> {
    let refused =
        |problem: String| SettingError::of("tls_client_ca", format!("`{}`: {problem}", path.display()));
    let mut roots = RootCertStore::empty();
    for certificate in certificates("tls_client_ca", path)? {
        roots.add(certificate).map_err(|error| refused(error.to_string()))?;
    }
    WebPkiClientVerifier::builder(Arc::new(roots)).build().map_err(|error| refused(error.to_string()))
}

fn certificates(name: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, SettingError> {
    let refused = |problem: String| SettingError::of(name, format!("`{}`: {problem}", path.display()));
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refused(error.to_string()))?;
    if found.is_empty() { Err(refused("holds no certificate".to_owned())) } else { Ok(found) }
}
