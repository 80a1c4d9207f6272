//! `POST /t/{tenant}/oauth/token` with DPoP (RFC 9449): tokens bound to keys, and attempts to get round that.

mod attacks;
mod command;
mod exchange;
mod issue;

use deputy_tests::{Client, Holder, Tenant};
use serde_json::json;

const READ: (&str, &str) = ("scope", "read:docs");

/// The token endpoint as the metadata names it.
fn endpoint(tenant: &Tenant) -> String {
    format!("{}/oauth/token", tenant.issuer)
}

/// A good proof for it.
fn proof(tenant: &Tenant, holder: &Holder) -> String {
    holder.proof("POST", &endpoint(tenant), None)
}

/// An agent that may hand on.
async fn agent(tenant: &Tenant, name: &str, more: serde_json::Value) -> Client {
    tenant.agent_with(name, &["read:docs"], more, json!({"may_delegate": true})).await
}

/// A token bound to the key.
async fn bound(tenant: &Tenant, client: &Client, holder: &Holder) -> String {
    client.token_proved(&[READ], &[&proof(tenant, holder)]).await.is(200).text_of("access_token")
}
