//! `deputy token`: request, exchange, delegate, prove, inspect, verify, revoke.
//!
//! Invariant: a token, a proof or a key is alone on stdout; `verify` exits 0 only for a token that the server, or
//! the keys at hand, say is good; `inspect` verifies nothing and says so.

mod credential;
mod delegate;
mod exchange;
mod holder_key;
mod inspect;
mod keygen;
mod proof;
mod prove;
mod said;
mod said_aat;
mod said_claims;
mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use deputy_engine::Sources;
use deputy_oauth::client::JWT_BEARER;
use deputy_oauth::token::{JWT_SVID, TokenType};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Failure;
use super::client::{Client, Remote};
use super::output::{self, Output, member};
use super::secret_input::{self, first_line};
use delegate::Delegate;
use exchange::Exchange;
use inspect::Inspect;
use keygen::Keygen;
use proof::Binding;
use prove::Prove;
use verify::Verify;

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Request a token as an agent
    Request(Box<Request>),
    /// Exchange a token for a narrower one below it
    Exchange(Box<Exchange>),
    /// Narrow a capability or an attenuating agent token, without a network
    Delegate(Box<Delegate>),
    /// Make an Ed25519 key for a holder: private to a file, public to stdout
    Keygen(Keygen),
    /// Make the proof of possession that goes with a call
    Prove(Box<Prove>),
    /// Show what a token says, without verifying it
    Inspect(Inspect),
    /// Ask the server whether a token is active, or judge it and a call offline with the keys at hand
    Verify(Box<Verify>),
    /// Revoke a token and everything below it
    Revoke(Revoke),
}

/// How an agent authenticates.
#[derive(Debug, Args)]
#[command(next_help_heading = "Client authentication")]
pub struct AsClient {
    /// The agent's client id
    #[arg(long, env = "DEPUTY_CLIENT_ID", value_name = "ID", hide_env_values = true)]
    client_id: Option<String>,
    /// The agent's client secret; prefer the file or the variable
    #[arg(long, env = "DEPUTY_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true)]
    client_secret: Option<String>,
    /// A file whose first line is the client secret
    #[arg(long, value_name = "FILE", conflicts_with = "client_secret")]
    client_secret_file: Option<PathBuf>,
    /// A file with a token that a trusted issuer gave this workload, in the place of a secret; read at each use
    #[arg(long, env = "DEPUTY_ASSERTION_FILE", value_name = "FILE", conflicts_with_all = ["client_secret", "client_secret_file"])]
    assertion_file: Option<PathBuf>,
}

/// What is asked for, whatever it comes from.
#[derive(Debug, Args)]
struct Asked {
    /// Scopes, separated by blanks
    #[arg(long, value_name = "LIST")]
    scope: Option<String>,
    /// The resource server that the token is for
    #[arg(long, value_name = "URI")]
    resource: Vec<String>,
    /// authorization_details, as JSON or @FILE
    #[arg(long, value_name = "JSON")]
    details: Option<String>,
    /// The runtime that the agent has now, as JSON or @FILE
    #[arg(long, value_name = "JSON")]
    runtime: Option<String>,
    /// A shorter lifetime, in seconds
    #[arg(long, value_name = "SECONDS")]
    expires_in: Option<u32>,
    /// access_token, capability or jwt-svid, or the URN of a token type
    #[arg(long, value_name = "TYPE")]
    requested_token_type: Option<String>,
}

/// `token request`.
#[derive(Debug, Args)]
pub struct Request {
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    client: AsClient,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    binding: Binding,
}

/// `token revoke`.
#[derive(Debug, Args)]
pub struct Revoke {
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    client: AsClient,
    /// The token, - for stdin, or its id
    token: String,
    /// Why, for whoever reads the audit log
    #[arg(long, value_name = "TEXT", default_value = "revoked on the command line")]
    reason: String,
}

impl Verb {
    /// Runs it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Request(verb) => verb.run().await,
            Self::Exchange(verb) => verb.run().await,
            Self::Delegate(verb) => verb.run(&Sources::system()),
            Self::Keygen(verb) => verb.run(&Sources::system()),
            Self::Prove(verb) => verb.run(&Sources::system()),
            Self::Inspect(verb) => verb.run(&Sources::system()),
            Self::Verify(verb) => verb.run(&Sources::system()).await,
            Self::Revoke(verb) => verb.run().await,
        }
    }
}

impl AsClient {
    fn is_given(&self) -> bool {
        self.client_id.as_ref().is_some_and(|id| !id.is_empty()) || self.assertion_file.is_some()
    }

