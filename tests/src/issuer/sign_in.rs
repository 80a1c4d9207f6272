//! Authorization code with PKCE (OpenID Connect Core 1.0 §3.1, RFC 7636), for a person whom the test names.
//!
//! Invariant: a code is good once, for the client, the redirect URI and the challenge that it was asked with;
//! what is wrong with an answer is only what the test wants to be wrong with it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Issuer, Shared, Token};
use crate::jwt::{nonce, now};

type Twist = Box<dyn Fn(Token) -> Token + Send>;

/// Who may sign in where, and what is wrong with it.
#[derive(Default)]
pub(super) struct SignIns {
    clients: HashMap<String, Client>,
    person: Option<(String, Value)>,
    codes: HashMap<String, Code>,
    /// Parameters of the redirect back; `None` is one that is missing.
    response: Vec<(String, Option<String>)>,
    twist: Option<Twist>,
}

struct Client {
    secret: String,
    redirect_uri: String,
}

/// What a code was given for.
struct Code {
    client: String,
    redirect_uri: String,
    challenge: String,
    nonce: Option<String>,
    sub: String,
    claims: Value,
}

pub(super) enum Reply {
    Redirect(String),
    Json(u16, Value),
}

impl SignIns {
    pub(super) fn behave_well(&mut self) {
        self.response.clear();
        self.twist = None;
    }
}

impl Issuer {
    /// A client that may ask, at this redirect URI and no other.
    pub fn client(&self, id: &str, secret: &str, redirect_uri: &str) {
        let client = Client { secret: secret.to_owned(), redirect_uri: redirect_uri.to_owned() };
        self.shared.state().sign_ins.clients.insert(id.to_owned(), client);
    }

    /// Who is signed in from now on, and what their ID tokens say beside the usual. Until then it is nobody.
    pub fn sign_in_as(&self, sub: &str, claims: Value) {
        self.shared.state().sign_ins.person = Some((sub.to_owned(), claims));
    }

    /// What becomes of each ID token before it is signed.
    pub fn id_tokens(&self, twist: impl Fn(Token) -> Token + Send + 'static) {
        self.shared.state().sign_ins.twist = Some(Box::new(twist));
    }

    /// A parameter of the redirect back, replaced, or left out: `iss`, `state`, `code`, `error`.
    pub fn response(&self, name: &str, value: Option<&str>) {
        self.shared.state().sign_ins.response.push((name.to_owned(), value.map(str::to_owned)));
    }

    /// What a browser does: opens an authorization URL, and says where it is sent back to.
    ///
    /// # Panics
    /// When it is not sent anywhere.
    pub async fn sign_in(&self, authorization_url: &str) -> String {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let answer = http.build().expect("a client").get(authorization_url).send().await.expect("an answer");
        let status = answer.status();
        match answer.headers().get("location") {
            Some(location) => location.to_str().expect("text").to_owned(),
            None => panic!("{authorization_url}: {status} {}", answer.text().await.unwrap_or_default()),
        }
    }
}

