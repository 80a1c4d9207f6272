//! An identity provider that we did not write: panva's oidc-provider on Node (`tests/clients/node/idp.mjs`).
//!
//! ```ignore
//! let clients = json!([{"client_id": "deputy", "client_secret": "…", "redirect_uris": [callback]}]);
//! let Some(upstream) = Upstream::start(clients, json!({"alice": {"groups": ["admins"]}})) else { return };
//! let back = upstream.sign_in(&authorization_url, "alice").await;     // the redirect to the client, with its code
//! let token = upstream.access_token("alice", "https://api.example.com").await;
//! upstream.rotate_keys();
//! ```
//!
//! Invariant: anybody can sign in, by the name alone; who is not among `accounts` has an address at example.com
//! and no groups. PKCE is required of every client. It dies with its value.

mod browser;

use std::collections::HashMap;
use std::io::Write as _;
use std::process::ChildStdin;
use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::foreign;
use crate::jwt::nonce;
use crate::process::Process;
use browser::Visitor;

const PATIENCE: Duration = Duration::from_secs(30);
const SECRET: &str = "the secret of the tests' own clients";
/// Nobody listens there: it is read off the redirect.
const CALLBACK: &str = "http://127.0.0.1/tests/callback";

/// The client of [`Upstream::id_token`] and [`Upstream::access_token`], whose ID tokens are RS256.
pub const OWN_CLIENT: &str = "tests";
/// The same with ES256.
pub const OWN_CLIENT_ES256: &str = "tests-es256";

/// The provider.
pub struct Upstream {
    issuer: String,
    control: Mutex<(ChildStdin, Receiver<Value>)>,
    visitors: tokio::sync::Mutex<HashMap<String, Visitor>>,
    process: Process,
    _stage: TempDir,
}

impl Upstream {
    /// With these clients (OpenID Connect Dynamic Client Registration 1.0 §2, with `client_id` and
    /// `client_secret`) and accounts (their claims by their name); `None`, after a note, where there is no Node.
    pub fn start(clients: Value, accounts: Value) -> Option<Self> {
        Self::named("127.0.0.1", clients, accounts)
    }

    /// The same under the name `localhost`: to a browser that is another site than the server under test.
    pub fn start_cross_site(clients: Value, accounts: Value) -> Option<Self> {
        Self::named("localhost", clients, accounts)
    }

    fn named(host: &str, clients: Value, accounts: Value) -> Option<Self> {
        let (mut command, stage) = foreign::node_command("idp.mjs")?;
        let input = [("CLIENTS", with_own(clients)), ("ACCOUNTS", accounts)];
        command.envs(input.map(|(name, value)| (name, value.to_string()))).env("NAME", host);
        let log = stage.path().join("idp.log");
        let line = |line: &str| serde_json::from_str(line).ok();
        let (process, ready, input, more) = Process::start_commanded::<Value>(command, &log, line);
        let issuer = ready["issuer"].as_str().expect("an issuer").to_owned();
        let (control, visitors) = (Mutex::new((input, more)), tokio::sync::Mutex::default());
        Some(Self { issuer, control, visitors, process, _stage: stage })
    }

    /// Its name, and where discovery starts.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// New keys; the old ones are withdrawn at once. Says the `kid` of each new one.
    pub fn rotate_keys(&self) -> Vec<String> {
        let done = self.command(json!({"do": "rotate"}));
        serde_json::from_value(done["kids"].clone()).expect("names of keys")
    }

    /// Other clients, instead of those that it had.
    pub fn clients(&self, clients: Value) {
        self.command(json!({"do": "clients", "clients": with_own(clients)}));
    }

    /// Closes each connection on which something is asked, until [`Upstream::answer`].
    pub fn stop(&self) {
        self.command(json!({"do": "stop"}));
    }

    /// Answers again.
    pub fn answer(&self) {
        self.command(json!({"do": "answer"}));
    }

    fn command(&self, command: Value) -> Value {
        let mut control = self.control.lock().unwrap();
        writeln!(control.0, "{command}").expect("it reads");
        let done = control.1.recv_timeout(PATIENCE);
        let done = done.unwrap_or_else(|error| panic!("{command}: {error}\n{}", self.process.tail()));
        assert_eq!(done["done"], command["do"]);
        done
    }

