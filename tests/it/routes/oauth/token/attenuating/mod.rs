//! Attenuating agent tokens: issued bound to a key, narrowed offline by their holders, used, and brought online.

mod holder;
mod issue;
mod offline;

use deputy_tests::{Answer, Client, Holder, Tenant};
use serde_json::{Value, json};

const FORM: &str = "urn:ietf:params:oauth:token-type:jwt";

/// A role with tools only: what such a token can carry.
fn role() -> Value {
    json!({
        "may_delegate": true,
        "tools": {
            "search": {},
            "transfer": {"amount": {"constraint_type": "range", "min": 0, "max": 500}},
        },
    })
}

async fn planner(tenant: &Tenant) -> Client {
    tenant.agent_with("planner", &["read:docs"], json!({}), role()).await
}

fn details(members: Value) -> String {
    let mut entry = json!({"type": "attenuating_agent_token"});
    entry.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!([entry]).to_string()
}

fn both() -> Value {
    json!({"tools": {"search": {}, "transfer": {}}})
}

fn proof(tenant: &Tenant, holder: &Holder) -> String {
    holder.proof("POST", &format!("{}/oauth/token", tenant.issuer), None)
}

/// A request for a root that is bound to the key.
async fn ask(tenant: &Tenant, client: &Client, holder: &Holder, members: Value) -> Answer {
    client.attenuating(tenant, holder, members).await
}

/// A root for both tools.
async fn root(tenant: &Tenant, client: &Client, holder: &Holder) -> String {
    ask(tenant, client, holder, both()).await.is(200).text_of("access_token")
}

/// The decision about a call with a good proof for it.
async fn call(tenant: &Tenant, holder: &Holder, chain: &str, tool: &str, arguments: Value) -> Answer {
    let proof = holder.pop(&Holder::pop_claims(chain, &tenant.issuer, tool, &arguments));
    tenant.decide(chain, tool, arguments, json!({"dpop": {"proof": proof}})).await
}

#[track_caller]
fn allowed(answer: Answer) {
    assert_eq!(answer.is(200).json, json!({"decision": true}));
}

/// The first code of a denial.
#[track_caller]
fn denied(answer: Answer) -> String {
    let answer = answer.is(200);
    assert_eq!(answer["decision"], false, "{}", answer.text);
    answer["context"]["reason"].as_str().unwrap().to_owned()
}
