//! `/t/{tenant}/scim/v2`: provisioning by an identity provider (RFC 7644).

mod agents;
mod conditions;
mod discovery;
mod entra;
mod groups;
mod hostile;
mod lists;
mod okta;
mod placeholders;
mod refused;
mod roles;
mod users;

use deputy_tests::{Answer, Api};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const AGENT: &str = "urn:ietf:params:scim:schemas:core:2.0:Agent";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// A PATCH with these operations.
fn patch(operations: Value) -> Value {
    json!({"schemas": [PATCH], "Operations": operations})
}

fn user(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name})
}

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

fn agent(name: &str) -> Value {
    json!({"schemas": [AGENT], "agentUserName": name})
}

/// POSTs a resource and returns its id.
async fn made(service: &Api, path: &str, body: Value) -> String {
    tidy(service.post(path, body).await.is(201)).text_of("id")
}

/// Nothing in the answer is null, and no password is.
fn tidy(answer: Answer) -> Answer {
    fn is_tidy(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Array(all) => all.iter().all(is_tidy),
            Value::Object(members) => {
                members.iter().all(|(name, value)| !name.eq_ignore_ascii_case("password") && is_tidy(value))
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        }
    }
    assert!(answer.text.is_empty() || is_tidy(&answer.json), "{}", answer.text);
    answer
}

/// Everything but letters and digits in percents, a space too.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A list, whose counters are integers and say what came.
async fn listed(service: &Api, path: &str) -> Answer {
    let answer = tidy(service.get(path).await.is(200));
    assert_eq!(answer["schemas"], json!([LIST]), "{}", answer.text);
    let came = answer["Resources"].as_array().map_or(0, Vec::len);
    assert_eq!(answer["itemsPerPage"], came, "{path}");
    answer
}

/// This member of what a filter finds, in the order of the list.
async fn found(service: &Api, path: &str, filter: &str, member: &str) -> Vec<String> {
    let answer = listed(service, &format!("{path}?filter={}", encoded(filter))).await;
    let found = members(&answer, member);
    assert_eq!(answer["totalResults"], found.len(), "{filter}");
    found
}

/// This member of the resources of a list.
fn members(answer: &Answer, member: &str) -> Vec<String> {
    let all = answer["Resources"].as_array().expect("resources").iter();
    all.map(|one| one[member].as_str().unwrap_or_default().to_owned()).collect()
}

/// The ids of a group's members, sorted.
async fn members_of(service: &Api, group: &str) -> Vec<String> {
    let read = tidy(service.get(&format!("/Groups/{group}")).await.is(200));
    let all = read["members"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> =
        all.iter().map(|one| one["value"].as_str().expect("an id").to_owned()).collect();
    ids.sort();
    ids
}

fn sorted<const N: usize>(ids: [&str; N]) -> Vec<String> {
    let mut ids = ids.map(str::to_owned).to_vec();
    ids.sort();
    ids
}