impl Shared {
    pub(super) fn authorize(&self, query: &str) -> Reply {
        let asked = form(query);
        let of = |name: &str| asked.get(name).map(String::as_str);
        let mut state = self.state();
        let SignIns { clients, person, codes, response, .. } = &mut state.sign_ins;
        let refused =
            |why: &str| Reply::Json(400, json!({"error": "invalid_request", "error_description": why}));
        let Some(id) = of("client_id") else { return refused("no client_id") };
        let Some(client) = clients.get(id) else { return refused("no such client") };
        if of("redirect_uri") != Some(&client.redirect_uri) {
            return refused("the redirect_uri is not the client's");
        }
        if !of("scope").unwrap_or_default().split(' ').any(|scope| scope == "openid") {
            return refused("the scope lacks openid");
        }
        let mut parameters = Vec::new();
        let mut say = |name: &str, value: &str| parameters.push((name.to_owned(), value.to_owned()));
        let wrong = match (of("response_type"), of("code_challenge_method"), of("code_challenge"), &*person) {
            (Some("code"), Some("S256"), Some(challenge), Some((sub, claims))) => {
                let code = nonce();
                let given = Code {
                    client: id.to_owned(),
                    redirect_uri: client.redirect_uri.clone(),
                    challenge: challenge.to_owned(),
                    nonce: of("nonce").map(str::to_owned),
                    sub: sub.clone(),
                    claims: claims.clone(),
                };
                say("code", &code);
                codes.insert(code, given);
                None
            }
            (Some("code"), Some("S256"), Some(_), None) => Some("login_required"),
            (Some("code"), _, _, _) => Some("invalid_request"),
            _ => Some("unsupported_response_type"),
        };
        if let Some(error) = wrong {
            say("error", error);
        }
        if let Some(value) = of("state") {
            say("state", value);
        }
        say("iss", &self.url());
        for (name, value) in response.iter() {
            parameters.retain(|(parameter, _)| parameter != name);
            parameters.extend(value.clone().map(|value| (name.clone(), value)));
        }
        let mut to = Url::parse(&client.redirect_uri).expect("a redirect URI is a URL");
        to.query_pairs_mut().extend_pairs(parameters);
        Reply::Redirect(to.into())
    }

    pub(super) fn token(&self, authorization: Option<&str>, body: &str) -> (u16, Value) {
        let asked = form(body);
        let of = |name: &str| asked.get(name).map(String::as_str);
        let refused =
            |status, error: &str, why: &str| (status, json!({"error": error, "error_description": why}));
        let (id, secret) = match (authorization, of("client_secret")) {
            (Some(_), Some(_)) => return refused(400, "invalid_request", "two client authentications"),
            (Some(value), None) => match basic(value) {
                Some(pair) => pair,
                None => return refused(401, "invalid_client", "not Basic"),
            },
            (None, Some(secret)) => (of("client_id").unwrap_or_default().to_owned(), secret.to_owned()),
            (None, None) => return refused(401, "invalid_client", "no client authentication"),
        };
        let mut state = self.state();
        if state.sign_ins.clients.get(&id).is_none_or(|client| client.secret != secret) {
            return refused(401, "invalid_client", "wrong client or secret");
        }
        if of("grant_type") != Some("authorization_code") {
            return refused(400, "unsupported_grant_type", "only authorization_code");
        }
        let Some(code) = of("code").and_then(|code| state.sign_ins.codes.remove(code)) else {
            return refused(400, "invalid_grant", "no such code");
        };
        if code.client != id || of("redirect_uri") != Some(&code.redirect_uri) {
            return refused(400, "invalid_grant", "the code is for another client or redirect_uri");
        }
        let hashed = of("code_verifier").map(|verifier| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)));
        if hashed.as_ref() != Some(&code.challenge) {
            return refused(400, "invalid_grant", "the code_verifier does not fit");
        }
        let now = now();
        let mut token = Token::new(
            state.signing.clone(),
            json!({
                "iss": self.url(), "sub": code.sub, "aud": id, "iat": now, "exp": now + 300,
                "auth_time": now, "sid": nonce(),
            }),
        );
        if let Some(nonce) = code.nonce {
            token = token.claim("nonce", nonce);
        }
        token = token.claims(code.claims);
        if let Some(twist) = &state.sign_ins.twist {
            token = twist(token);
        }
        let answer = json!({
            "access_token": nonce(), "token_type": "Bearer", "expires_in": 300, "id_token": token.seal(),
        });
        (200, answer)
    }
}

fn form(text: &str) -> HashMap<String, String> {
    let mut url = Url::parse("http://form/").expect("a URL");
    url.set_query(Some(text));
    url.query_pairs().into_owned().collect()
}

/// Both halves are form-encoded (RFC 6749 §2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(header.strip_prefix("Basic ")?).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let mut pair = form(&format!("id={id}&secret={secret}"));
    Some((pair.remove("id")?, pair.remove("secret")?))
}
