//! `deputy token prove`: the proof of possession that goes with a call: DPoP (RFC 9449) for a token or capability
//! that is bound to a key, the draft's own for an attenuating agent token.

use std::path::PathBuf;

use clap::Args;
use deputy_engine::Sources;
use deputy_token::aat::{Pop, seal_pop};
use deputy_token::dpop;
use deputy_token::keys::Alg;

use super::credential::{Form, Presented};
use super::holder_key;
use super::verify::document;
use crate::cli::{Failure, output};

/// `token prove`.
#[derive(Debug, Args)]
pub struct Prove {
    #[command(flatten)]
    presented: Presented,
    /// The holder's private key: PKCS#8 PEM or JWK
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The method of the request (DPoP)
    #[arg(long, value_name = "METHOD", requires = "url")]
    method: Option<String>,
    /// The URL of the request (DPoP)
    #[arg(long, value_name = "URL", requires = "method")]
    url: Option<String>,
    /// There is no token yet: the proof is for a token request (DPoP)
    #[arg(long, requires = "url", conflicts_with_all = ["tool", "token_file"])]
    token_request: bool,
    /// The tool that is called (attenuating agent token)
    #[arg(long, value_name = "NAME", requires = "audience")]
    tool: Option<String>,
    /// Its arguments, as JSON or @FILE (attenuating agent token)
    #[arg(long, value_name = "JSON", default_value = "{}")]
    arguments: String,
    /// Whom the call is presented to (attenuating agent token)
    #[arg(long, value_name = "URI")]
    audience: Option<String>,
    /// The nonce that was asked for
    #[arg(long, value_name = "TEXT")]
    nonce: Option<String>,
}

impl Prove {
    pub(super) fn run(self, sources: &Sources) -> Result<(), Failure> {
        let key = holder_key::private(&self.key)?;
        let jti = sources.secret().map_err(|_| Failure::Negative("the random source failed".to_owned()))?;
        let (iat, nonce) = (sources.now(), self.nonce.as_deref());
        let token = if self.token_request { None } else { Some(self.presented.read()?) };
        let form = token.as_ref().map(|token| Form::of(token)).transpose();
        let form = form.map_err(|error| Failure::Negative(error.to_string()))?;
        let proof = if let (Some(Form::Aat), Some(chain)) = (form, &token) {
            let (Some(tool), Some(audience)) = (&self.tool, &self.audience) else {
                return Err(Failure::Usage("which call? give --tool and --audience".to_owned()));
            };
            if key.alg() != Alg::EdDsa {
                return Err(Failure::Usage("--key must be an Ed25519 key".to_owned()));
            }
            let arguments = document("--arguments", &self.arguments)?;
            let pop = Pop { jti: &jti, iat, audience, tool, arguments: &arguments, nonce };
            seal_pop(chain, &pop, &key).map_err(|error| Failure::Negative(error.to_string()))?
        } else {
            let (Some(method), Some(uri)) = (&self.method, &self.url) else {
                return Err(Failure::Usage("which request? give --method and --url".to_owned()));
            };
            let token = token.as_ref().map(|token| token.as_str());
            let proof = dpop::Proof { method, uri, jti: &jti, iat, token, nonce };
            dpop::seal(&proof, &key).map_err(|error| Failure::Negative(error.to_string()))?
        };
        output::line(&proof)
    }
}
