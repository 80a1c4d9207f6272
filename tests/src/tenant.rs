//! A tenant, and the shortest ways to what tests need in it.

use serde_json::{Value, json};

use crate::{Answer, Api, Client, Server};

/// The owner of every agent that the harness makes.
pub const OWNER: &str = "user:alice@example.com";

/// A tenant on a running server.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its slug.
    pub slug: String,
    /// Its issuer, `{public_url}/t/{slug}`.
    pub issuer: String,
    /// The management API, `/t/{slug}/api/v1`, with the admin key.
    pub api: Api,
    /// Everything below `/t/{slug}`, without a key.
    pub root: Api,
}

impl Tenant {
    pub(crate) fn new(server: &Server, made: &Answer) -> Self {
        let slug = made.text_of("slug");
        let root = Api::new(server.http().clone(), &format!("{}/t/{slug}", server.url()));
        let api = Api::new(server.http().clone(), &root.url("/api/v1")).with_key(&made.text_of("admin_key"));
        Self { issuer: made.text_of("issuer"), slug, api, root }
    }

    /// The same tenant through another server on the same database.
    #[must_use]
    pub fn through(&self, server: &Server) -> Self {
        let root = Api::new(server.http().clone(), &format!("{}/t/{}", server.url(), self.slug));
        let api = Api::new(server.http().clone(), &root.url("/api/v1"));
        let api = self.api.key().map_or(api.clone(), |key| api.with_key(key));
        Self { root, api, ..self.clone() }
    }

    /// The admin key.
    pub fn admin_key(&self) -> &str {
        self.api.key().unwrap_or_default()
    }

    /// A new key of this role; further members (`audiences`, `holder`, `expires`) in `more`.
    pub async fn key(&self, role: &str, more: Value) -> String {
        let mut body = json!({"role": role});
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        self.api.post("/keys", body).await.is(201).text_of("key")
    }

    /// The management API as somebody with a key of this role.
    pub async fn api_as(&self, role: &str) -> Api {
        self.api.with_key(&self.key(role, json!({})).await)
    }

    /// The SCIM service, `/t/{slug}/scim/v2`, with a new key of this role.
    pub async fn scim_as(&self, role: &str) -> Api {
        self.root.below("/scim/v2").with_key(&self.key(role, json!({})).await)
    }

    /// A verifier's key for these audiences, at the tenant's root: introspection, decisions, feed.
    pub async fn verifier(&self, audiences: &[&str]) -> Api {
        self.root.with_key(&self.key("verifier", json!({"audiences": audiences})).await)
    }

    /// Imports a manifest and returns the answer, whatever it is.
    pub async fn import(&self, yaml: &str, query: &str) -> Answer {
        let path = format!("/imports{query}");
        self.api.raw(reqwest::Method::POST, &path, "application/yaml", yaml).await
    }

    /// A role of this name with these scopes, bound to nobody.
    pub async fn role(&self, name: &str, scopes: &[&str]) -> Answer {
        self.api.post("/roles", json!({"name": name, "scopes": scopes})).await.is(201)
    }

    /// Binds a role to a principal reference (`agent:…`, `user:…`, `group:…`).
    pub async fn bind(&self, role: &str, subject: &str) -> Answer {
        self.api.post("/role-bindings", json!({"role": role, "subject": subject})).await.is(201)
    }

    /// An agent whose secret is known.
    pub fn client(&self, agent: &str, client_id: &str, secret: &str) -> Client {
        Client::new(self, agent, client_id, secret)
    }

    /// A new secret for an agent.
    pub async fn secret(&self, agent: &str) -> Client {
        let path = format!("/agents/{agent}/credentials");
        let made = self.api.post(&path, json!({"kind": "secret"})).await.is(201);
        Client::new(self, agent, &made.text_of("client_id"), &made.text_of("client_secret"))
    }

    /// An agent that may have these scopes, through a role of its own, with a secret.
    pub async fn agent(&self, name: &str, scopes: &[&str]) -> Client {
        self.agent_with(name, scopes, json!({}), json!({})).await
    }

    /// The same, with more members on the agent and on its role (`{name}-role`).
    pub async fn agent_with(&self, name: &str, scopes: &[&str], agent: Value, role: Value) -> Client {
        let role_name = format!("{name}-role");
        let body = merged(json!({"name": role_name, "scopes": scopes}), role);
        self.api.post("/roles", body).await.is(201);
        let body = merged(json!({"name": name, "owners": [OWNER], "allowed_scopes": scopes}), agent);
        self.api.post("/agents?create_owners=true", body).await.is(201);
        self.bind(&role_name, &format!("agent:{name}")).await;
        self.secret(name).await
    }

    /// An AuthZEN decision with the admin key: `properties` are the tool's arguments, `context` as in the
    /// contract.
    pub async fn decide(&self, token: &str, tool: &str, arguments: Value, context: Value) -> Answer {
        let body = json!({
            "subject": {"type": "agent", "id": "unchecked", "properties": {"token": token}},
            "action": {"name": tool, "properties": {"arguments": arguments}},
            "resource": {"type": "tool", "id": tool},
            "context": context,
        });
        self.root.with_key(self.admin_key()).post("/access/v1/evaluation", body).await
    }

    /// Introspection with the admin key.
    pub async fn introspect(&self, token: &str) -> Answer {
        self.root.with_key(self.admin_key()).form("/oauth/introspect", &[("token", token)]).await
    }

    /// Whether introspection, with the admin key, calls the token active.
    pub async fn is_active(&self, token: &str) -> bool {
        let answer = self.introspect(token).await.is(200);
        answer["active"].as_bool().expect("`active` is a boolean")
    }

    /// Revokes a target, such as `json!({"agent": "crawler"})`.
    pub async fn revoke(&self, target: Value) -> Answer {
        self.api.post("/revocations", json!({"target": target, "reason": "test"})).await.is(201)
    }

    /// All events, oldest first, as the NDJSON export gives them.
    pub async fn events(&self) -> Vec<Value> {
        let request =
            self.api.request(reqwest::Method::GET, "/events").header("accept", "application/x-ndjson");
        let answer = self.api.send(request).await.is(200);
        answer.text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }
}

/// `base` with the members of `more` put over it.
fn merged(mut base: Value, more: Value) -> Value {
    if let (Some(base), Value::Object(more)) = (base.as_object_mut(), more) {
        base.extend(more);
    }
    base
}
