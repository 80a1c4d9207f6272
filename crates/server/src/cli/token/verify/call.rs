//! The call that is judged: what its flags say.

use clap::Args;
use deputy_mandate::{Binding, Request, Scope};
use deputy_token::dpop;
use zeroize::Zeroizing;

use super::document;
use crate::cli::{Failure, secret_input};

/// What somebody wants to do with the credential.
#[derive(Debug, Args)]
#[command(next_help_heading = "Offline: the call")]
pub(super) struct Call {
    /// The resource server that the call is made at
    #[arg(long, value_name = "URI")]
    pub(super) audience: Option<String>,
    /// The tool that is called
    #[arg(long, value_name = "NAME")]
    pub(super) tool: Option<String>,
    /// Its arguments, as JSON or @FILE
    #[arg(long, value_name = "JSON", requires = "tool")]
    arguments: Option<String>,
    /// The scope that is needed
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// The circumstances, as JSON or @FILE; limits look here too
    #[arg(long, value_name = "JSON")]
    context: Option<String>,
    /// The task that the call belongs to
    #[arg(long, value_name = "ID")]
    bind_task: Option<String>,
    /// The contract that it belongs to
    #[arg(long, value_name = "ID")]
    bind_contract: Option<String>,
    /// The session that it belongs to
    #[arg(long, value_name = "ID")]
    bind_session: Option<String>,
    /// The proof of possession that came with the call: its text, or @FILE
    #[arg(long, value_name = "PROOF")]
    proof: Option<String>,
    /// The method of the request that the DPoP proof was made for
    #[arg(long, value_name = "METHOD", requires = "proof")]
    pub(super) method: Option<String>,
    /// The URL of that request
    #[arg(long, value_name = "URL", requires = "proof")]
    pub(super) url: Option<String>,
    /// Do not ask for the proof that a key-bound credential needs
    #[arg(long, conflicts_with = "proof")]
    pub(super) no_proof: bool,
}

impl Call {
    /// Whether there is a call, and not a credential alone.
    pub(super) fn is_named(&self) -> bool {
        self.tool.is_some() || self.scope.is_some()
    }

    /// The request as the model sees it.
    pub(super) fn request(&self) -> Result<Request, Failure> {
        let scope = self.scope.as_deref().map(scope).transpose()?;
        let mut request = Request { scope, tool: self.tool.clone(), ..Request::default() };
        if let Some(arguments) = &self.arguments {
            request.arguments = document("--arguments", arguments)?;
        }
        if let Some(context) = &self.context {
            request.context = document("--context", context)?;
        }
        request.audience.clone_from(&self.audience);
        request.binding = Binding {
            contract: self.bind_contract.clone(),
            session: self.bind_session.clone(),
            task: self.bind_task.clone(),
        };
        Ok(request)
    }

    /// The proof's text.
    pub(super) fn proof(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        let Some(given) = &self.proof else { return Ok(None) };
        let text = secret_input::text(given)?;
        let text = text.trim();
        if text.len() > dpop::MAX_PROOF_LEN {
            return Err(Failure::Usage("--proof is longer than 8 KiB".to_owned()));
        }
        Ok(Some(Zeroizing::new(text.to_owned())))
    }
}

fn scope(text: &str) -> Result<Scope, Failure> {
    let refused = || Failure::Usage("--scope is one scope".to_owned());
    let mut scopes = Scope::parse_list(text).map_err(|_| refused())?.into_iter();
    match (scopes.next(), scopes.next()) {
        (Some(scope), None) => Ok(scope),
        _ => Err(refused()),
    }
}
