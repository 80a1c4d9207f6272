//! Token requests and responses, parameter by parameter.

use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;
use crate::error::{OAuthError, RequestProblem, ScopeProblem, TargetProblem};
use crate::form::Form;

fn parse(parameters: &[(&str, &str)]) -> Result<Wanted, OAuthError> {
    let mut body = url::form_urlencoded::Serializer::new("grant_type=client_credentials".to_owned());
    let body = body.extend_pairs(parameters).finish();
    match GrantRequest::parse(&Form::parse(body.as_bytes()).unwrap())? {
        GrantRequest::ClientCredentials(wanted) => Ok(wanted),
        other => panic!("{other:?}"),
    }
}

fn code(parameters: &[(&str, &str)]) -> &'static str {
    parse(parameters).unwrap_err().code()
}

#[test]
fn the_grant_type_decides() {
    let parse = |body: &str| GrantRequest::parse(&Form::parse(body.as_bytes()).unwrap());
    assert!(parse("grant_type=client_credentials").is_ok());
    assert_eq!(parse("scope=a").unwrap_err(), RequestProblem::Missing("grant_type").into());
    assert_eq!(parse("grant_type=").unwrap_err(), RequestProblem::Missing("grant_type").into());
    for grant in ["password", "authorization_code", "Client_Credentials", "client_credentials+"] {
        assert_eq!(
            parse(&format!("grant_type={grant}")).unwrap_err(),
            OAuthError::UnsupportedGrantType,
            "{grant}"
        );
    }
}

#[test]
fn what_is_not_said_is_absent() {
    assert_eq!(parse(&[]).unwrap(), Wanted::default());
    assert_eq!(parse(&[("scope", ""), ("resource", ""), ("custom", "x")]).unwrap(), Wanted::default());
}

#[test]
fn everything_at_once() {
    let details = r#"[{"type":"deputy_mandate","tools":{"search":{}},"binding":{"task":"t"}}]"#;
    let request = parse(&[
        ("scope", "write:drafts read:docs"),
        ("authorization_details", details),
        ("resource", "https://b.example/"),
        ("resource", "https://a.example/x?y=1"),
        ("resource", "https://b.example/"),
        ("runtime", r#"{"model":"gpt-4o","tools":["b","a"],"config":{"temperature":0.2}}"#),
        ("expires_in", "300"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
    ])
    .unwrap();
    assert_eq!(deputy_mandate::Scope::write_list(&request.scope.unwrap()), "read:docs write:drafts");
    assert!(request.details.unwrap().tools.unwrap().contains_key("search"));
    let resources: Vec<String> = request.resources.into_iter().map(Resource::into_string).collect();
    assert_eq!(resources, ["https://a.example/x?y=1", "https://b.example/"]);
    assert_eq!(request.expires_in, Some(300));

    let fingerprint = request.runtime.unwrap();
    let same = parse(&[("runtime", fingerprint.as_str())]).unwrap();
    assert_eq!(same.runtime, Some(fingerprint));
}

#[test]
fn each_parameter_has_its_own_refusal() {
    assert_eq!(parse(&[("scope", "a  b")]).unwrap_err(), ScopeProblem::Malformed.into());
    assert_eq!(code(&[("scope", "a\"b")]), "invalid_scope");
    for details in [
        "x",
        "{}",
        "[]",
        r#"[{"type":"other"}]"#,
        r#"[{"type":"deputy_mandate","surprise":1}]"#,
        r#"[{"type":"deputy_mandate"},{"type":"deputy_mandate"}]"#,
        r#"[{"type":"deputy_mandate","tools":{},"tools":{}}]"#,
    ] {
        assert_eq!(code(&[("authorization_details", details)]), "invalid_authorization_details", "{details}");
    }
    for runtime in ["x", "{}", r#"{"model":"m","surprise":1}"#, "[]"] {
        assert_eq!(
            parse(&[("runtime", runtime)]).unwrap_err(),
            RequestProblem::Malformed("runtime").into(),
            "{runtime}"
        );
    }
    for seconds in ["0", "-1", "+5", "1.5", "4294967296", "ten", " 5", "0x5"] {
        let refused = parse(&[("expires_in", seconds)]).unwrap_err();
        assert_eq!(refused, RequestProblem::Malformed("expires_in").into(), "{seconds}");
    }
    for kind in ["capability", "urn:ietf:params:oauth:token-type:jwt", "access_token"] {
        let refused = parse(&[("requested_token_type", kind)]).unwrap_err();
        assert_eq!(refused, RequestProblem::Unsupported("requested_token_type").into(), "{kind}");
    }
}

#[test]
fn a_resource_is_an_absolute_uri_without_fragment() {
    for good in [
        "https://crm.example.com/",
        "https://crm.example.com",
        "urn:example:crm",
        "https://a.example:8443/x?y=z",
    ] {
        assert_eq!(Resource::parse(good).unwrap().as_str(), good);
    }
    let long = format!("https://a.example/{}", "x".repeat(2048));
    for bad in [
        "crm.example.com",
        "/relative",
        "https://a.example/#",
        "https://a.example/#frag",
        "https://a.example/ b",
        " https://a.example/",
        "https://a.example/\n",
        "https:\\\\a.example",
        "https://ä.example/",
        "https://",
        "",
        &long,
    ] {
        assert_eq!(Resource::parse(bad), Err(TargetProblem::Malformed), "{bad}");
    }
    assert_eq!(code(&[("resource", "https://a.example/"), ("resource", "x")]), "invalid_target");
}

#[test]
fn a_response_says_scope_and_what_was_removed() {
    let response = TokenResponse {
        access_token: "secret-token".into(),
        token_type: "Bearer",
        expires_in: 900,
        scope: "read:docs".into(),
        authorization_details: RawValue::from_string("[]".into()).unwrap(),
        issued_token_type: None,
        removed: vec![RemovedItem { what: "scope:write:crm".into(), by: "allowed_scopes" }],
        warnings: vec![],
    };
    let json = serde_json::to_value(&response).unwrap();
    let expected = serde_json::json!({
        "access_token": "secret-token", "token_type": "Bearer", "expires_in": 900, "scope": "read:docs",
        "authorization_details": [], "removed": [{"what": "scope:write:crm", "by": "allowed_scopes"}],
        "warnings": [],
    });
    assert_eq!(json, expected);
    assert!(!format!("{response:?}").contains("secret-token"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn survives_any_parameters(
        name in "scope|authorization_details|resource|runtime|expires_in|requested_token_type",
        value in "[^\0]{0,60}|[\\[\\]{}\":,a-z0-9]{0,60}",
    ) {
        let _ = parse(&[(&name, &value)]);
    }
}
