//! The cache against an issuer in memory and a clock that is told; documents, good and bad.

mod bundles;
mod cache;
mod discovery;
mod key_sets;
mod outages;
mod waiting;

use std::sync::Arc;

use deputy_mandate::Instant;
use deputy_token::keys::VerifyAlg;
use serde_json::{Value, json};

use super::*;
use crate::scripted::Scripted;
use crate::signer::{ED25519, ES256, ISSUER, NOW, RS256, Signer, jwks};

const URL: &str = "https://id.example/keys";
const DISCOVERY: &str = "https://id.example/tenant/.well-known/openid-configuration";
const JWKS: &str = "https://keys.example/set?of=tenant";

const KNOWN: Wanted<'static> = Wanted { kid: Some("es"), alg: VerifyAlg::Es256 };
const UNKNOWN: Wanted<'static> = Wanted { kid: Some("unheard-of"), alg: VerifyAlg::Es256 };

fn at(secs: i64) -> Instant {
    NOW.plus_secs(secs)
}

fn by_url() -> KeySource {
    KeySource::Url { jwks_uri: URL.to_owned() }
}

fn by_discovery() -> KeySource {
    KeySource::Discovery { issuer: ISSUER.to_owned() }
}

fn metadata() -> Value {
    json!({"issuer": ISSUER, "jwks_uri": JWKS})
}

fn set_of(signers: &[&Signer]) -> String {
    jwks(&signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>())
}

fn kids(provider: &Provider) -> Vec<&str> {
    provider.keys.keys.iter().filter_map(|jwk| jwk.kid()).collect()
}

/// A cache, and the issuer that it asks, which publishes the ES256 key at [`URL`] for the default age.
fn cache() -> (Arc<Scripted>, KeyCache) {
    let issuer = Arc::new(Scripted::default());
    issuer.serve(URL, set_of(&[&ES256]), None);
    (issuer.clone(), KeyCache::new(issuer))
}

/// What the tenant `acme` gets of the key set at [`URL`].
async fn ask(cache: &KeyCache, wanted: Option<Wanted<'_>>, secs: i64) -> Result<Vec<String>, KeysError> {
    let provider = cache.provider("acme", &by_url(), wanted, at(secs)).await?;
    Ok(kids(&provider).into_iter().map(str::to_owned).collect())
}

/// What a text at [`URL`] is taken for, by a cache that knows nothing.
async fn read(text: &str) -> Result<Vec<String>, KeysError> {
    let (issuer, cache) = cache();
    issuer.serve(URL, text, None);
    ask(&cache, None, 0).await
}