    /// Adds the authentication: a workload's token among the fields (RFC 7523 §2.2), else `client_secret_basic`
    /// (RFC 6749 §2.3.1: both parts are form-encoded first).
    fn authenticate(
        &self,
        request: RequestBuilder,
        fields: &mut Vec<(&'static str, String)>,
    ) -> Result<RequestBuilder, Failure> {
        if let Some(path) = &self.assertion_file {
            fields.push(("client_assertion_type", JWT_BEARER.to_owned()));
            fields.push(("client_assertion", first_line(path)?.to_string()));
            fields.extend(self.client_id.clone().map(|id| ("client_id", id)));
            return Ok(request);
        }
        let missing = |what: &str| Failure::Usage(format!("which agent? give {what}"));
        let id = self
            .client_id
            .as_deref()
            .ok_or_else(|| missing("--client-id or DEPUTY_CLIENT_ID, or a workload's --assertion-file"))?;
        let secret = match (&self.client_secret, &self.client_secret_file) {
            (Some(secret), _) => Zeroizing::new(secret.clone()),
            (None, Some(path)) => first_line(path)?,
            (None, None) => return Err(missing("--client-secret-file or DEPUTY_CLIENT_SECRET")),
        };
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        Ok(request.basic_auth(encode(id), Some(encode(&secret))))
    }
}

impl Asked {
    /// The parameters of a token request.
    fn parameters(self) -> Result<Vec<(&'static str, String)>, Failure> {
        let mut form = Vec::new();
        form.extend(self.scope.map(|scope| ("scope", scope)));
        form.extend(self.resource.into_iter().map(|resource| ("resource", resource)));
        for (name, flag, given) in
            [("authorization_details", "--details", &self.details), ("runtime", "--runtime", &self.runtime)]
        {
            if let Some(given) = given {
                form.push((name, secret_input::json(flag, given)?.to_string()));
            }
        }
        form.extend(self.expires_in.map(|secs| ("expires_in", secs.to_string())));
        form.extend(self.requested_token_type.map(|name| ("requested_token_type", token_type(name))));
        Ok(form)
    }
}

impl Request {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let mut form = self.asked.parameters()?;
        self.binding.confirm(&mut form)?;
        form.push(("grant_type", "client_credentials".to_owned()));
        let endpoint = client.endpoint(Method::POST, &["oauth", "token"])?;
        let request = self.client.authenticate(endpoint, &mut form)?;
        let request = self.binding.prove(&client, request).await?;
        let answer = client.json(request.form(&form)).await?;
        show(&client, &answer)
    }
}

/// The identifier of a token type, by its short name; any other text is the server's to judge.
fn token_type(name: String) -> String {
    if name == "jwt-svid" {
        return JWT_SVID.to_owned();
    }
    let known = [TokenType::AccessToken, TokenType::Capability];
    known.into_iter().find(|known| known.form() == name).map_or(name, |known| known.as_str().to_owned())
}

/// The token alone on stdout; what else there is to say on stderr.
fn show(client: &Client, answer: &Value) -> Result<(), Failure> {
    if client.output() == Output::Json {
        return output::json(answer);
    }
    for removed in answer.get("removed").and_then(Value::as_array).into_iter().flatten() {
        eprintln!("removed {} by {}", output::visible(&member(removed, "what")), member(removed, "by"));
    }
    for warning in answer.get("warnings").and_then(Value::as_array).into_iter().flatten() {
        eprintln!("warning: {}", output::visible(&output::text(warning)));
    }
    eprintln!(
        "scope: {}; expires in {} s",
        output::visible(&member(answer, "scope")),
        member(answer, "expires_in")
    );
    match answer.get("access_token").and_then(Value::as_str) {
        Some(token) => output::line(token),
        None => Err(Failure::Answer("there is no access_token in it".to_owned())),
    }
}

impl Revoke {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let given = secret_input::token(&self.token)?;
        let form = credential::Form::of(&given);
        if self.client.is_given() {
            let mut form = vec![("token", given.to_string())];
            let endpoint = client.endpoint(Method::POST, &["oauth", "revoke"])?;
            client.send(self.client.authenticate(endpoint, &mut form)?.form(&form)).await?;
            eprintln!("revoked, if it was a token of this agent's chain");
            return Ok(());
        }
        // Only the id goes on: the management API must never see a token.
        let id = match form {
            // An id has no dot; what has one is a broken token.
            Err(error) if given.contains('.') => return Err(Failure::Negative(error.to_string())),
            Err(_) => given.to_string(),
            Ok(_) => match said::Said::read(&given) {
                Ok(said) => said.claims.jti().to_owned(),
                Err(error) => return Err(Failure::Negative(error.to_string())),
            },
        };
        let body = json!({"target": {"credential": id}, "reason": self.reason});
        let answer = client.json(client.api(Method::POST, &["revocations"])?.json(&body)).await?;
        if client.output() == Output::Json {
            return output::json(&answer);
        }
        eprintln!("revoked {id} and everything below it");
        Ok(())
    }
}
