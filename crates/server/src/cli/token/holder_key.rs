//! The keys of holders: private ones from PKCS#8 PEM or a JWK, public ones from a JWK.
//!
//! Invariant: a private key is read from a file only, never from an argument, and never shown.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_token::keys::{Alg, Jwk, Kid, SigningKey};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use crate::cli::{Failure, secret_input};

/// What goes before the 32 bytes of an Ed25519 seed in PKCS#8 (RFC 8410 section 7).
const ED25519_PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// A holder's key needs no name: it is known by its thumbprint.
const KID: &str = "holder";

/// Reads a private key: PKCS#8 PEM (Ed25519 or P-256), or a private Ed25519 JWK.
///
/// # Errors
/// If the file cannot be read or holds no such key.
pub(super) fn private(path: &Path) -> Result<SigningKey, Failure> {
    let text = secret_input::whole(path)?;
    parse_private(&text).ok_or_else(|| {
        let path = path.display();
        Failure::Usage(format!("`{path}` (--key) is no private key: PKCS#8 PEM or a private Ed25519 JWK"))
    })
}

fn parse_private(text: &str) -> Option<SigningKey> {
    if text.trim_start().starts_with('{') {
        let key = SigningKey::from_pkcs8(Kid::new(KID).ok()?, Alg::EdDsa, &jwk_to_pkcs8(text)?).ok()?;
        // A public part of another key would make every proof worthless later on.
        let stated: PrivateJwk = serde_json::from_str(text).ok()?;
        let own: serde_json::Value = serde_json::from_str(&key.jwk().bare()).ok()?;
        return (own.get("x").and_then(serde_json::Value::as_str) == Some(stated.x.as_str())).then_some(key);
    }
    from_pem(text)
}

/// Reads an Ed25519 or P-256 private key from PKCS#8 PEM.
pub(super) fn from_pem(text: &str) -> Option<SigningKey> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes()).ok()?;
    let der = Zeroizing::new(der.secret_pkcs8_der().to_vec());
    let load = |alg| SigningKey::from_pkcs8(Kid::new(KID).ok()?, alg, &der).ok();
    [Alg::EdDsa, Alg::Es256].into_iter().find_map(load)
}

#[derive(Deserialize)]
struct PrivateJwk {
    kty: String,
    crv: String,
    x: String,
    d: String,
}

impl Drop for PrivateJwk {
    fn drop(&mut self) {
        self.d.zeroize();
    }
}

fn jwk_to_pkcs8(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let jwk: PrivateJwk = serde_json::from_str(text).ok()?;
    let seed = Zeroizing::new(B64.decode(&jwk.d).ok()?);
    if (jwk.kty.as_str(), jwk.crv.as_str(), seed.len()) != ("OKP", "Ed25519", 32) {
        return None;
    }
    let mut der = Zeroizing::new(Vec::with_capacity(ED25519_PKCS8.len() + seed.len()));
    der.extend_from_slice(&ED25519_PKCS8);
    der.extend_from_slice(&seed);
    Some(der)
}

/// Reads a public key: a JWK as JSON, or the file that holds it.
///
/// # Errors
/// If it cannot be read, is malformed, or is private: a private key must not leave its holder.
pub(super) fn public(flag: &str, argument: &str) -> Result<Jwk, Failure> {
    let text = if argument.trim_start().starts_with('{') {
        Zeroizing::new(argument.to_owned())
    } else {
        secret_input::whole(Path::new(argument))?
    };
    Jwk::parse(&text).map_err(|error| Failure::Usage(format!("{flag} is no public JWK: {error}")))
}

#[cfg(test)]
mod tests {
    use super::{parse_private, public};

    /// RFC 8037 appendix A.1, and the same key as `openssl genpkey` writes it.
    const JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

    #[test]
    fn one_key_in_two_spellings() {
        for text in [JWK, PEM] {
            assert_eq!(parse_private(text).expect("a key").jwk().thumbprint(), THUMBPRINT);
        }
    }

    #[test]
    fn what_is_no_private_key_is_refused() {
        let other = JWK.replace("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", &"A".repeat(43));
        let short = JWK.replace("nWGx", "");
        let public = JWK.replace("\"d\"", "\"y\"");
        for text in [other.as_str(), &short, &public, "", "{}", "[]", &PEM.replace("MC4C", "MC4D")] {
            assert!(parse_private(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_private_key_is_nobody_elses() {
        let bare = JWK.replace("\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",", "");
        assert_eq!(public("--to", &bare).expect("a public key").thumbprint(), THUMBPRINT);
        assert!(public("--to", JWK).unwrap_err().to_string().contains("--to is no public JWK"));
    }
}
