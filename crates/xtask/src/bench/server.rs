//! The server that is measured: the release binary with default settings, on a database of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::failure::Failure;
use crate::shell;

/// 32 bytes in base64; nothing that it protects outlives the run.
const MASTER_KEY: &str = "ZGVwdXR5LWJlbmNoLWRlcHV0eS1iZW5jaC1kZXB1dHk=";
/// The kernel's unit in `/proc/PID/stat`; 100 per second on every Linux that Rust supports.
const TICKS_PER_SECOND: u64 = 100;

pub(super) struct Server {
    process: Child,
    /// `127.0.0.1:PORT`.
    pub(super) address: String,
    pub(super) platform_key: String,
    _home: TempDir,
}

impl Server {
    /// Starts one; how long it took from the start of the process, on a directory without a database, to the
    /// line that says that it listens.
    pub(super) fn start(binary: &Path, database: Option<&str>) -> Result<(Self, Duration), Failure> {
        let home = tempfile::tempdir().map_err(Failure::at(std::env::temp_dir()))?;
        let url = database
            .map_or_else(|| format!("sqlite://{}", home.path().join("deputy.db").display()), str::to_owned);
        let command = |arguments: &[&str]| {
            let mut command = Command::new(binary);
            command.current_dir(home.path()).args(arguments).env("DEPUTY_DATABASE_URL", &url);
            command.env("DEPUTY_MASTER_KEY", MASTER_KEY).env("DEPUTY_LOG", "warn");
            command
        };
        let (mut serve, mut create_key) =
            (command(&["serve", "--listen", "127.0.0.1:0"]), command(&["key", "create", "--platform"]));
        let log = home.path().join("server.log");
        let log = std::fs::File::create(&log).map_err(Failure::at(&log))?;
        let begin = Instant::now();
        let mut process = serve
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|source| Failure::Start { program: "deputy serve".to_owned(), source })?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            let mut stdout = BufReader::new(stdout);
            stdout.read_line(&mut line).map_err(Failure::Connection)?;
            std::thread::spawn(move || stdout.lines().map_while(Result::ok).for_each(drop));
        }
        let elapsed = begin.elapsed();
        let mut server = Self { process, address: String::new(), platform_key: String::new(), _home: home };
        let address = line.trim().strip_prefix("listening on http://");
        let address =
            address.ok_or_else(|| Failure::Output { program: "deputy serve", said: line.clone() })?;
        server.address = address.to_owned();
        // The command works on the database of the running server.
        server.platform_key = shell::quietly(&mut create_key)?.trim().to_owned();
        Ok((server, elapsed))
    }

    /// The processor time it has used so far, in microseconds.
    pub(super) fn cpu_micros(&self) -> Result<u64, Failure> {
        let file = format!("/proc/{}/stat", self.process.id());
        let text = std::fs::read_to_string(&file).map_err(Failure::at(&file))?;
        // The name in parentheses may hold anything; what follows it is fields 3 and on.
        let fields = text.rsplit_once(") ").map(|(_, fields)| fields).unwrap_or_default();
        let ticks =
            fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum::<u64>();
        Ok(ticks * 1_000_000 / TICKS_PER_SECOND)
    }

    /// Its resident memory, in MiB.
    pub(super) fn resident_mib(&self) -> Result<u64, Failure> {
        let file = format!("/proc/{}/status", self.process.id());
        let text = std::fs::read_to_string(&file).map_err(Failure::at(&file))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        kib.map(|kib| kib / 1024).ok_or(Failure::Output { program: "/proc/PID/status", said: text })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
