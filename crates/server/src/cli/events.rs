//! `deputy events`: follow the governance bus, and export it.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use futures_util::StreamExt as _;
use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::Value;

use super::Failure;
use super::client::{Client, Remote};
use super::output::{self, Output, member};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Print events as they happen, until interrupted
    Tail(Tail),
    /// Write events as NDJSON
    Export(Export),
}

/// `events tail`.
#[derive(Debug, Args)]
pub struct Tail {
    #[command(flatten)]
    remote: Remote,
    /// Begin after this position
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
}

/// `events export`.
#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    remote: Remote,
    /// Only events of this agent, by id or name
    #[arg(long)]
    agent: Option<String>,
    /// Only events of this subject
    #[arg(long)]
    subject: Option<String>,
    /// Only events of this credential
    #[arg(long)]
    credential: Option<String>,
    /// Only this action, such as token.issued
    #[arg(long)]
    action: Option<String>,
    /// Only from this instant on (RFC 3339)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only before this instant (RFC 3339)
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Verb {
    /// Runs it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Tail(verb) => verb.run().await,
            Self::Export(verb) => verb.run().await,
        }
    }
}

impl Tail {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let mut request = client.api(Method::GET, &["events", "stream"])?.header(ACCEPT, "text/event-stream");
        if let Some(after) = self.after {
            request = request.query(&[("after", after)]);
        }
        let mut chunks = client.send(request).await?.bytes_stream();
        let mut pending = Vec::new();
        while let Some(chunk) = chunks.next().await {
            pending.extend_from_slice(&chunk.map_err(|error| client.unreachable(&error))?);
            while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = pending.drain(..=end).collect();
                if let Some(data) = String::from_utf8_lossy(&line).trim_end().strip_prefix("data:") {
                    print(data.trim_start(), client.output())?;
                }
            }
        }
        Err(Failure::Negative("the server ended the stream".to_owned()))
    }
}

/// One event on one line.
fn print(data: &str, form: Output) -> Result<(), Failure> {
    if form == Output::Json {
        return output::line(data);
    }
    let event: Value = serde_json::from_str(data).map_err(|error| Failure::Answer(error.to_string()))?;
    let of = |name: &str| output::visible(&member(&event, name));
    let (agent, decision, reasons) = (of("agent"), of("decision"), of("reasons"));
    let rest = [agent, decision, reasons].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
    output::line(
        format!("{} {:>8} {} by {} {}", of("time"), of("seq"), of("action"), of("actor"), rest.join(" "))
            .trim_end(),
    )
}

impl Export {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote)?;
        let wanted = [
            ("agent", self.agent),
            ("subject", self.subject),
            ("credential", self.credential),
            ("action", self.action),
            ("since", self.since),
            ("until", self.until),
        ];
        let query: Vec<(&str, String)> =
            wanted.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        download(&client, &["events"], &query, self.out).await
    }
}

/// Copies an NDJSON answer to a file or stdout.
///
/// # Errors
/// [`Failure`].
pub async fn download(
    client: &Client,
    segments: &[&str],
    query: &[(&str, String)],
    out: Option<PathBuf>,
) -> Result<(), Failure> {
    let request = client.api(Method::GET, segments)?.query(query).header(ACCEPT, "application/x-ndjson");
    let mut chunks = client.send(request).await?.bytes_stream();
    let name = out.as_ref().map_or_else(|| "stdout".to_owned(), |path| format!("`{}`", path.display()));
    let failed = |error| Failure::io(name.clone(), error);
    let mut sink: Box<dyn std::io::Write> = match &out {
        Some(path) => Box::new(std::io::BufWriter::new(std::fs::File::create(path).map_err(failed)?)),
        None => Box::new(std::io::stdout().lock()),
    };
    while let Some(chunk) = chunks.next().await {
        sink.write_all(&chunk.map_err(|error| client.unreachable(&error))?).map_err(failed)?;
    }
    sink.flush().map_err(failed)
}
