//! `deputy token exchange`: a narrower token below one that the agent has (RFC 8693).

use std::path::PathBuf;

use clap::Args;
use deputy_oauth::token::{TOKEN_EXCHANGE, TokenType};
use reqwest::Method;

use super::credential::Form;
use super::{AsClient, Asked, Binding, Client, Failure, Remote, proof, secret_input, show};

/// `token exchange`.
#[derive(Debug, Args)]
pub struct Exchange {
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    client: AsClient,
    /// The access token or capability to exchange, or a person's token of an identity provider; - for stdin; prefer that or the variable
    #[arg(long, env = "DEPUTY_SUBJECT_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    subject_token: String,
    /// The name of a worker without a registration of its own
    #[arg(long, value_name = "NAME")]
    delegate_name: Option<String>,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    binding: Binding,
    /// The private key that the subject token is bound to, when it is another than --dpop-key
    #[arg(long, value_name = "FILE", requires = "dpop_key")]
    subject_dpop_key: Option<PathBuf>,
}

impl Exchange {
    /// Runs it.
    ///
    /// # Errors
    /// [`Failure`].
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let subject = secret_input::token(&self.subject_token)?;
        let mut form = self.asked.parameters()?;
        self.binding.confirm(&mut form)?;
        form.extend(self.delegate_name.map(|name| ("delegate_name", name)));
        form.push(("grant_type", TOKEN_EXCHANGE.to_owned()));
        let kind = kind(&subject);
        form.push(("subject_token_type", kind.as_str().to_owned()));
        form.push(("subject_token", subject.to_string()));
        if let Some(path) = &self.subject_dpop_key {
            let proof = proof::proof(&client, &proof::key(path)?, Some(&subject)).await?;
            form.push(("subject_token_proof", proof));
        }
        let request = client.endpoint(Method::POST, &["oauth", "token"])?;
        // Whoever holds the key of what is narrowed offline needs no other authentication.
        let by_key = kind != TokenType::AccessToken && self.binding.is_given();
        let request = if by_key && !self.client.is_given() {
            request
        } else {
            self.client.authenticate(request, &mut form)?
        };
        let request = self.binding.prove(&client, request).await?;
        let answer = client.json(request.form(&form)).await?;
        show(&client, &answer)
    }
}

/// What the subject token looks like; the server says whether it is one.
fn kind(subject: &str) -> TokenType {
    match Form::of(subject) {
        Ok(Form::Capability) => TokenType::Capability,
        Ok(Form::Aat) => TokenType::AttenuatingAgentToken,
        Ok(Form::Access | Form::Other) | Err(_) => TokenType::AccessToken,
    }
}
