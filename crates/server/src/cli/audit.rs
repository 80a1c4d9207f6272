//! `deputy audit`: export the log, and verify an export without trusting the server that made it.
//!
//! Invariant: an export verifies only if every event's hash fits its content and its predecessor, no position
//! is missing in between.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use deputy_mandate::jcs;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Failure;
use super::client::{Client, Remote};
use super::output;
use super::secret_input::whole;

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write the whole log as NDJSON
    Export(Export),
    /// Verify an export: every hash and the chain between them
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
}

/// `audit verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The export; - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Verb {
    /// Runs it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Export(verb) => {
                let client = Client::new(verb.remote)?;
                super::events::download(&client, &["events"], &[], verb.out).await
            }
            Self::Verify(verb) => {
                let found = chain(&whole(&verb.file)?).map_err(Failure::Negative)?;
                output::line(&format!(
                    "{} events, {} to {}, are unbroken",
                    found.events, found.first, found.last
                ))
            }
        }
    }
}

/// An unbroken run of events.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    events: u64,
    first: i64,
    last: i64,
}

/// Walks the export; the problem is a sentence that names the line.
fn chain(export: &str) -> Result<Run, String> {
    let mut found: Option<(Run, String)> = None;
    for (number, line) in export.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |what: &str| format!("line {}: {what}", number + 1);
        let mut event: BTreeMap<String, Value> =
            serde_json::from_str(line).map_err(|error| wrong(&format!("is not an event: {error}")))?;
        let hash = match event.remove("hash") {
            Some(Value::String(hash)) => hash,
            _ => return Err(wrong("has no hash")),
        };
        let text = jcs::canonical(&event).map_err(|error| wrong(&error.to_string()))?;
        if URL_SAFE_NO_PAD.encode(Sha256::digest(text)) != hash {
            return Err(wrong("its hash does not fit its content: it was changed"));
        }
        let seq = event.get("seq").and_then(Value::as_i64).ok_or_else(|| wrong("has no position"))?;
        let prev = event.get("prev").and_then(Value::as_str);
        let run = match found {
            None => Run { events: 1, first: seq, last: seq },
            Some((run, before)) => {
                if seq != run.last + 1 {
                    return Err(wrong(&format!("position {seq} follows {}: events are missing", run.last)));
                }
                if prev != Some(before.as_str()) {
                    return Err(wrong("does not follow from the event before it"));
                }
                Run { events: run.events + 1, last: seq, ..run }
            }
        };
        found = Some((run, hash));
    }
    found.map(|(run, _)| run).ok_or_else(|| "the export holds no event".to_owned())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use sha2::{Digest as _, Sha256};

    use super::{Run, chain};

    fn export() -> Vec<String> {
        let mut prev = "A".repeat(43);
        (1..=3)
            .map(|seq| {
                let text =
                    format!(r#"{{"action":"token.issued","actor":"system","prev":"{prev}","seq":{seq}}}"#);
                prev = URL_SAFE_NO_PAD.encode(Sha256::digest(&text));
                format!("{},\"hash\":\"{prev}\"}}", &text[..text.len() - 1])
            })
            .collect()
    }

    #[test]
    fn an_untouched_export_verifies() {
        assert_eq!(chain(&export().join("\n")), Ok(Run { events: 3, first: 1, last: 3 }));
    }

    #[test]
    fn a_change_a_gap_and_a_swap_are_found() {
        let lines = export();
        let changed = lines.join("\n").replacen("system", "nobody", 1);
        assert!(chain(&changed).expect_err("bad").contains("line 1"));
        let gap = [lines[0].clone(), lines[2].clone()].join("\n");
        assert!(chain(&gap).expect_err("bad").contains("missing"));
        let swapped = [lines[1].clone(), lines[0].clone()].join("\n");
        assert!(chain(&swapped).is_err());
        assert!(chain("").is_err());
    }
}
