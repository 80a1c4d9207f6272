//! An upstream issuer inside the test process: an OpenID provider or workload issuer that does what a test says.
//!
//! ```ignore
//! let issuer = Issuer::start().await;                     // ES256; `start_with(Alg::Rs256)`, `start_under("/realms/a")`
//! let good = issuer.token("alice", "https://api.example.com").seal();
//! let late = issuer.token("alice", "https://api.example.com").expired().seal();
//! issuer.rotate();                                        // a new key, the old one gone from the set at once
//! issuer.behave(JWKS, Behaviour::Hang);                   // one path misbehaves until it is told otherwise
//! issuer.stop().await;                                    // connections are refused; `start_again()` on the same port
//! assert_eq!(issuer.hits(JWKS), 1);
//!
//! issuer.client("deputy", "secret", "http://127.0.0.1:1/callback");
//! issuer.sign_in_as("alice", json!({"email": "alice@example.com"}));
//! issuer.id_tokens(|token| token.claim("nonce", "another"));   // what is wrong with the ID tokens
//! issuer.response("iss", None);                                // what is wrong with the redirect back
//! issuer.behave_well();                                        // nothing is wrong any more
//! ```
//!
//! Invariant: it runs on a thread of its own, so it answers also while the test waits for a process without
//! `await`; it ends with its value.

mod behaviour;
mod documents;
mod key;
mod kinds;
mod serve;
mod sign_in;
mod token;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

pub use behaviour::Behaviour;
pub use key::{Alg, Foreign, Key};
pub use token::Token;

use documents::Documents;
use sign_in::SignIns;

/// The path of the discovery document, below the issuer.
pub const DISCOVERY: &str = "/.well-known/openid-configuration";
/// The path of the key set.
pub const JWKS: &str = "/jwks.json";
/// The path of the authorization endpoint.
pub const AUTHORIZE: &str = "/authorize";
/// The path of the token endpoint.
pub const TOKEN: &str = "/token";
/// The path of the SPIFFE bundle.
pub const SPIFFE_BUNDLE: &str = "/spiffe-bundle";

/// The issuer.
pub struct Issuer {
    shared: Arc<Shared>,
    listening: Mutex<Listening>,
    runtime: Option<Runtime>,
}

struct Shared {
    address: SocketAddr,
    /// What the issuer's URL has after the authority, as it is spelt: a provider's may end in a slash.
    under: String,
    state: Mutex<State>,
}

struct State {
    signing: Arc<Key>,
    published: Vec<Arc<Key>>,
    /// Every key that it ever had, so that none of them comes back as a new one.
    made: Vec<Arc<Key>>,
    documents: Documents,
    sign_ins: SignIns,
    hits: HashMap<String, usize>,
}

enum Listening {
    Yes(JoinHandle<()>),
    /// Bound without listening: connections are refused, and nobody else gets the port.
    No(TcpSocket),
    Changing,
}

impl Shared {
    fn url(&self) -> String {
        format!("http://{}{}", self.address, self.under)
    }

