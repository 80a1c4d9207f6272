//! `--dpop-key`: the proof that a token request carries, and so the key that its token is bound to (RFC 9449).
//!
//! Invariant: a private key is read from a file, never from the command line, and never leaves this process.

use std::path::{Path, PathBuf};

use clap::Args;
use deputy_engine::Sources;
use deputy_token::{
    aat,
    dpop::{self, Proof},
    keys::SigningKey,
};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{Client, Failure, holder_key, secret_input};

/// The key that the token is bound to.
#[derive(Debug, Args)]
#[command(next_help_heading = "Proof of possession")]
pub(super) struct Binding {
    /// Bind the token to this private key: Ed25519 or P-256, PKCS#8 in PEM
    #[arg(long, env = "DEPUTY_DPOP_KEY", value_name = "FILE", hide_env_values = true)]
    dpop_key: Option<PathBuf>,
}

impl Binding {
    /// Whether there is a key.
    pub(super) fn is_given(&self) -> bool {
        self.dpop_key.is_some()
    }

    /// Names the key in `req_cnf`, where the details ask for an attenuating agent token.
    pub(super) fn confirm(&self, form: &mut Vec<(&'static str, String)>) -> Result<(), Failure> {
        let details = form.iter().find(|(name, _)| *name == "authorization_details");
        let details = details.and_then(|(_, text)| serde_json::from_str::<Value>(text).ok());
        let kind = details.as_ref().and_then(|details| details.get(0)?.get("type")?.as_str());
        match (&self.dpop_key, kind) {
            (Some(path), Some(aat::DETAILS_TYPE)) => {
                form.push(("req_cnf", format!(r#"{{"jwk":{}}}"#, key(path)?.jwk().bare())));
                Ok(())
            }
            (None, Some(aat::DETAILS_TYPE)) => {
                Err(Failure::Usage("such a token is bound to a key: give --dpop-key".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Adds the proof to a token request, if there is a key.
    pub(super) async fn prove(
        &self,
        client: &Client,
        request: RequestBuilder,
    ) -> Result<RequestBuilder, Failure> {
        match &self.dpop_key {
            Some(path) => Ok(request.header("DPoP", proof(client, &key(path)?, None).await?)),
            None => Ok(request),
        }
    }
}

/// A private key from a file.
pub(super) fn key(path: &Path) -> Result<SigningKey, Failure> {
    holder_key::from_pem(&secret_input::whole(path)?).ok_or_else(|| {
        Failure::Usage(format!("`{}` is no Ed25519 or P-256 private key in PKCS#8 PEM", path.display()))
    })
}

/// A proof for the token endpoint as the server publishes it, and for a token where one comes with it.
pub(super) async fn proof(client: &Client, key: &SigningKey, token: Option<&str>) -> Result<String, Failure> {
    let metadata = client.endpoint(Method::GET, &[".well-known", "oauth-authorization-server"])?;
    let metadata = client.json(metadata).await?;
    let uri = metadata.get("token_endpoint").and_then(|uri| uri.as_str());
    let uri = uri.ok_or_else(|| Failure::Answer("the metadata has no token_endpoint".to_owned()))?;
    let sources = Sources::system();
    let jti = sources.secret().map_err(|error| Failure::Answer(error.to_string()))?;
    let proof = Proof { method: "POST", uri, jti: &jti, iat: sources.now(), token, nonce: None };
    dpop::seal(&proof, key).map_err(|error| Failure::Answer(error.to_string()))
}
