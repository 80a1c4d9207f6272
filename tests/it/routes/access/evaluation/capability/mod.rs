//! Decisions about capabilities: narrowed offline, forged, revoked, metered.

mod forged;
mod life;
mod narrowed;
mod uses;

use deputy_tests::{Answer, Client, Tenant, capability};
use serde_json::{Value, json};

use super::super::{all_tools, reference};

/// The resource server whose key a verifier may hold.
const CRM: &str = "https://crm.example.com/";

/// A registered resource server, and an agent that may hand on what it has there.
async fn planner(tenant: &Tenant) -> Client {
    tenant.api.post("/resources", json!({"uri": CRM})).await.is(201);
    agent(tenant, "planner", json!({})).await
}

/// An agent with the role of the reference example, for that resource server and the tenant itself.
async fn agent(tenant: &Tenant, name: &str, more: Value) -> Client {
    let mut role = reference();
    role["may_delegate"] = json!(true);
    role["audience"] = json!([CRM, tenant.issuer]);
    tenant.agent_with(name, &["read:docs", "write:drafts"], more, role).await
}

/// A capability for all tools and both scopes, with these members of a `deputy_mandate`.
async fn root_of(client: &Client, more: Value) -> String {
    let mut details = all_tools();
    details["type"] = json!("deputy_mandate");
    details.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let details = json!([details]).to_string();
    let fields =
        [("scope", "read:docs write:drafts"), ("resource", CRM), ("authorization_details", &details)];
    client.capability(&fields).await
}

async fn root(client: &Client) -> String {
    root_of(client, json!({})).await
}

/// A decision about a call of `search` at the resource server.
async fn search(tenant: &Tenant, token: &str) -> Answer {
    tenant.decide(token, "search", json!({"q": "x"}), json!({"audience": CRM})).await
}

/// The bytes of the key that the resource server was given.
async fn key(tenant: &Tenant) -> Vec<u8> {
    capability::bytes(&capability::key(tenant, CRM).await)
}
