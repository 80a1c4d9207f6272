//! `/t/{tenant}/access/v1`: decisions (AuthZEN Authorization API 1.0).

mod configuration;
mod evaluation;
mod evaluations;

use deputy_tests::{Answer, Client, Tenant};
use serde_json::{Value, json};

/// The role of the reference example (mandates §6), and a `transfer` to try it on.
fn reference() -> Value {
    json!({
        "tools": {
            "search": {}, "brain_query": {}, "read_db": {},
            "pay": {"amount": {"constraint_type": "range", "min": 0, "max": 500},
                    "currency": {"constraint_type": "exact", "value": "USD"}},
        },
        "blocked_tools": ["shell", "deploy", "delete_record"],
        "limits": {
            "amount": {"constraint_type": "range", "min": 0, "max": 500},
            "env": {"constraint_type": "one_of", "values": ["staging", "development"]},
            "target": {"constraint_type": "one_of", "values": ["crm-db", "marketing-api"]},
        },
    })
}

/// An agent with that role and the scope `read:docs`.
async fn agent(tenant: &Tenant, name: &str, more: Value) -> Client {
    tenant.agent_with(name, &["read:docs"], more, reference()).await
}

/// The members of a `deputy_mandate` for all tools of the role.
fn all_tools() -> Value {
    json!({"tools": {"search": {}, "brain_query": {}, "read_db": {}, "pay": {}}})
}

/// A token for the scope and all tools.
async fn token(client: &Client) -> String {
    token_of(client, all_tools(), &[]).await
}

/// A token with these members of a `deputy_mandate` and these further fields of the request.
async fn token_of(client: &Client, mut details: Value, more: &[(&str, &str)]) -> String {
    details["type"] = json!("deputy_mandate");
    let details = json!([details]).to_string();
    let mut form = vec![("scope", "read:docs"), ("authorization_details", details.as_str())];
    form.extend_from_slice(more);
    client.token(&form).await.is(200).text_of("access_token")
}

/// One evaluation of the standard's form.
fn evaluation(token: &str, tool: &str, arguments: Value, context: Value) -> Value {
    json!({
        "subject": {"type": "agent", "id": "somebody", "properties": {"token": token}},
        "action": {"name": tool, "properties": {"arguments": arguments}},
        "resource": {"type": "tool", "id": "something"},
        "context": context,
    })
}

/// An allowance says nothing else.
#[track_caller]
fn allowed(answer: Answer) {
    assert_eq!(answer.is(200).json, json!({"decision": true}));
}

/// The codes of a denial, in order.
#[track_caller]
fn denied(answer: Answer) -> Vec<String> {
    codes(&answer.is(200).json)
}

/// The codes of a denial in an answer, which must be of the documented form.
#[track_caller]
fn codes(answer: &Value) -> Vec<String> {
    assert_eq!(answer["decision"], false, "{answer}");
    let reasons = answer["context"]["reasons"].as_array().unwrap_or_else(|| panic!("reasons in {answer}"));
    assert_eq!(answer["context"]["reason"], reasons[0]["code"], "{answer}");
    for reason in reasons {
        assert!(reason["message"].as_str().is_some_and(|said| said.ends_with('.')), "{reason}");
        let known = ["code", "field", "limit", "value", "message"];
        assert!(reason.as_object().unwrap().keys().all(|name| known.contains(&name.as_str())), "{reason}");
    }
    reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}
