//! `deputy agent`: list, show, suspend, reactivate, and make credentials.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::Failure;
use super::client::{Client, Remote};
use super::output::{self, Output, member};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the agents
    List(List),
    /// Show one agent
    Show(One),
    /// Let an agent get and use nothing until it is reactivated
    Suspend(One),
    /// Lift a suspension
    Reactivate(One),
    /// List an agent's credentials, or make one
    Credentials(Credentials),
}

/// `agent list`.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    remote: Remote,
    /// Only agents of this owner, such as user:alice@example.com
    #[arg(long, value_name = "REF")]
    owner: Option<String>,
    /// Only agents in this state
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
}

/// An agent by id or name.
#[derive(Debug, Args)]
pub struct One {
    #[command(flatten)]
    remote: Remote,
    /// The agent's id or name
    #[arg(value_name = "AGENT")]
    agent: String,
}

/// `agent credentials`.
#[derive(Debug, Args)]
pub struct Credentials {
    #[command(flatten)]
    remote: Remote,
    /// The agent's id or name
    #[arg(value_name = "AGENT")]
    agent: String,
    /// Make a client secret; it goes to stdout alone
    #[arg(long)]
    create: bool,
}

impl Verb {
    /// Runs it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(self) -> Result<(), Failure> {
        match self {
            Self::List(verb) => verb.run().await,
            Self::Show(verb) => verb.show().await,
            Self::Suspend(verb) => verb.act("suspend", "suspended").await,
            Self::Reactivate(verb) => verb.act("reactivate", "reactivated").await,
            Self::Credentials(verb) => verb.run().await,
        }
    }
}

impl List {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let wanted = [("owner", &self.owner), ("state", &self.state)];
        let query: Vec<(&str, &str)> =
            wanted.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        let agents = client.all(&["agents"], &query).await?;
        if client.output() == Output::Json {
            return output::json(&Value::Array(agents));
        }
        if agents.is_empty() {
            eprintln!("no agents");
            return Ok(());
        }
        let row = |agent: &Value| ["name", "state", "owners", "id"].map(|name| member(agent, name)).to_vec();
        output::table(&["name", "state", "owners", "id"], &agents.iter().map(row).collect::<Vec<_>>())
    }
}

impl One {
    async fn show(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let agent = client.json(client.api(Method::GET, &["agents", &self.agent])?).await?;
        if client.output() == Output::Json {
            return output::json(&agent);
        }
        let names = [
            "name",
            "display_name",
            "id",
            "state",
            "spiffe_id",
            "owners",
            "allowed_scopes",
            "default_audience",
            "parent",
            "critical",
            "require_dpop",
            "max_depth",
            "ttl",
        ];
        output::facts(&names.map(|name| (name, member(&agent, name))))
    }

    async fn act(self, verb: &str, done: &str) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let agent =
            client.json(client.api(Method::POST, &["agents", &self.agent, verb])?.json(&json!({}))).await?;
        if client.output() == Output::Json {
            return output::json(&agent);
        }
        eprintln!("{} is {done}", self.agent);
        Ok(())
    }
}

impl Credentials {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let path = ["agents", self.agent.as_str(), "credentials"];
        if self.create {
            let request = client.api(Method::POST, &path)?.json(&json!({"kind": "secret"}));
            let made = client.json(request).await?;
            if client.output() == Output::Json {
                return output::json(&made);
            }
            eprintln!("client id {}; this secret is not shown again:", member(&made, "client_id"));
            return output::line(&member(&made, "client_secret"));
        }
        let credentials = client.all(&path, &[]).await?;
        if client.output() == Output::Json {
            return output::json(&Value::Array(credentials));
        }
        let columns = ["kind", "id", "created", "last_used"];
        let row = |credential: &Value| columns.map(|name| member(credential, name)).to_vec();
        output::table(&columns, &credentials.iter().map(row).collect::<Vec<_>>())
    }
}
