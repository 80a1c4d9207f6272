//! An issuer of a few lines on a free port of this host: it answers what a test put in, and keeps what it was told.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use deputy_mandate::Mandate;
use deputy_token::access::{self, AccessClaims, AgentClaim, Hop};
use deputy_token::keys::{Alg, JwkSet, SigningKey};
use deputy_verifier::{Instant, Kid, Presented, Request, Value, Verdict, Verifier, VerifierBuilder};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;

pub(crate) const CRM: &str = "https://crm.example.com/";
pub(crate) const KEY: &str = "dpy_test";
const STREAM: &str = "/t/acme/revocations/stream";
const JWKS: &str = "/t/acme/jwks.json";
pub(crate) const METADATA: &str = "/.well-known/oauth-authorization-server/t/acme";
pub(crate) const USES: &str = "/t/acme/api/v1/uses";
pub(crate) const EVALUATION: &str = "/t/acme/access/v1/evaluation";

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

#[derive(Default)]
struct State {
    answers: HashMap<String, (u16, String)>,
    entries: Vec<serde_json::Value>,
    came: Vec<Came>,
}

/// The issuer.
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) key: SigningKey,
    state: Arc<Mutex<State>>,
}

pub(crate) fn signing_key(kid: &str) -> SigningKey {
    let rng = aws_lc_rs::rand::SystemRandom::new();
    SigningKey::generate(Kid::new(kid).unwrap(), Alg::Es256, &rng).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "this issuer lives in the present")]
pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Instant(i64::try_from(since.as_millis()).unwrap())
}

fn rfc3339(at: Instant) -> String {
    let format = time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000)
        .unwrap()
        .format(&format)
        .unwrap()
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/t/acme", listener.local_addr().unwrap());
        let (key, state) = (signing_key("k1"), Arc::new(Mutex::new(State::default())));
        let issuer = Self { url, key, state };
        issuer.answers(
            METADATA,
            200,
            json!({"issuer": issuer.url, "jwks_uri": issuer.jwks_uri(), "more": 1}),
        );
        issuer.publish(&[&issuer.key]);
        issuer.answers(EVALUATION, 200, json!({"decision": true}));
        issuer.answers(USES, 200, json!({}));
        let state = issuer.state.clone();
        tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                let state = state.clone();
                let service = service_fn(move |http| answer(state.clone(), http));
                let server = hyper::server::conn::http1::Builder::new();
                tokio::spawn(server.serve_connection(TokioIo::new(connection), service));
            }
        });
        issuer
    }

    pub(crate) fn jwks_uri(&self) -> String {
        format!("{}/jwks.json", self.url)
    }

    /// From now on this path is answered with this.
    pub(crate) fn answers(&self, path: &str, status: u16, body: serde_json::Value) {
        let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
        self.state.lock().unwrap().answers.insert(path.to_owned(), (status, body));
    }

    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        let set = JwkSet { keys: keys.iter().map(|key| key.jwk().clone()).collect() };
        self.answers(JWKS, 200, serde_json::to_value(&set).unwrap());
    }

    /// The feed answers with this status; 200 lets it speak again.
    pub(crate) fn feed(&self, status: u16) {
        self.answers(STREAM, status, json!(""));
    }

    pub(crate) fn revoke(&self, target: serde_json::Value) {
        let mut state = self.state.lock().unwrap();
        let seq = state.entries.len() + 100;
        state.entries.push(json!({"seq": seq, "target": target}));
    }

    /// The requests that came to a path.
    pub(crate) fn came(&self, path: &str) -> Vec<Came> {
        self.state.lock().unwrap().came.iter().filter(|came| came.path == path).cloned().collect()
    }

    pub(crate) fn builder(&self) -> VerifierBuilder {
        Verifier::builder(&self.url).audience(CRM).key(KEY)
    }

    /// A token of one scope, signed with this key.
    pub(crate) fn token_by(&self, key: &SigningKey, uses: Option<u64>) -> String {
        let mandate = json!({
            "scopes": ["read:docs"], "tools": {"search": {}}, "blocked_tools": [], "limits": {}, "declared": {},
            "limit_required": {}, "audience": [CRM], "binding": {}, "not_before": now().0,
            "expires_at": now().plus_secs(600).0, "max_depth": 3, "may_delegate": true, "uses": uses
        });
        let mut mandate = mandate;
        if uses.is_none() {
            mandate.as_object_mut().unwrap().remove("uses");
        }
        let hop = json!({"id": "c1", "agent": "a1", "seq": 7});
        let claims = AccessClaims {
            iss: self.url.clone(),
            sub: "spiffe://deputy.example/t/acme/agent/planner".into(),
            iat: now(),
            client_id: "a1".into(),
            agent: AgentClaim {
                id: "a1".into(),
                name: "planner".into(),
                owners: vec![],
                spiffe_id: "spiffe://deputy.example/t/acme/agent/planner".into(),
            },
            chain: vec![serde_json::from_value::<Hop>(hop).unwrap()],
            mandate: Mandate::from_json(&mandate.to_string()).unwrap(),
            act: None,
            may_act: None,
            cnf: None,
        };
        access::seal(&claims, key).unwrap()
    }

    pub(crate) fn token(&self) -> String {
        self.token_by(&self.key, None)
    }
}

/// A call of the one tool.
pub(crate) fn search() -> Request {
    let arguments = Value::parse(r#"{"q": "churn"}"#).unwrap();
    Request { tool: Some("search".into()), arguments, ..Request::default() }
}

pub(crate) async fn check(verifier: &Verifier, token: &str) -> Verdict {
    verifier.check(&Presented::bearer(token), &search()).await
}

async fn answer(
    state: Arc<Mutex<State>>,
    http: hyper::Request<Incoming>,
) -> Result<Response<String>, Infallible> {
    let (head, body) = http.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let path = head.uri.path().to_owned();
    let authorization = head.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let mut state = state.lock().unwrap();
    state.came.push(Came { path: path.clone(), authorization, body });
    let (status, body) = match (path.as_str(), state.answers.get(&path)) {
        (STREAM, None | Some((200, _))) => (200, news(&state.entries)),
        (_, Some(put)) => put.clone(),
        (_, None) => (404, String::new()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    if status == 302 {
        response.headers_mut().insert("location", "/elsewhere".parse().unwrap());
    }
    Ok(response)
}

/// The live set as one event; then this stream ends, and the verifier opens the next.
fn news(entries: &[serde_json::Value]) -> String {
    let head = entries.len() + 100;
    let feed = json!({"entries": entries, "head_seq": head, "as_of": rfc3339(now()), "halt": "none"});
    format!("retry: 2000\n\nid: {head}\nevent: revocations\ndata: {feed}\n\n")
}