    /// What a browser does that this person uses: follows an authorization URL through the provider, signs in
    /// where that has not been done before, and says where the provider sends it back to.
    ///
    /// # Panics
    /// When it is not sent back.
    pub async fn sign_in(&self, authorization_url: &str, account: &str) -> String {
        let mut visitors = self.visitors.lock().await;
        visitors
            .entry(account.to_owned())
            .or_default()
            .sign_in(&self.issuer, authorization_url, account)
            .await
    }

    /// This person signs out at the provider, which then tells the clients that have a `backchannel_logout_uri`.
    pub async fn sign_out(&self, account: &str) {
        let end = self.metadata().await["end_session_endpoint"].as_str().expect("an endpoint").to_owned();
        let mut visitors = self.visitors.lock().await;
        visitors.entry(account.to_owned()).or_default().sign_out(&self.issuer, &end).await;
    }

    /// Its discovery document.
    pub async fn metadata(&self) -> Value {
        read(&format!("{}/.well-known/openid-configuration", self.issuer)).await
    }

    /// Its key set.
    pub async fn jwks(&self) -> Value {
        read(self.metadata().await["jwks_uri"].as_str().expect("a URL")).await
    }

    /// An RS256 ID token for [`OWN_CLIENT`], with all that the account has.
    pub async fn id_token(&self, account: &str) -> String {
        self.tokens(OWN_CLIENT, account, &[]).await["id_token"].as_str().expect("a token").to_owned()
    }

    /// An ES256 ID token for [`OWN_CLIENT_ES256`].
    pub async fn id_token_es256(&self, account: &str) -> String {
        self.tokens(OWN_CLIENT_ES256, account, &[]).await["id_token"].as_str().expect("a token").to_owned()
    }

    /// A JWT access token (RFC 9068, RS256) for an API that [`OWN_CLIENT`] asked for (RFC 8707).
    pub async fn access_token(&self, account: &str, audience: &str) -> String {
        let tokens = self.tokens(OWN_CLIENT, account, &[("resource", audience)]).await;
        tokens["access_token"].as_str().expect("a token").to_owned()
    }

    async fn tokens(&self, client: &str, account: &str, more: &[(&str, &str)]) -> Value {
        let metadata = self.metadata().await;
        let (verifier, state) = (format!("{}{}", nonce(), nonce()), nonce());
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let endpoint = metadata["authorization_endpoint"].as_str().expect("an endpoint");
        let mut url = Url::parse(endpoint).expect("a URL");
        let asked = [
            ("client_id", client),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid email profile groups"),
            ("state", &state),
            ("nonce", &nonce()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        url.query_pairs_mut().extend_pairs(asked).extend_pairs(more);
        let back = Url::parse(&self.sign_in(url.as_str(), account).await).expect("a URL");
        let given: HashMap<String, String> = back.query_pairs().into_owned().collect();
        assert_eq!(given.get("state"), Some(&state), "{back}");
        let code = given.get("code").unwrap_or_else(|| panic!("no code: {back}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", &verifier),
            ("client_id", client),
            ("client_secret", SECRET),
        ];
        let endpoint = metadata["token_endpoint"].as_str().expect("an endpoint");
        let answer = browser::http().post(endpoint).form(&form).send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("text"));
        assert_eq!(status.as_u16(), 200, "{text}\n{}", self.process.tail());
        serde_json::from_str(&text).expect("JSON")
    }
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// The clients of a test, and those of this module.
fn with_own(clients: Value) -> Value {
    let Value::Array(mut clients) = clients else { panic!("clients are an array: {clients}") };
    clients.extend([(OWN_CLIENT, "RS256"), (OWN_CLIENT_ES256, "ES256")].map(|(id, alg)| {
        json!({
            "client_id": id, "client_secret": SECRET, "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "client_secret_post", "id_token_signed_response_alg": alg,
        })
    }));
    Value::Array(clients)
}

async fn read(url: &str) -> Value {
    let answer = browser::http().get(url).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200, "{url}");
    answer.json().await.expect("JSON")
}
