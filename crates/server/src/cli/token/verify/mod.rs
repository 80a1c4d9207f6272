//! `deputy token verify`: with keys at hand, a decision without asking anybody; without, the server's word.
//!
//! Invariant: exit 0 only for a credential (and a call, when one is named) against which there is no reason.

mod call;
mod judge;
mod keys;

use clap::Args;
use deputy_engine::Sources;
use deputy_mandate::{Instant, Value};
use reqwest::Method;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::credential::{Form, Presented};
use super::{AsClient, Client, Remote};
use crate::cli::output::{self, Output, member};
use crate::cli::{Failure, secret_input};
use call::Call;
use judge::{Judged, Said};
use keys::Keys;

/// `token verify`.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    presented: Presented,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    call: Call,
    /// Judge as of this time, in seconds or as RFC 3339, instead of now
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<Instant>,
    /// Clock skew that is forgiven, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=300))]
    leeway: u16,
    /// I know that revocations are not seen offline: do not tell me
    #[arg(long)]
    expiry_only: bool,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    client: AsClient,
}

impl Verify {
    pub(super) async fn run(self, sources: &Sources) -> Result<(), Failure> {
        let text = self.presented.read()?;
        let form = Form::of(&text).ok();
        if !self.keys.are_given(form) {
            if self.call.is_named() || self.at.is_some() {
                let missing = "a call is judged offline: give --jwks or --capability-key, and --issuer";
                return Err(Failure::Usage(missing.to_owned()));
            }
            return self.ask(&text).await;
        }
        let request = self.call.request()?;
        let now = self.at.unwrap_or_else(|| sources.now());
        let said = Said { text: &text, form, now, leeway: i64::from(self.leeway) };
        let keys = self.keys.read(form).await?;
        if !self.expiry_only {
            eprintln!(
                "revocations are not seen offline, nor whether a proof was used before (--expiry-only accepts that)"
            );
        }
        if !self.call.is_named() {
            eprintln!("neither --tool nor --scope: only the credential is verified, not a call");
        }
        let judged = judge::judge(&said, &keys, &self.call, &request)?;
        show(&judged, form, self.remote.output)?;
        if judged.reasons.is_empty() { Ok(()) } else { Err(Failure::Told) }
    }

    /// Asks the server whether the token is active (RFC 7662).
    async fn ask(self, text: &str) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let request = client.endpoint(Method::POST, &["oauth", "introspect"])?;
        let mut form = vec![("token", text.to_owned())];
        let request = if self.client.is_given() {
            self.client.authenticate(request, &mut form)?
        } else {
            client.with_key(request)?
        };
        let answer = client.json(request.form(&form)).await?;
        let active = answer.get("active").and_then(serde_json::Value::as_bool).unwrap_or_default();
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

fn show(judged: &Judged, form: Option<Form>, format: Output) -> Result<(), Failure> {
    let allow = judged.reasons.is_empty();
    if format == Output::Json {
        let credential = judged.claims.as_ref().map(|claims| {
            json!({
                "id": claims.jti(), "agent": claims.agent.id, "name": claims.agent.name, "sub": claims.sub,
                "expires_at": claims.expires_at().as_secs_floor(), "depth": claims.del_depth(),
            })
        });
        return output::json(&json!({
            "decision": allow, "form": form.map(Form::as_str), "reasons": judged.reasons,
            "credential": credential, "revocations": "not_seen",
        }));
    }
    output::line(if allow { "ALLOW" } else { "DENY" })?;
    for reason in &judged.reasons {
        let mut line = format!("{}  {}", reason.code.as_str(), reason.message);
        let facts = [
            ("field", reason.field.clone()),
            ("limit", reason.limit.as_ref().map(Value::to_canonical)),
            ("value", reason.value.as_ref().map(Value::to_canonical)),
        ];
        for (name, fact) in facts {
            if let Some(fact) = fact {
                line.push_str(&format!(" {name}={fact}"));
            }
        }
        output::line(&output::visible(&line))?;
    }
    Ok(())
}

/// A document that a flag holds, read strictly: numbers are judged as they are written.
pub(super) fn document(flag: &str, argument: &str) -> Result<Value, Failure> {
    let text = secret_input::text(argument)?;
    let value = Value::parse(&text).map_err(|error| Failure::Usage(format!("{flag}: {error}")))?;
    match value.as_object() {
        Some(_) => Ok(value),
        None => Err(Failure::Usage(format!("{flag} is no JSON object"))),
    }
}

fn instant(text: &str) -> Result<Instant, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Instant::from_secs(seconds));
    }
    let read = OffsetDateTime::parse(text, &Rfc3339);
    read.map(|at| Instant::from_secs(at.unix_timestamp()))
        .map_err(|_| "neither seconds since 1970 nor a time like 2026-11-21T13:05:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Instant;

    use super::instant;

    #[test]
    fn a_time_is_seconds_or_rfc_3339() {
        assert_eq!(instant("1800000010"), Ok(Instant::from_secs(1_800_000_010)));
        assert_eq!(instant("2027-01-15T08:00:10Z"), Ok(Instant::from_secs(1_800_000_010)));
        assert!(instant("tomorrow").is_err());
    }
}
