//! Entries from JSON, as the management API takes them: the same rules, the same sentences, and back again.

use deputy_manifest::{
    AgentEntry, BindingEntry, CredentialEntry, PublicKeyEntry, Reference, ResourceEntry, RoleEntry,
    RuntimeEntry, RuntimeEvidence, ToolEntry, parse,
};
use serde::{Serialize, de::DeserializeOwned};

fn refusal<T: DeserializeOwned>(json: &str) -> String {
    match serde_json::from_str::<T>(json) {
        Ok(_) => panic!("accepted: {json}"),
        Err(error) => error.to_string(),
    }
}

fn comes_back<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(entry: &T) {
    let text = serde_json::to_string(entry).unwrap();
    let again: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(again, *entry);
}

#[test]
fn every_entry_of_the_shipped_fleet_comes_back_from_json() {
    let fleet = parse(include_bytes!("../../../../manifests/fleet.yaml")).unwrap();
    fleet.agents.iter().for_each(|agent| comes_back(&agent.entry));
    fleet.roles.iter().for_each(comes_back);
    fleet.tools.iter().for_each(comes_back);
    fleet.resources.iter().for_each(comes_back);
}

#[test]
fn an_agent() {
    let json = r#"{"name": "a", "owner": "user:alice@example.com", "ttl": "15m", "parent": "agent:b", "max_depth": null,
        "runtime": {"model": "m", "config": {"temperature": 0.20}}, "tools": {"transfer": {"amount": {"max": 500}}}}"#;
    let agent: AgentEntry = serde_json::from_str(json).unwrap();
    assert_eq!(agent.owners.iter().map(Reference::to_string).collect::<Vec<_>>(), ["user:alice@example.com"]);
    assert_eq!(agent.parent.as_ref().unwrap().as_str(), "b");
    assert_eq!(agent.max_depth, None);
    assert_eq!(agent.runtime_evidence, RuntimeEvidence::Registered);
    let leg = agent.to_leg();
    assert_eq!(
        (leg.ttl_secs, leg.scopes.as_ref().map(std::collections::BTreeSet::len)),
        (Some(900), Some(0))
    );
    let text = serde_json::to_string(&agent).unwrap();
    assert!(
        text.contains(r#""tools":{"transfer":{"amount":{"constraint_type":"range","max":500,"min":0}}}"#),
        "{text}"
    );
    assert!(text.contains(r#""config":{"temperature":0.2}"#), "{text}");
    comes_back(&agent);
}

#[test]
fn refusals_name_the_member() {
    for (json, says) in [
        (r#"{"name": "a"}"#, "`owner` is missing: every agent has one"),
        (r#"{"name": "a", "parent": null}"#, "`owner` is missing: every agent has one"),
        (r#"{"name": "A", "owner": "user:x"}"#, "name: `A` is no agent name"),
        (r#"{"name": "a", "owner": "user:x", "roles": []}"#, "roles: an agent has no member `roles`"),
        (r#"{"name": "a", "owner": "user:x", "alowed_scopes": []}"#, "did you mean `allowed_scopes`?"),
        (r#"{"name": 5, "owner": "user:x"}"#, "name: `5` is a number, and text is meant here"),
        (r#"{"name": "a", "owner": "user:x", "ttl": 90000}"#, "ttl: `90000` is out of bounds"),
        (
            r#"{"name": "a", "owner": "user:x", "display_name": "a\u0000b"}"#,
            "display_name: the character NUL is not allowed",
        ),
        (r#"{"name": "a", "owner": "user:x", "tools": {"t": {"n": {"max": 1, "max": 2}}}}"#, "max"),
        (
            r#"{"name": "a", "owner": "user:x", "runtime": {"model": "m", "config": 0.1000000000000000055}}"#,
            "",
        ),
        (r#"["a"]"#, "an agent is a mapping"),
    ] {
        let found = refusal::<AgentEntry>(json);
        assert!(found.contains(says), "{json}\nexpected {says}\n     got {found}");
    }
    assert!(
        refusal::<RoleEntry>(r#"{"name": "r", "limits": {"x": {"constraint_type": "magic"}}}"#)
            .contains("limits.x.constraint_type: `magic` is no constraint type")
    );
    assert!(refusal::<ToolEntry>(r#"{"name": "t"}"#).contains("`args` is missing"));
    assert!(refusal::<ResourceEntry>(r#"{"uri": "x"}"#).contains("uri: `x` is no resource URI"));
    assert!(refusal::<RuntimeEntry>(r#"{"tools": []}"#).contains("`model` is missing"));
    assert!(
        refusal::<BindingEntry>(r#"{"role": "r", "subject": "alice"}"#)
            .contains("subject: `alice` does not say what it refers to")
    );
}

#[test]
fn words_of_yaml_are_plain_text_in_json() {
    let agent: AgentEntry =
        serde_json::from_str(r#"{"name": "no", "owner": "user:on", "runtime": {"model": "4.1"}}"#).unwrap();
    assert_eq!(agent.name.as_str(), "no");
}

#[test]
fn credentials_name_their_kind() {
    let read = |json: &str| serde_json::from_str::<CredentialEntry>(json);
    assert_eq!(read(r#"{"kind": "secret"}"#).unwrap(), CredentialEntry::Secret);
    let key = read(r#"{"kind": "public_key", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "abc"}}"#).unwrap();
    assert!(matches!(key, CredentialEntry::PublicKey(PublicKeyEntry::Jwk(_))));
    comes_back(&key);
    comes_back(&read(r#"{"kind": "public_key", "jwks_uri": "https://a.example/jwks"}"#).unwrap());
    comes_back(&read(r#"{"kind": "federated", "issuer": "https://a.example", "subject": "s", "claims": {"ref": "main"}}"#).unwrap());
    assert!(refusal::<CredentialEntry>("{}").contains("a credential has a `kind`"));
    assert!(
        refusal::<CredentialEntry>(r#"{"kind": "secret", "client_secret": "mine"}"#)
            .contains("a secret has no member `client_secret`")
    );
    assert!(
        refusal::<CredentialEntry>(r#"{"kind": "password"}"#).contains("`password` is no kind of credential")
    );
    assert!(
        refusal::<CredentialEntry>(r#"{"kind": "public_key", "jwk": {"kty": "EC", "d": "x"}}"#)
            .contains("this is not a public key")
    );
}

#[test]
fn bindings_take_any_principal() {
    for subject in ["agent:a", "user:alice@example.com", "group:crm"] {
        let binding: BindingEntry =
            serde_json::from_str(&format!(r#"{{"role": "r", "subject": "{subject}"}}"#)).unwrap();
        assert_eq!(binding.subject.to_string(), subject);
        assert!(!binding.follow_scim);
        comes_back(&binding);
    }
    let marked = r#"{"role": "r", "subject": "group:crm", "follow_scim": true}"#;
    let marked: BindingEntry = serde_json::from_str(marked).unwrap();
    assert!(marked.follow_scim);
    comes_back(&marked);
}
