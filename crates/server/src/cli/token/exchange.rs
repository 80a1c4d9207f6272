//! `deputy token exchange`: a narrower token below one that the agent has (RFC 8693).

use clap::Args;
use deputy_oauth::token::{TOKEN_EXCHANGE, TokenType};
use deputy_token::capability::PREFIX;
use reqwest::Method;

use super::{AsClient, Asked, Client, Failure, Remote, secret_input, show};

/// `token exchange`.
#[derive(Debug, Args)]
pub struct Exchange {
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    client: AsClient,
    /// The access token or capability to exchange; - for stdin; prefer that or the variable
    #[arg(long, env = "DEPUTY_SUBJECT_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    subject_token: String,
    /// The name of a worker without a registration of its own
    #[arg(long, value_name = "NAME")]
    delegate_name: Option<String>,
    #[command(flatten)]
    asked: Asked,
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
        form.extend(self.delegate_name.map(|name| ("delegate_name", name)));
        form.push(("grant_type", TOKEN_EXCHANGE.to_owned()));
        let form_of_subject =
            if subject.starts_with(PREFIX) { TokenType::Capability } else { TokenType::AccessToken };
        form.push(("subject_token_type", form_of_subject.as_str().to_owned()));
        form.push(("subject_token", subject.to_string()));
        let request = self.client.authenticate(client.endpoint(Method::POST, &["oauth", "token"])?)?;
        let answer = client.json(request.form(&form)).await?;
        show(&client, &answer)
    }
}
