//! The keys that a verifier is given, and what they are keys of.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use clap::Args;
use deputy_token::capability::AudienceKey;
use deputy_token::keys::{JwkSet, Kid};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::cli::token::credential::Form;
use crate::cli::{Failure, secret_input};

/// No issuer's key set is longer.
const MAX_SET: usize = 1024 * 1024;

/// Where the keys are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Offline: keys")]
pub(super) struct Keys {
    /// The issuer's key set, a file or a URL: for access tokens and attenuating agent tokens
    #[arg(long, value_name = "FILE|URL")]
    jwks: Option<String>,
    /// The audience's key as the server handed it out ({kid, audience, key}), a file or the JSON: for capabilities
    #[arg(long, value_name = "FILE", env = "DEPUTY_CAPABILITY_KEY", hide_env_values = true)]
    capability_key: Option<String>,
    /// The issuer, as its tokens name it; of a --jwks URL it is known
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
}

/// What verifies a credential.
#[derive(Debug)]
pub(super) enum Trusted {
    /// An issuer's public keys.
    Set(JwkSet),
    /// The key of one audience.
    Audience(AudienceKey),
}

/// Keys, and whose they are.
#[derive(Debug)]
pub(super) struct Anchor {
    /// The keys.
    pub(super) keys: Trusted,
    /// The issuer.
    pub(super) issuer: String,
}

impl Keys {
    /// Whether there are keys for this form. A capability's key may come from the environment, and is no reason
    /// to judge another form offline.
    pub(super) fn are_given(&self, form: Option<Form>) -> bool {
        self.jwks.is_some()
            || (self.capability_key.is_some() && matches!(form, Some(Form::Capability) | None))
    }

    /// Reads what the form needs.
    pub(super) async fn read(&self, form: Option<Form>) -> Result<Anchor, Failure> {
        let needs = |what: &str| Failure::Usage(format!("which key? give {what}"));
        let keys = if form == Some(Form::Capability) || self.jwks.is_none() {
            let given = self.capability_key.as_deref().ok_or_else(|| needs("--capability-key FILE"))?;
            Trusted::Audience(audience_key(given)?)
        } else {
            let given = self.jwks.as_deref().ok_or_else(|| needs("--jwks FILE or URL"))?;
            let text = if is_url(given) { fetch(given).await? } else { file(Path::new(given))? };
            let set = JwkSet::parse(&text).map_err(|error| Failure::Usage(format!("--jwks: {error}")))?;
            Trusted::Set(set)
        };
        Ok(Anchor { keys, issuer: self.issuer()? })
    }

    /// A tenant's key set stands at `{issuer}/jwks.json`.
    fn issuer(&self) -> Result<String, Failure> {
        let of_url = || self.jwks.as_deref().filter(|jwks| is_url(jwks))?.strip_suffix("/jwks.json");
        let issuer = self.issuer.as_deref().or_else(of_url);
        issuer.map(str::to_owned).ok_or_else(|| Failure::Usage("which issuer? give --issuer".to_owned()))
    }
}

fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

fn file(path: &Path) -> Result<String, Failure> {
    Ok(secret_input::whole(path)?.to_string())
}

async fn fetch(url: &str) -> Result<String, Failure> {
    let failed = |cause: String| Failure::Unreachable { server: url.to_owned(), cause };
    let broken = |error: reqwest::Error| failed(error.without_url().to_string());
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(broken)?;
    let mut answer = http.get(url).send().await.map_err(broken)?.error_for_status().map_err(broken)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(broken)? {
        if body.len().saturating_add(chunk.len()) > MAX_SET {
            return Err(Failure::Answer("the key set is over 1 MiB".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).map_err(|error| Failure::Answer(error.to_string()))
}

/// The key that a service was handed.
#[derive(Deserialize)]
struct HandedOut {
    kid: String,
    audience: String,
    key: String,
}

pub(super) fn audience_key(given: &str) -> Result<AudienceKey, Failure> {
    let text = if given.trim_start().starts_with('{') {
        Zeroizing::new(given.to_owned())
    } else {
        secret_input::whole(&PathBuf::from(given))?
    };
    let refused = |what: &str| Failure::Usage(format!("--capability-key: {what}"));
    // The parser's own words could quote the key.
    let read: HandedOut =
        serde_json::from_str(&text).map_err(|_| refused("it is no JSON of `kid`, `audience` and `key`"))?;
    let kid = Kid::new(read.kid).map_err(|error| refused(&error.to_string()))?;
    let encoded = Zeroizing::new(read.key);
    let bytes = B64.decode(encoded.as_bytes()).map(Zeroizing::new);
    let bytes = bytes.map_err(|_| refused("`key` is no base64url"))?;
    let key = bytes.first_chunk::<32>().filter(|_| bytes.len() == 32);
    let key = key.ok_or_else(|| refused("`key` is not 32 bytes"))?;
    Ok(AudienceKey::from_parts(kid, read.audience, key))
}

#[cfg(test)]
mod tests {
    use super::{Keys, audience_key};

    #[test]
    fn a_key_is_read_and_never_told() {
        let key = "6JLZsiRyJyqRLL3QfUlW7Z1XLPkxKhOMuxhZieOj6p8";
        let json = |kid: &str, key: &str| {
            format!(r#"{{"kid":"{kid}","audience":"https://a.example/","key":"{key}"}}"#)
        };
        let good = audience_key(&json("k1", key)).expect("a key");
        assert_eq!((good.kid().as_str(), good.audience()), ("k1", "https://a.example/"));
        for bad in [
            json("", key),
            json("k1", "AAAA"),
            json("k1", &key.replace('8', "+")),
            json("k1", "").replace("key", "k"),
        ] {
            let told = audience_key(&bad).unwrap_err().to_string();
            assert!(told.starts_with("--capability-key: ") && !told.contains(&key[..8]), "{told}");
        }
    }

    #[test]
    fn a_key_sets_url_names_its_issuer() {
        let keys = |jwks: &str, issuer: Option<&str>| Keys {
            jwks: Some(jwks.to_owned()),
            capability_key: None,
            issuer: issuer.map(str::to_owned),
        };
        let url = "https://deputy.example/t/acme/jwks.json";
        assert_eq!(keys(url, None).issuer().unwrap(), "https://deputy.example/t/acme");
        assert_eq!(keys(url, Some("https://b.example")).issuer().unwrap(), "https://b.example");
        assert!(keys("jwks.json", None).issuer().is_err());
        assert!(keys("/etc/jwks.json", None).issuer().is_err());
    }
}
