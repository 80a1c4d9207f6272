//! Token exchanges, parameter by parameter.

use super::*;
use crate::error::{OAuthError, RequestProblem, TargetProblem};
use crate::form::Form;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const SUBJECT: [(&str, &str); 2] = [("subject_token", "secret-token"), ("subject_token_type", ACCESS_TOKEN)];

fn parse(parameters: &[(&str, &str)]) -> Result<ExchangeRequest, OAuthError> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    let body = body.append_pair("grant_type", TOKEN_EXCHANGE).extend_pairs(parameters).finish();
    match GrantRequest::parse(&Form::parse(body.as_bytes()).unwrap())? {
        GrantRequest::TokenExchange(request) => Ok(request),
        other => panic!("{other:?}"),
    }
}

fn with(more: &[(&str, &str)]) -> Result<ExchangeRequest, OAuthError> {
    parse(&[&SUBJECT, more].concat())
}

#[test]
fn a_subject_and_its_type_are_enough() {
    let request = with(&[]).unwrap();
    assert_eq!(
        (request.subject.token.as_str(), request.subject.token_type),
        ("secret-token", PresentedType::Form(TokenType::AccessToken))
    );
    assert_eq!((request.actor, request.delegate, request.wanted), (None, None, Wanted::default()));
    assert!(!format!("{:?}", request.subject).contains("secret-token"));
}

#[test]
fn a_token_and_its_type_come_together() {
    for (parameters, missing) in [
        (&[][..], "subject_token"),
        (&SUBJECT[..1], "subject_token_type"),
        (&SUBJECT[1..], "subject_token"),
        (&[SUBJECT[0], SUBJECT[1], ("actor_token", "x")], "actor_token_type"),
        (&[SUBJECT[0], SUBJECT[1], ("actor_token_type", ACCESS_TOKEN)], "actor_token"),
    ] {
        assert_eq!(parse(parameters).unwrap_err(), RequestProblem::Missing(missing).into(), "{parameters:?}");
    }
    assert!(with(&[("actor_token", "x"), ("actor_token_type", ACCESS_TOKEN)]).unwrap().actor.is_some());
}

#[test]
fn types_that_do_not_work_yet_are_refused() {
    for kind in ["urn:ietf:params:oauth:token-type:saml2", "urn:deputy:token-type:nothing", "access_token"] {
        let refused = parse(&[SUBJECT[0], ("subject_token_type", kind)]).unwrap_err();
        assert_eq!(refused, RequestProblem::Unsupported("subject_token_type").into(), "{kind}");
        let refused = with(&[("actor_token", "x"), ("actor_token_type", kind)]).unwrap_err();
        assert_eq!(refused, RequestProblem::Unsupported("actor_token_type").into(), "{kind}");
        let refused = with(&[("requested_token_type", kind)]).unwrap_err();
        assert_eq!(refused, RequestProblem::Unsupported("requested_token_type").into(), "{kind}");
    }
    for kind in [TokenType::AccessToken, TokenType::Capability] {
        let asked = with(&[("requested_token_type", kind.as_str())]).unwrap();
        assert_eq!(asked.wanted.token_type, kind);
        let presented = parse(&[SUBJECT[0], ("subject_token_type", kind.as_str())]).unwrap();
        assert_eq!(presented.subject.token_type, PresentedType::Form(kind));
    }
    // One that works, but not without what it is bound to.
    let jwt = TokenType::AttenuatingAgentToken.as_str();
    assert!(parse(&[SUBJECT[0], ("subject_token_type", jwt)]).is_ok());
    let refused = with(&[("requested_token_type", jwt)]).unwrap_err();
    assert_eq!(refused, RequestProblem::Unsupported("requested_token_type").into());
}

#[test]
fn an_audience_is_a_resource() {
    let asked = with(&[("audience", "https://a.example/"), ("resource", "https://b.example/")]).unwrap();
    let resources: Vec<_> = asked.wanted.resources.iter().map(Resource::as_str).collect();
    assert_eq!(resources, ["https://a.example/", "https://b.example/"]);
    assert_eq!(with(&[("audience", "crm")]).unwrap_err(), TargetProblem::Malformed.into());
}

#[test]
fn a_delegate_is_named_as_agents_are() {
    let long = "a".repeat(63);
    for good in ["analyzer", "a", "0", "a.b_c-9", &long] {
        assert_eq!(with(&[("delegate_name", good)]).unwrap().delegate.unwrap().as_str(), good);
    }
    let too_long = "a".repeat(64);
    for bad in ["Analyzer", "a/b", "..", ".a", "-a", "_a", "a b", "ä", "a\u{7}", &too_long] {
        let refused = with(&[("delegate_name", bad)]).unwrap_err();
        assert_eq!(refused, RequestProblem::Malformed("delegate_name").into(), "{bad}");
    }
    assert_eq!(with(&[("delegate_name", "")]).unwrap().delegate, None);
}

#[test]
fn an_assertion_and_what_is_wanted() {
    let parse = |body: &str| GrantRequest::parse(&Form::parse(body.as_bytes()).unwrap());
    let grant = format!(
        "grant_type={}",
        url::form_urlencoded::byte_serialize(JWT_BEARER.as_bytes()).collect::<String>()
    );
    match parse(&format!("{grant}&assertion=secret-token&scope=read:docs")).unwrap() {
        GrantRequest::JwtBearer(request) => {
            assert_eq!(
                (request.assertion.as_str(), request.wanted.scope.iter().flatten().count()),
                ("secret-token", 1)
            );
            assert!(!format!("{request:?}").contains("secret-token"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(parse(&grant).unwrap_err(), RequestProblem::Missing("assertion").into());
}

#[test]
fn a_jwt_svid_has_one_audience_and_no_authority() {
    let parse = |more: &str| {
        let body = format!("grant_type=client_credentials&requested_token_type={JWT_SVID}{more}");
        GrantRequest::parse(&Form::parse(body.as_bytes()).unwrap())
    };
    for good in [
        "&resource=https://a.example/",
        "&audience=spiffe://prod/db",
        "&resource=https://a.example/&scope=identity",
    ] {
        assert!(matches!(parse(good), Ok(GrantRequest::Svid(_))), "{good}");
    }
    for (bad, code) in [
        ("", "invalid_request"),
        ("&resource=https://a.example/&resource=https://b.example/", "invalid_target"),
        ("&resource=https://a.example/&audience=https://b.example/", "invalid_target"),
        ("&resource=https://a.example/&scope=read:docs", "invalid_scope"),
        ("&resource=https://a.example/&authorization_details=[]", "invalid_request"),
        ("&resource=not-a-uri", "invalid_target"),
    ] {
        assert_eq!(parse(bad).unwrap_err().code(), code, "{bad}");
    }
}
