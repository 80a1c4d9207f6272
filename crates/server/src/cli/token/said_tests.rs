//! What is shown of the published vectors is what a verifier makes of them.

use serde_json::Value;

use super::super::credential::Form;
use super::{Said, Unreadable};

fn vectors(name: &str) -> Value {
    let path = format!("{}/../../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn cases(vectors: &Value) -> &[Value] {
    vectors["cases"].as_array().unwrap()
}

#[test]
fn capabilities_say_their_effective_claims() {
    let vectors = vectors("capability/valid");
    for case in cases(&vectors) {
        let said = Said::read(case["capability"].as_str().unwrap()).unwrap();
        assert_eq!(said.form, Form::Capability);
        assert_eq!(serde_json::to_value(&said.claims).unwrap(), case["claims"], "{}", case["name"]);
        assert_eq!(said.issued as u64, case["issued_hops"].as_u64().unwrap());
        assert_eq!(said.names().len(), said.claims.chain.len());
        assert_eq!(said.names().last(), Some(&said.claims.agent.name), "{}", case["name"]);
    }
}

#[test]
fn chains_say_their_effective_claims() {
    let vectors = vectors("aat/valid");
    for case in cases(&vectors) {
        let said = Said::read(case["chain"].as_str().unwrap()).unwrap();
        let effective = &case["effective"];
        let (mandate, name) = (&said.claims.mandate, case["name"].as_str().unwrap());
        assert_eq!(said.claims.agent.name, effective["agent"]["name"].as_str().unwrap(), "{name}");
        assert_eq!(serde_json::to_value(&said.claims.chain).unwrap(), effective["chain"], "{name}");
        let whole: Value = serde_json::from_str(&mandate.clone().normalized().to_canonical_json()).unwrap();
        for member in ["tools", "audience", "max_depth", "may_delegate"] {
            assert_eq!(whole[member], effective[member], "{name}: {member}");
        }
        for (member, at) in [("expires_at", mandate.expires_at), ("not_before", mandate.not_before)] {
            assert_eq!(Some(at.as_secs_floor()), effective[member].as_i64(), "{name}: {member}");
        }
        assert_eq!(said.issued as u64, effective["issued_hops"].as_u64().unwrap());
    }
}

#[test]
fn what_is_refused_is_told_or_shown_and_never_panics() {
    for (file, member) in [("capability/invalid", "capability"), ("aat/refused", "chain")] {
        for case in cases(&vectors(file)) {
            let text = case[member].as_str().unwrap();
            if let Ok(said) = Said::read(text) {
                assert_eq!(said.names().len(), said.claims.chain.len());
            }
            for end in (0..text.len()).step_by(97) {
                let _ = Said::read(text.get(..end).unwrap_or_default());
            }
        }
    }
    assert!(matches!(Said::read("nonsense"), Err(Unreadable::NotOne(_))));
    assert!(matches!(Said::read("dpyc1.AAAA"), Err(Unreadable::Capability(_))));
}

#[test]
fn an_access_token_says_its_claims_and_the_names_on_its_chain() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
    let vectors = vectors("capability/valid");
    let mut claims = cases(&vectors)[0]["claims"].clone();
    let child = serde_json::json!({"agent": "a2", "id": "c2", "seq": 1001});
    claims["chain"].as_array_mut().unwrap().push(child);
    claims["agent"]["id"] = "a2".into();
    claims["agent"]["name"] = "analyst".into();
    claims["act"] = serde_json::json!({"sub": "spiffe://deputy.example/t/acme/agent/analyst"});
    let header = r#"{"alg":"ES256","kid":"k","typ":"at+jwt"}"#;
    let token = |claims: &Value| {
        format!("{}.{}.{}", B64.encode(header), B64.encode(claims.to_string()), B64.encode("sig"))
    };
    let said = Said::read(&token(&claims)).unwrap();
    assert_eq!(said.names(), ["crm-research-agent", "analyst"]);
    assert_eq!(said.issued, 2);
    for member in ["iss", "exp", "chain", "agent", "authorization_details"] {
        let mut less = claims.clone();
        less.as_object_mut().unwrap().remove(member);
        assert!(Said::read(&token(&less)).is_err(), "{member}");
    }
}
