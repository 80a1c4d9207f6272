//! What introspection says of a live token, and how little of any other.

use deputy_mandate::Mandate;
use deputy_token::access::{AgentClaim, Hop};
use serde_json::json;

use super::*;

fn claims() -> AccessClaims {
    let mandate = json!({
        "scopes": ["read:docs"], "tools": {"transfer": {"amount": {"constraint_type": "range", "max": 0.1}}},
        "blocked_tools": [], "limits": {}, "declared": {}, "limit_required": {},
        "audience": ["https://crm.example.com/"], "binding": {}, "not_before": 1_800_000_000_000_i64,
        "expires_at": 1_800_000_900_000_i64, "max_depth": 3, "may_delegate": true,
    });
    let hop = Hop {
        id: "c1".into(),
        agent: "a1".into(),
        sub: None,
        jkt: None,
        rt: None,
        bind: None,
        crit: false,
        seq: 1,
    };
    AccessClaims {
        iss: "https://d.example/t/acme".into(),
        sub: "spiffe://d.example/t/acme/agent/x".into(),
        iat: deputy_mandate::Instant::from_secs(1_800_000_000),
        client_id: "a1".into(),
        agent: AgentClaim {
            id: "a1".into(),
            name: "x".into(),
            spiffe_id: "spiffe://x".into(),
            owners: vec![],
        },
        chain: vec![hop],
        mandate: Mandate::from_json(&mandate.to_string()).unwrap(),
        act: None,
        may_act: None,
        cnf: None,
    }
}

#[test]
fn a_live_token_shows_every_claim() {
    let claims = claims();
    let text = serde_json::to_string(&IntrospectionResponse::Active {
        claims: &claims,
        token_type: token_type(TokenType::AccessToken, &claims),
    })
    .unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let answer = json.as_object_mut().unwrap();
    assert_eq!(answer.remove("active"), Some(json!(true)));
    assert_eq!(answer.remove("token_type"), Some(json!("Bearer")));
    assert_eq!(json, serde_json::to_value(&claims).unwrap());
    assert_eq!(json["authorization_details"][0]["tools"]["transfer"]["amount"]["max"], json!(0.1));
    assert_eq!(
        (&json["jti"], &json["scope"], &json["chain"][0]["agent"]),
        (&json!("c1"), &json!("read:docs"), &json!("a1"))
    );
}

#[test]
fn anything_else_is_inactive_and_no_more() {
    assert_eq!(serde_json::to_string(&IntrospectionResponse::Inactive).unwrap(), r#"{"active":false}"#);
}

#[test]
fn a_request_needs_a_token() {
    let parse = |body: &str| IntrospectionRequest::parse(&Form::parse(body.as_bytes()).unwrap());
    assert_eq!(*parse("token=abc&token_type_hint=access_token").unwrap().token, "abc");
    assert_eq!(parse("token=").err().unwrap().code(), "invalid_request");
}
