//! Credentials that are good now, made from the published vectors with the keys that are published with them.

use std::path::PathBuf;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_tests::{jwt, setup};
use serde_json::{Value, json};

/// The issuer of the vectors.
pub(super) const ISSUER: &str = "https://deputy.example/t/acme";
/// Whom the capabilities are for.
pub(super) const CRM: &str = "https://crm.example.com/";
/// Whom the chains are for.
pub(super) const TOOLS: &str = "https://tools.example.com/";

/// A file of vectors.
pub(super) fn vectors(name: &str) -> Value {
    let path = setup::root().join(format!("tests/vectors/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A folder with what a holder and a verifier have: keys of holders 1 and 2, the issuer's set, the audience's key.
pub(super) struct Desk(tempfile::TempDir);

impl Desk {
    pub(super) fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for (name, seed) in [("holder-1", 2), ("holder-2", 3)] {
            let pair = pair(seed);
            let public = json!({"kty": "OKP", "crv": "Ed25519", "x": B64.encode(pair.public_key())});
            let mut private = public.clone();
            private["d"] = B64.encode([seed; 32]).into();
            desk.write(&format!("{name}.jwk"), &public.to_string());
            desk.write(&format!("{name}.key"), &private.to_string());
        }
        let issuer = B64.encode(pair(1).public_key());
        let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": issuer, "kid": "2026-11"}]});
        desk.write("jwks.json", &set.to_string());
        let file = vectors("capability/valid");
        let key = json!({"kid": file["kid"], "audience": file["audience"], "key": file["key"]});
        desk.write("crm.json", &key.to_string());
        desk
    }

    /// The path of a file in it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The same as text.
    pub(super) fn at(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(super) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.at(name)
    }
}

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn with_life(claims: &mut Value, secs: i64) {
    let now = i64::try_from(jwt::now()).unwrap();
    claims["iat"] = (now - 10).into();
    claims["nbf"] = (now - 10).into();
    claims["exp"] = (now + secs).into();
}

/// The vectors' first capability, good for `secs` from now on, with its claims changed.
pub(super) fn capability(secs: i64, change: impl FnOnce(&mut Value)) -> String {
    let file = vectors("capability/valid");
    let mut block: Value = serde_json::from_str(file["cases"][0]["blocks"][0].as_str().unwrap()).unwrap();
    with_life(&mut block, secs);
    change(&mut block);
    // Members come out sorted, and nothing in here needs an escape: the canonical text.
    let block = block.to_string();
    let key = B64.decode(file["key"].as_str().unwrap()).unwrap();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), block.as_bytes());
    format!("dpyc1.{}.{}", B64.encode(&block), B64.encode(tag))
}

/// The vectors' first chain, a root alone bound to holder 1, good for `secs` from now on, with its claims changed.
pub(super) fn chain(secs: i64, change: impl FnOnce(&mut Value)) -> String {
    let file = vectors("aat/valid");
    let mut claims = jwt::claims(file["cases"][0]["chain"].as_str().unwrap());
    with_life(&mut claims, secs);
    change(&mut claims);
    let header = json!({"alg": "Ed25519", "kid": "2026-11", "typ": "aat+jwt"});
    let input = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()));
    format!("{input}.{}", B64.encode(pair(1).sign(input.as_bytes())))
}
