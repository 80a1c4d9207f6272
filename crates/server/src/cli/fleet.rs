//! `deputy orphans`, `deputy halt`, `deputy healthcheck`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::Failure;
use super::client::{Client, Remote};
use super::output::{self, Output, member};

/// `orphans`.
#[derive(Debug, Args)]
pub struct Orphans {
    #[command(flatten)]
    remote: Remote,
}

impl Orphans {
    /// Lists them. Having some is not a failure.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let orphans = client.all(&["orphans"], &[]).await?;
        if client.output() == Output::Json {
            return output::json(&Value::Array(orphans));
        }
        if orphans.is_empty() {
            eprintln!("every agent has a live owner");
            return Ok(());
        }
        let columns = ["agent", "since", "why", "proposed_owner"];
        let row = |orphan: &Value| {
            let agent = match orphan.get("agent") {
                Some(Value::Object(agent)) => agent.get("name").map(output::text).unwrap_or_default(),
                _ => [member(orphan, "agent"), member(orphan, "name")]
                    .into_iter()
                    .find(|s| !s.is_empty())
                    .unwrap_or_default(),
            };
            vec![agent, member(orphan, "since"), member(orphan, "why"), member(orphan, "proposed_owner")]
        };
        output::table(&columns, &orphans.iter().map(row).collect::<Vec<_>>())
    }
}

/// The levels of a halt.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Level {
    /// Everything works
    None,
    /// Only agents marked critical work
    Noncritical,
    /// Nothing works
    All,
    /// Nothing works, and every live token is revoked for good
    Emergency,
}

/// `halt`.
#[derive(Debug, Args)]
pub struct Halt {
    #[command(flatten)]
    remote: Remote,
    /// The level; without one, shows the level in force
    #[arg(value_enum)]
    level: Option<Level>,
    /// Why, for whoever reads the audit log
    #[arg(long, value_name = "TEXT", required_unless_present = "show", requires = "level")]
    reason: Option<String>,
    /// Show the level in force
    #[arg(long, conflicts_with_all = ["level", "reason"])]
    show: bool,
}

impl Halt {
    /// Sets the level, or shows it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let Some(level) = self.level else {
            let halt = client.json(client.api(Method::GET, &["halt"])?).await?;
            if client.output() == Output::Json {
                return output::json(&halt);
            }
            return output::facts(
                &["level", "since", "by", "reason"].map(|name| (name, member(&halt, name))),
            );
        };
        let level = level.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let request =
            client.api(Method::PUT, &["halt"])?.json(&json!({"level": level, "reason": self.reason}));
        let answer = client.send(request).await?;
        let waits = answer.status() == StatusCode::ACCEPTED;
        let halt: Value = answer.json().await.unwrap_or_default();
        if client.output() == Output::Json {
            return output::json(&halt);
        }
        if waits {
            eprintln!("a second person must confirm it; the approval's id:");
            return output::line(&member(&halt, "approval_id"));
        }
        eprintln!("the halt level is {level}");
        Ok(())
    }
}

/// `healthcheck`.
#[derive(Debug, Args)]
pub struct Healthcheck {
    /// The server
    #[arg(
        long,
        env = "DEPUTY_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:8080",
        hide_env_values = true
    )]
    server: String,
}

impl Healthcheck {
    /// Asks `/readyz`, for at most five seconds.
    ///
    /// # Errors
    /// If the server is not ready.
    pub async fn run(self) -> Result<(), Failure> {
        let remote = Remote { server: self.server, key: None, tenant: None, output: Output::Text };
        let client = Client::new(remote)?;
        client.send(client.installation(&["readyz"]).timeout(Duration::from_secs(5))).await?;
        Ok(())
    }
}
