//! `deputy import`: one manifest, one transaction.
//!
//! Invariant: credentials are written to a new file that only its owner can read, never over an old one.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use futures_util::stream;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::Value;

use super::Failure;
use super::client::{Client, Remote};
use super::output::{self, Output, member};

/// `import`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    remote: Remote,
    /// The fleet manifest, YAML
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Delete what an earlier manifest made and this one leaves out
    #[arg(long)]
    prune: bool,
    /// Make owners that are not known yet
    #[arg(long)]
    create_owners: bool,
    /// Write the new credentials to this new file, readable by you alone
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    credentials_out: Option<PathBuf>,
}

/// What the server takes at most, in bytes.
const MOST: usize = crate::http::body::IMPORT;
/// From this size on the upload is shown, in bytes.
const LARGE: usize = 256 << 10;
const CHUNK: usize = 64 << 10;

impl Arguments {
    /// Sends the manifest and prints what changed.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(self) -> Result<(), Failure> {
        let client = Client::new(self.remote.clone())?;
        let name = self.file.display().to_string();
        let manifest = std::fs::read(&self.file).map_err(|error| Failure::io(format!("`{name}`"), error))?;
        if manifest.len() > MOST {
            return Err(Failure::Usage(format!("`{name}` is over 10 MiB")));
        }
        // Opened first: an import whose secrets cannot be kept must not begin.
        let mut keep = self.credentials_out.as_deref().map(create_private).transpose()?;

        let flags = [("dry_run", self.dry_run), ("prune", self.prune), ("create_owners", self.create_owners)];
        let query: Vec<_> = flags.iter().filter(|(_, set)| *set).map(|(flag, _)| (*flag, "true")).collect();
        let progress = progress(manifest.len());
        let request = client
            .api(Method::POST, &["imports"])?
            .query(&query)
            .header(CONTENT_TYPE, "application/yaml")
            .header(CONTENT_LENGTH, manifest.len())
            .body(body(manifest, progress.clone()));
        let answer = client.json(request).await;
        progress.finish_and_clear();
        let report = match answer {
            Ok(report) => report,
            Err(failure) => {
                if let Some(path) = self.credentials_out.as_deref() {
                    // Nothing was imported, so nothing is lost with the empty file.
                    let _ = std::fs::remove_file(path);
                }
                return Err(failure);
            }
        };
        if let Some(file) = &mut keep {
            let credentials = report.get("credentials").cloned().unwrap_or_default();
            writeln!(file, "{credentials:#}").map_err(|error| Failure::io("the credentials file", error))?;
        }
        self.report_on(&report, client.output(), keep.is_some())
    }

    fn report_on(&self, report: &Value, form: Output, kept: bool) -> Result<(), Failure> {
        if form == Output::Json {
            let mut report = report.clone();
            if let (true, Some(members)) = (kept, report.as_object_mut()) {
                members.remove("credentials");
            }
            return output::json(&report);
        }
        for list in ["created", "updated", "deleted"] {
            for item in report.get(list).and_then(Value::as_array).into_iter().flatten() {
                output::line(&format!("{list:8} {}", output::visible(&named(item))))?;
            }
        }
        let count = |list: &str| report.get(list).and_then(Value::as_array).map_or(0, Vec::len);
        let would = if self.dry_run { " (a dry run: nothing was changed)" } else { "" };
        eprintln!(
            "{} created, {} updated, {} unchanged, {} deleted{would}",
            count("created"),
            count("updated"),
            count("unchanged"),
            count("deleted")
        );
        match (&self.credentials_out, count("credentials")) {
            (Some(path), made) => eprintln!("{made} credentials are in `{}`", path.display()),
            (None, 0) => {}
            (None, _) => {
                eprintln!("these credentials are not shown again:");
                let columns = ["agent", "kind", "client_id", "client_secret"];
                let credentials =
                    report.get("credentials").and_then(Value::as_array).cloned().unwrap_or_default();
                let row = |credential: &Value| columns.map(|name| member(credential, name)).to_vec();
                output::table(&columns, &credentials.iter().map(row).collect::<Vec<_>>())?;
            }
        }
        Ok(())
    }
}

/// An item of a list is a name, or an object with a kind and a name.
fn named(item: &Value) -> String {
    match item {
        Value::Object(_) => format!("{} {}", member(item, "kind"), member(item, "name")).trim().to_owned(),
        other => output::text(other),
    }
}

fn create_private(path: &Path) -> Result<std::fs::File, Failure> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|error| Failure::io(format!("`{}` (--credentials-out)", path.display()), error))
}

fn progress(length: usize) -> ProgressBar {
    if length < LARGE {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {bytes}/{total_bytes} {elapsed}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message("uploading");
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The manifest in chunks, so that its way to the server can be seen.
fn body(manifest: Vec<u8>, progress: ProgressBar) -> reqwest::Body {
    let rest = Bytes::from(manifest);
    reqwest::Body::wrap_stream(stream::unfold((rest, progress), |(mut rest, progress)| async move {
        if rest.is_empty() {
            progress.set_message("importing");
            return None;
        }
        let chunk = rest.split_to(rest.len().min(CHUNK));
        progress.inc(u64::try_from(chunk.len()).unwrap_or_default());
        Some((Ok::<_, std::io::Error>(chunk), (rest, progress)))
    }))
}
