//! `POST /t/{tenant}/oauth/token`, token exchange (RFC 8693): a planner, its child agents and their tokens.

mod bad_input;
mod below;
mod capability;
mod command;
mod dead;
mod narrowing;
mod race;
mod tree;
mod who;
mod workers;

use deputy_tests::{Client, Tenant, jwt};
use serde_json::{Value, json};

const BOTH: &str = "read:docs write:drafts";
const READ: (&str, &str) = ("scope", "read:docs");

/// A role that may hand on, with tools and denials to narrow.
fn role() -> Value {
    json!({
        "may_delegate": true,
        "tools": {
            "search": {},
            "transfer": {"amount": {"constraint_type": "range", "min": 0, "max": 500}},
        },
        "blocked_tools": ["shell"],
    })
}

/// An agent with that role and two scopes, and these further members.
async fn agent(tenant: &Tenant, name: &str, more: Value) -> Client {
    tenant.agent_with(name, &["read:docs", "write:drafts"], more, role()).await
}

async fn planner(tenant: &Tenant) -> Client {
    agent(tenant, "planner", json!({})).await
}

/// A registered child of the planner.
async fn child_of_planner(tenant: &Tenant, name: &str) -> Client {
    agent(tenant, name, json!({"parent": "planner"})).await
}

/// The `authorization_details` parameter with these members.
fn details(mut members: Value) -> String {
    members["type"] = json!("deputy_mandate");
    json!([members]).to_string()
}

/// A root for both scopes, with these members of a `deputy_mandate`.
async fn root(client: &Client, members: Value) -> String {
    let details = details(members);
    let answer = client.token(&[("scope", BOTH), ("authorization_details", &details)]).await;
    answer.is(200).text_of("access_token")
}

/// A child for one scope.
async fn child(client: &Client, subject: &str, more: &[(&str, &str)]) -> String {
    let fields: Vec<_> = [READ].into_iter().chain(more.iter().copied()).collect();
    client.exchange(subject, &fields).await.is(200).text_of("access_token")
}

fn id(token: &str) -> Value {
    jwt::claims(token)["jti"].clone()
}
