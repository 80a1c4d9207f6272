//! `deputy token`: request, exchange, inspect, verify, revoke.
//!
//! Invariant: `request` and `exchange` put the token alone on stdout; `verify` exits 0 only for a token that the server says
//! is active; `inspect` verifies nothing and says so.

mod exchange;
mod proof;

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Failure;
use super::client::{Client, Remote};
use super::output::{self, Output, member};
use super::secret_input::{self, first_line};
use exchange::Exchange;
use proof::Binding;

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Request an access token as an agent
    Request(Box<Request>),
    /// Exchange a token for a narrower one below it
    Exchange(Box<Exchange>),
    /// Show what a token says, without verifying it
    Inspect(Inspect),
    /// Ask the server whether a token is active
    Verify(Verify),
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

/// `token inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The token; - for stdin
    token: String,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// `token verify`.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    client: AsClient,
    /// The token; - for stdin
    token: String,
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
            Self::Inspect(verb) => verb.run(),
            Self::Verify(verb) => verb.run().await,
            Self::Revoke(verb) => verb.run().await,
        }
    }
}

impl AsClient {
    fn is_given(&self) -> bool {
        self.client_id.as_ref().is_some_and(|id| !id.is_empty())
    }

    /// Adds `client_secret_basic` (RFC 6749 §2.3.1: both parts are form-encoded first).
    fn authenticate(&self, request: RequestBuilder) -> Result<RequestBuilder, Failure> {
        let missing = |what: &str| Failure::Usage(format!("which agent? give {what}"));
        let id = self.client_id.as_deref().ok_or_else(|| missing("--client-id or DEPUTY_CLIENT_ID"))?;
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
        Ok(form)
    }
}

impl Request {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let mut form = self.asked.parameters()?;
        self.binding.confirm(&mut form)?;
        form.push(("grant_type", "client_credentials".to_owned()));
        let request = self.client.authenticate(client.endpoint(Method::POST, &["oauth", "token"])?)?;
        let request = self.binding.prove(&client, request).await?;
        let answer = client.json(request.form(&form)).await?;
        show(&client, &answer)
    }
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

impl Inspect {
    fn run(self) -> Result<(), Failure> {
        let token = secret_input::token(&self.token)?;
        let (header, claims) =
            decode(&token).ok_or_else(|| Failure::Negative("this is not a signed token".to_owned()))?;
        eprintln!("not verified: anybody can write such a token");
        if self.output == Output::Json {
            return output::json(&json!({"header": header, "claims": claims}));
        }
        output::facts(&["alg", "typ", "kid"].map(|name| (name, member(&header, name))))?;
        let Value::Object(members) = &claims else { return output::json(&claims) };
        let facts: Vec<_> =
            members.iter().map(|(name, value)| (name.as_str(), output::text(value))).collect();
        output::facts(&facts)
    }
}

impl Verify {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let token = secret_input::token(&self.token)?;
        let request = client.endpoint(Method::POST, &["oauth", "introspect"])?;
        let request = if self.client.is_given() {
            self.client.authenticate(request)?
        } else {
            client.with_key(request)?
        };
        let answer = client.json(request.form(&[("token", token.as_str())])).await?;
        let active = answer.get("active").and_then(Value::as_bool).unwrap_or_default();
        if client.output() == Output::Json {
            output::json(&answer)?;
        } else if active {
            let names = ["sub", "client_id", "scope", "aud", "exp"];
            output::line("active")?;
            output::facts(&names.map(|name| (name, member(&answer, name))))?;
        } else {
            output::line("not active")?;
        }
        if active { Ok(()) } else { Err(Failure::Told) }
    }
}

impl Revoke {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let given = secret_input::token(&self.token)?;
        let claims = decode(&given).map(|(_, claims)| claims);
        if self.client.is_given() {
            let request = self.client.authenticate(client.endpoint(Method::POST, &["oauth", "revoke"])?)?;
            client.send(request.form(&[("token", given.as_str())])).await?;
            eprintln!("revoked, if it was a token of this agent's chain");
            return Ok(());
        }
        // Only the id goes on: the management API must never see a token.
        let id = claims.as_ref().map_or_else(|| given.to_string(), |claims| member(claims, "jti"));
        let body = json!({"target": {"credential": id}, "reason": self.reason});
        let answer = client.json(client.api(Method::POST, &["revocations"])?.json(&body)).await?;
        if client.output() == Output::Json {
            return output::json(&answer);
        }
        eprintln!("revoked {id} and everything below it");
        Ok(())
    }
}

/// The header and the claims of a compact JWS, unverified.
fn decode(token: &str) -> Option<(Value, Value)> {
    let mut parts = token.split('.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    if parts.next().is_some() { None } else { Some((read(header)?, read(claims)?)) }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn a_token_is_read_and_an_id_is_none() {
        let (header, claims) = decode("eyJhbGciOiJFUzI1NiJ9.eyJqdGkiOiJ4In0.c2ln").expect("a token");
        assert_eq!((header["alg"].as_str(), claims["jti"].as_str()), (Some("ES256"), Some("x")));
        assert!(decode("0192f0c4-7b1e-7cc2-9a55-3f0d8d0c7a11").is_none());
        assert!(decode("a.b.c.d").is_none());
    }
}
