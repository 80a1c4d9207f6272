//! Acting on a person's behalf: their token of an identity provider is exchanged (RFC 8693 §2.1), or the provider says
//! in an assertion that the agent may act for them (RFC 7523 §2.1).

mod assertion;
mod below;
mod deactivation;
mod entitlements;
mod foreign;
mod grant;
mod keys;
mod outage;
mod person;
mod stopped;
mod who;

use deputy_tests::issuer::Token;
use deputy_tests::{Answer, Client, Database, Directory, Issuer, Server, Tenant};
use serde_json::{Value, json};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const READ: (&str, &str) = ("scope", "read:docs");
/// What the provider's tokens are for.
const AUDIENCE: &str = "api://agents";
/// The person, as the provider calls her.
const PAT: &str = "00u-pat";

/// A tenant with an identity provider, a person who owns nothing, and an agent that may act for her.
struct Company {
    server: Server,
    tenant: Tenant,
    directory: Directory,
    upstream: Issuer,
    /// Owned by the harness's owner, who is somebody else.
    crawler: Client,
    /// The person's id; a role of hers allows `read:docs` and `read:mail`.
    pat: String,
}

/// A server that may ask issuers on this machine.
fn server(db: Database) -> Server {
    db.starting().with("OUTBOUND_ALLOW", "127.0.0.0/8").start()
}

impl Company {
    async fn new(db: Database) -> Self {
        Self::with(db, json!({"audiences": [AUDIENCE]})).await
    }

    /// With this entry of the provider, but for its issuer.
    async fn with(db: Database, provider: Value) -> Self {
        let company = Self::without_provider(server(db)).await;
        company.provider(provider).await;
        company
    }

    async fn without_provider(server: Server) -> Self {
        let tenant = server.tenant().await;
        let directory = Directory::of(&tenant).await;
        let upstream = Issuer::start().await;
        let pat = directory.user_with("pat@example.com", json!({"externalId": PAT})).await;
        tenant.role("reader", &["read:docs", "read:mail"]).await;
        tenant.bind("reader", "user:pat@example.com").await;
        let (agent, role) = (json!({"may_act_for": ["user:pat@example.com"]}), json!({"may_delegate": true}));
        let crawler = tenant.agent_with("crawler", &["read:docs", "write:docs"], agent, role).await;
        Self { server, tenant, directory, upstream, crawler, pat }
    }

    async fn provider(&self, mut entry: Value) -> Answer {
        entry["issuer"] = json!(self.upstream.url());
        self.tenant.api.post("/identity-providers", entry).await.is(201)
    }

    /// The provider, by its id, as a path.
    async fn provider_path(&self) -> String {
        let all = self.tenant.api.get("/identity-providers").await.is(200);
        format!("/identity-providers/{}", all.items()[0]["id"].as_str().unwrap())
    }

    /// A good token of the person's.
    fn token(&self) -> Token {
        self.upstream.token(PAT, AUDIENCE)
    }

    /// An exchange by the agent for `read:docs`.
    async fn ask(&self, subject: &str) -> Answer {
        exchange(&self.crawler, subject, &[READ]).await
    }

    /// The same for a good token of the person's.
    async fn ask_good(&self) -> Answer {
        self.ask(&self.token().seal()).await
    }

    /// An access token of the agent's on the person's behalf.
    async fn on_behalf(&self) -> String {
        self.ask_good().await.is(200).text_of("access_token")
    }

    #[track_caller]
    fn refused(&self, what: &str, answer: Answer) {
        assert_eq!(
            (answer.status, &answer["error"]),
            (400, &json!("invalid_grant")),
            "{what}: {}",
            answer.text
        );
    }
}

/// An exchange of an ID token, with these further fields.
async fn exchange(client: &Client, subject: &str, more: &[(&str, &str)]) -> Answer {
    exchange_as(client, ID_TOKEN, subject, more).await
}

async fn exchange_as(client: &Client, kind: &str, subject: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("grant_type", EXCHANGE), ("subject_token", subject), ("subject_token_type", kind)];
    fields.extend_from_slice(more);
    client.post("/oauth/token", &fields).await
}
