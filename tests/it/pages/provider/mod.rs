//! Signing in at an identity provider, and the pages about those who vouch.
//!
//! The provider of most tests runs in the test process ([`Issuer`]), and the browser is as much of one as an attack
//! needs: it may lose cookies, mix them up and come back twice.

mod attacks;
mod back_channel;
mod endings;
mod issuers;
mod journey;
mod providers;
mod renewal;
mod sign_in;

use deputy_tests::{Answer, Database, Directory, Issuer, Server, Tenant};
use reqwest::Method;
use serde_json::{Value, json};

use super::visitor::Visitor;

const CLIENT: &str = "deputy";
const SECRET: &str = "a client secret that no page shows";
/// Alice, as the provider names her.
const ALICE: &str = "00u1alice";

/// A server that may ask the providers of tests.
fn server(db: Database) -> Server {
    db.starting().with("OUTBOUND_ALLOW", "127.0.0.0/8,::1").start()
}

/// A tenant with a provider, and Alice, who is an administrator by her group.
struct Place {
    tenant: Tenant,
    issuer: Issuer,
    /// The provider's id.
    id: String,
    directory: Directory,
    alice: String,
    admins: String,
}

/// What a browser holds of an attempt.
struct Attempt {
    cookie: String,
    location: String,
}

impl Place {
    async fn on(server: &Server) -> Self {
        let (tenant, issuer) = (server.tenant().await, Issuer::start().await);
        let directory = Directory::of(&tenant).await;
        let alice = directory.user_with("alice@example.com", json!({"externalId": ALICE})).await;
        let admins = directory.group("Admins", &[&alice]).await;
        let roles = json!({"dashboard_roles": {"Admins": "admin", "Auditors": "auditor"}});
        tenant.api.patch("/settings", roles).await.is(200);
        let made = tenant.api.post("/identity-providers", entry(&issuer)).await.is(201);
        issuer.client(CLIENT, SECRET, &made.text_of("redirect_uri"));
        issuer.sign_in_as(ALICE, json!({}));
        Self { id: made.text_of("id"), tenant, issuer, directory, alice, admins }
    }

    /// Presses the button.
    async fn press(&self) -> Answer {
        let provider = [("provider", self.id.as_str())];
        Visitor::new(&self.tenant).send(Method::POST, "/sign-in/begin", &provider).await
    }

    async fn begin(&self) -> Attempt {
        let answer = self.press().await.is(200);
        let location = answer.text.split("content=\"0; url=").nth(1).expect("where to").split('"').next();
        let location = location.unwrap().replace("&#38;", "&").replace("&amp;", "&");
        Attempt { cookie: cookie(&answer, "deputy_sign_in").expect("a cookie"), location }
    }

    /// What the provider sends the browser back with.
    async fn query(&self, attempt: &Attempt) -> String {
        let back = self.issuer.sign_in(&attempt.location).await;
        let callback = format!("{}/sign-in/callback?", self.tenant.issuer);
        back.strip_prefix(&callback).expect("the redirect URI").to_owned()
    }

    async fn come_back(&self, cookie: Option<&str>, query: &str) -> Answer {
        let root = self.tenant.root.without_key();
        let mut request = root.request(Method::GET, &format!("/sign-in/callback?{query}"));
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        root.send(request.header("sec-fetch-site", "cross-site")).await
    }

    /// A whole attempt, whatever comes of it.
    async fn attempt(&self) -> Answer {
        let attempt = self.begin().await;
        let query = self.query(&attempt).await;
        self.come_back(Some(&attempt.cookie), &query).await
    }

    /// Somebody who has signed in.
    async fn visitor(&self) -> Visitor {
        let answer = self.attempt().await.is(200);
        Visitor::with_cookie(&self.tenant, &cookie(&answer, "deputy_session").expect("a session"))
    }
}

/// The provider's entry, as most tests need it.
fn entry(issuer: &Issuer) -> Value {
    json!({"issuer": issuer.url(), "client_id": CLIENT, "client_secret": SECRET, "dashboard": true})
}

/// `name=value` of a cookie that an answer sets, if it does not take it away.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let mut all = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("text"));
    let line = all.find(|line| line.starts_with(&format!("{name}=")) && !line.contains("Max-Age=0"))?;
    line.split(';').next().map(str::to_owned)
}

/// Nobody was signed in: this status, the form again, and no session.
#[track_caller]
fn refused(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.text.contains("id=\"key\"") && answer.text.contains(words), "{words}: {}", answer.text);
    assert_eq!(cookie(answer, "deputy_session"), None);
}