    /// The URL of a path below the issuer.
    fn at(&self, path: &str) -> String {
        format!("http://{}{}{path}", self.address, self.under.trim_end_matches('/'))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Issuer {
    /// With an ES256 key.
    pub async fn start() -> Self {
        Self::start_with(Alg::Es256).await
    }

    /// With a key of this algorithm.
    pub async fn start_with(alg: Alg) -> Self {
        Self::new(alg, "").await
    }

    /// An ES256 issuer whose URL has a path: `/realms/acme`, or a mere `/`.
    pub async fn start_under(path: &str) -> Self {
        Self::new(Alg::Es256, path).await
    }

    async fn new(alg: Alg, under: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listen = async || TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let listener = runtime.spawn(async move { listen().await }).await.expect("the runtime runs");
        let key = Key::generate(alg);
        let state = State {
            signing: key.clone(),
            published: vec![key.clone()],
            made: vec![key],
            documents: Documents::default(),
            sign_ins: SignIns::default(),
            hits: HashMap::new(),
        };
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared { address, under: under.to_owned(), state: Mutex::new(state) });
        let task = runtime.spawn(serve::accept(listener, shared.clone()));
        Self { shared, listening: Mutex::new(Listening::Yes(task)), runtime: Some(runtime) }
    }

    /// Its name: the `iss` of what it signs.
    pub fn url(&self) -> String {
        self.shared.url()
    }

    /// The URL of one of its paths.
    pub fn at(&self, path: &str) -> String {
        self.shared.at(path)
    }

    /// How often a path was asked for.
    pub fn hits(&self, path: &str) -> usize {
        self.shared.state().hits.get(path).copied().unwrap_or_default()
    }

    /// Refuses connections from now on, and cuts those that are open.
    pub async fn stop(&self) {
        let before = std::mem::replace(&mut *self.listening.lock().unwrap(), Listening::Changing);
        let Listening::Yes(task) = before else { panic!("it is stopped already") };
        task.abort();
        // It ends with being cancelled, and that is what was asked for.
        task.await.ok();
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("an option");
        // A process that another test is just starting holds copies of our sockets until it is what it shall be.
        let start = Instant::now();
        while let Err(error) = socket.bind(self.shared.address) {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{} is not free: {error}",
                self.shared.address
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        *self.listening.lock().unwrap() = Listening::No(socket);
    }

    /// Listens again on the same port.
    pub fn start_again(&self) {
        let mut listening = self.listening.lock().unwrap();
        let Listening::No(socket) = std::mem::replace(&mut *listening, Listening::Changing) else {
            panic!("it is not stopped")
        };
        let runtime = self.runtime.as_ref().expect("it runs while it lives");
        let _entered = runtime.enter();
        let listener = socket.listen(1024).expect("its own port");
        *listening = Listening::Yes(runtime.spawn(serve::accept(listener, self.shared.clone())));
    }
}

/// Its keys.
impl Issuer {
    /// The key that it signs with now.
    pub fn key(&self) -> Arc<Key> {
        self.shared.state().signing.clone()
    }

    /// A new key of the same algorithm signs; all others are gone from the set at once.
    pub fn rotate(&self) -> Arc<Key> {
        self.rotate_to(self.key().alg())
    }

    /// The same, with a key of this algorithm.
    pub fn rotate_to(&self, alg: Alg) -> Arc<Key> {
        let key = self.publish_next(alg);
        let mut state = self.shared.state();
        state.published = vec![key.clone()];
        state.signing = key.clone();
        key
    }

    /// One key more in the set, which does not sign yet.
    pub fn publish_next(&self, alg: Alg) -> Arc<Key> {
        let key = Key::generate(alg);
        let mut state = self.shared.state();
        state.made.push(key.clone());
        state.published.push(key.clone());
        key
    }

    /// From now on this key signs, whether it is in the set or not.
    pub fn sign_with(&self, key: &Arc<Key>) {
        self.shared.state().signing = key.clone();
    }

    /// A key less in the set, also when it is the one that signs.
    pub fn withdraw(&self, kid: &str) {
        let mut state = self.shared.state();
        let before = state.published.len();
        state.published.retain(|key| key.kid() != kid);
        assert!(state.published.len() < before, "no key `{kid}` is published");
    }

    /// Any object, as the first member of the set: [`Foreign::jwk`], or another issuer's key.
    pub fn publish(&self, jwk: Value) {
        self.shared.state().documents.first.push(jwk);
    }

    /// The keys of the set lack this member from now on: `kid`, `alg`, `use`.
    pub fn keys_without(&self, member: &str) {
        self.shared.state().documents.without.push(member.to_owned());
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("url", &self.url()).finish_non_exhaustive()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        // Waiting for it is not allowed where a test awaits.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
