//! `deputy audit`: export the log, and verify an export without trusting the server that made it.
//!
//! Invariant: an export verifies only if every event's hash fits its content and its predecessor, no position
//! is missing in between, and no checkpoint that was handed in contradicts it.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use deputy_engine::{LogVerifier, Start, VerifiedLog};
use deputy_token::keys::JwkSet;
use serde_json::{Value, json};

use super::Failure;
use super::client::{Client, Remote};
use super::output::{self, Output};
use super::secret_input::whole;

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write the whole log as NDJSON, and what it is verified with
    Export(Export),
    /// Verify an export: every hash, the chain between them, and the signed checkpoints
    Verify(Verify),
}

/// `audit export`.
#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    remote: Remote,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the signed checkpoints to this file too
    #[arg(long, value_name = "FILE")]
    checkpoints: Option<PathBuf>,
    /// Write the keys that checkpoints are signed with to this file too
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

/// `audit verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The export; - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The tenant's checkpoints, as `audit export` wrote them
    #[arg(long, value_name = "FILE", requires = "keys")]
    checkpoints: Option<PathBuf>,
    /// The keys that they are signed with; keep a copy of your own
    #[arg(long, value_name = "FILE", requires = "checkpoints")]
    keys: Option<PathBuf>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Verb {
    /// Runs it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Export(verb) => verb.run().await,
            Self::Verify(verb) => verb.run(),
        }
    }
}

impl Export {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        // Before the events: every checkpoint that is written covers events that are, too.
        if let Some(path) = &self.checkpoints {
            let checkpoints = client.all(&["checkpoints"], &[]).await?;
            write(path, &json!({ "items": checkpoints }))?;
        }
        if let Some(path) = &self.keys {
            let request = client.endpoint(reqwest::Method::GET, &["audit-keys.json"])?;
            write(path, &client.json(request).await?)?;
        }
        super::events::download(&client, &["events"], &[], self.out).await
    }
}

fn write(path: &Path, json: &Value) -> Result<(), Failure> {
    std::fs::write(path, format!("{json}\n"))
        .map_err(|error| Failure::io(format!("`{}`", path.display()), error))
}

impl Verify {
    fn run(self) -> Result<(), Failure> {
        let keys = match &self.keys {
            Some(path) => JwkSet::parse(&whole(path)?)
                .map_err(|error| Failure::Usage(format!("`{}`: {error}", path.display())))?,
            None => JwkSet::default(),
        };
        let checkpoints = match &self.checkpoints {
            Some(path) => sealed(&whole(path)?)
                .ok_or_else(|| Failure::Usage(format!("`{}` holds no checkpoints", path.display())))?,
            None => Vec::new(),
        };
        let problem = |problem: deputy_engine::AuditProblem| Failure::Negative(problem.to_string());
        let mut verifier =
            LogVerifier::new(checkpoints.iter().map(String::as_str), &keys).map_err(problem)?;
        whole(&self.file)?
            .split_terminator('\n')
            .try_for_each(|line| verifier.line(line))
            .map_err(problem)?;
        tell(&verifier.finish().map_err(problem)?, self.output)
    }
}

/// The signed statements in a list of checkpoints as the API answers it.
fn sealed(text: &str) -> Option<Vec<String>> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let items = answer.get("items").unwrap_or(&answer).as_array()?;
    items.iter().map(|item| Some(item.get("jws")?.as_str()?.to_owned())).collect()
}

fn tell(log: &VerifiedLog, form: Output) -> Result<(), Failure> {
    let start = match log.start {
        Start::Genesis => "genesis",
        Start::Checkpoint => "checkpoint",
        Start::Unproved => "unproved",
    };
    if form == Output::Json {
        return output::json(&json!({
            "events": log.events, "first": log.first, "last": log.last, "start": start,
            "signed_through": log.signed_through,
        }));
    }
    match log.signed_through {
        None => {
            eprintln!("no checkpoint covers these events: whoever holds the log could have written it anew")
        }
        Some(seq) if seq < log.last => eprintln!("the events after {seq} are not signed yet"),
        Some(_) => {}
    }
    if log.start == Start::Unproved {
        eprintln!("nothing proves what came before event {}", log.first);
    }
    output::line(&format!("{} events, {} to {}, are unbroken", log.events, log.first, log.last))
}

#[cfg(test)]
mod tests {
    use super::sealed;

    #[test]
    fn checkpoints_are_read_from_an_answer_or_a_list() {
        let one = Some(vec!["a.b.c".to_owned()]);
        assert_eq!(sealed(r#"{"items":[{"seq":1,"jws":"a.b.c"}],"next_cursor":null}"#), one);
        assert_eq!(sealed(r#"[{"jws":"a.b.c"}]"#), one);
        for wrong in ["", "{}", r#"{"items":[{}]}"#, r#"["a.b.c"]"#] {
            assert_eq!(sealed(wrong), None, "{wrong}");
        }
    }
}
