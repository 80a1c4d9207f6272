//! The server process under test.

use std::process::{Command, ExitStatus, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::json;

use crate::database::{Database, Store};
use crate::process::Process;
use crate::{Api, Tenant};

/// A server that has not started yet.
#[derive(Clone, Debug)]
pub struct Starting {
    store: Arc<Store>,
    settings: Vec<(String, String)>,
    arguments: Vec<String>,
    listen: String,
}

impl Starting {
    /// On a given database (for example [`Database::empty`]).
    pub fn on(store: Store) -> Self {
        let listen = "127.0.0.1:0".to_owned();
        Self { store: Arc::new(store), settings: Vec::new(), arguments: Vec::new(), listen }
    }

    /// The database that it will run on.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// A `DEPUTY_…` setting, named without the prefix.
    #[must_use]
    pub fn with(mut self, setting: &str, value: &str) -> Self {
        self.settings.push((format!("DEPUTY_{setting}"), value.to_owned()));
        self
    }

    /// One more argument of `serve`.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Starts it and waits until it listens.
    pub fn start(self) -> Server {
        let (process, url) = self.launch();
        let mut options = self;
        // A restart keeps the port, and with it the issuer.
        options.listen = url.trim_start_matches("http://").trim_start_matches("https://").to_owned();
        let http = reqwest::Client::builder()
            .no_proxy()
            // A server that was killed leaves dead connections behind, and a POST is not tried again.
            .pool_max_idle_per_host(0)
            .redirect(Policy::none())
            .timeout(Duration::from_secs(60))
            .build()
            .expect("a client");
        Server { options, process, public_url: url.clone(), url, http }
    }

    fn command(&self) -> Command {
        let mut command = self.store.command(&["serve", "--listen", &self.listen]);
        command.env("DEPUTY_LOG", "info").args(&self.arguments);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    fn launch(&self) -> (Process, String) {
        let log = self.store.home().join("server.log");
        Process::start(self.command(), &log, |line| line.strip_prefix("listening on ").map(str::to_owned))
    }

    /// Starts it where it is expected to refuse: its exit status and output, once it has ended.
    pub fn refused(&self) -> Output {
        self.command().output().expect("the binary runs")
    }
}

/// A running server.
pub struct Server {
    options: Starting,
    process: Process,
    url: String,
    public_url: String,
    http: reqwest::Client,
}

impl Server {
    /// Where it listens, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What issuers and links start with: its own URL, or the first server's when it is a replica.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The HTTP client of this server's [`Api`]s: no proxy, no redirects, 60 s.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Its database.
    pub fn store(&self) -> &Store {
        &self.options.store
    }

    /// Which database it runs on.
    pub fn database(&self) -> Database {
        self.store().kind()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.store().home().join("server.log")).unwrap_or_default()
    }

    /// A client at the server's root, without a key.
    pub fn anonymous(&self) -> Api {
        Api::new(self.http.clone(), &self.url)
    }

    /// The installation-wide API, `/api/v1`, with the platform key.
    pub fn platform(&self) -> Api {
        let key = self.store().platform_key().expect("a copied database has a platform key");
        Api::new(self.http.clone(), &format!("{}/api/v1", self.url)).with_key(key)
    }

    /// A fresh tenant.
    pub async fn tenant(&self) -> Tenant {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        self.tenant_named(&format!("acme-{}", COUNT.fetch_add(1, Ordering::Relaxed))).await
    }

    /// A fresh tenant of this slug.
    pub async fn tenant_named(&self, slug: &str) -> Tenant {
        let made = self.platform().post("/tenants", json!({"slug": slug, "name": slug})).await.is(201);
        Tenant::new(self, &made)
    }

    /// A CLI command in this server's surroundings: database, master key and `DEPUTY_SERVER` are set.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.store().command(arguments);
        command.env("DEPUTY_SERVER", &self.url);
        command
    }

    /// Runs [`Server::command`] to its end.
    pub fn cli(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// SIGKILL: what was acknowledged must be on disk.
    pub fn kill_9(&mut self) {
        self.process.kill();
    }

    /// SIGTERM, and its exit status; it has 20 seconds to drain.
    pub fn stop(&mut self) -> ExitStatus {
        self.process.terminate(Duration::from_secs(20))
    }

    /// Starts again on the same database and port (after a kill if it still runs).
    pub fn restart(&mut self) {
        self.process.kill();
        let (process, url) = self.options.launch();
        assert_eq!(url, self.url, "a restart keeps the port");
        self.process = process;
    }

    /// A second server on the same database, under the same public URL.
    pub fn replica(&self) -> Server {
        let mut options = self.options.clone().with("PUBLIC_URL", &self.public_url);
        options.listen = "127.0.0.1:0".to_owned();
        let mut replica = options.start();
        replica.public_url.clone_from(&self.public_url);
        replica
    }
}
