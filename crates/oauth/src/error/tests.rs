//! Each error has its code, its status and a description of its own.

use deputy_mandate::{DetailsError, ReasonCode};
use deputy_token::{aat::NotCompiled, dpop::ProofError};

use super::*;
use crate::client::AssertionError;
use crate::form::FormError;

fn every_error() -> Vec<OAuthError> {
    vec![
        RequestProblem::Form(FormError::Repeated("a\"b\\c\u{e9}".into())).into(),
        RequestProblem::ContentType.into(),
        RequestProblem::Missing("grant_type").into(),
        RequestProblem::SeveralAuthentications.into(),
        RequestProblem::ForeignDelegate.into(),
        RequestProblem::ProofMissing.into(),
        ClientProblem::Missing.into(),
        ClientProblem::Assertion(AssertionError::Audience).into(),
        ClientProblem::Refused.into(),
        GrantProblem::RuntimeMissing.into(),
        GrantProblem::RuntimeChanged.into(),
        GrantProblem::SubjectUnknown.into(),
        GrantProblem::SubjectDead(ReasonCode::Revoked).into(),
        GrantProblem::Actor.into(),
        GrantProblem::DelegationNotAllowed.into(),
        GrantProblem::Depth { ceiling: 3 }.into(),
        OAuthError::UnauthorizedClient,
        OAuthError::UnsupportedGrantType,
        ScopeProblem::Malformed.into(),
        ScopeProblem::NothingRequested { ceiling: vec!["scope `read:docs`".into()] }.into(),
        ScopeProblem::NothingGranted { removed: vec![("scope:write:crm".into(), "allowed_scopes")] }.into(),
        ScopeProblem::TooLarge.into(),
        TargetProblem::Malformed.into(),
        TargetProblem::Several.into(),
        TargetProblem::NotOfParent.into(),
        TargetProblem::Unknown.into(),
        DetailsProblem::Malformed(DetailsError::Count).into(),
        DetailsProblem::NotCarried(NotCompiled::Uses.into()).into(),
        ProofProblem::Several.into(),
        ProofProblem::Refused(ProofError::Time).into(),
        ProofProblem::Replayed.into(),
        ProofProblem::OtherKey.into(),
        ProofProblem::Revoked.into(),
        OAuthError::AccessDenied,
        OAuthError::UnsupportedTokenType,
        OAuthError::InsufficientScope,
        OAuthError::InvalidToken,
        OAuthError::RateLimited { retry_after: 3 },
        OAuthError::TemporarilyUnavailable { retry_after: 1 },
        OAuthError::ServerError,
    ]
}

#[test]
fn every_body_has_the_two_members_in_the_allowed_characters() {
    for error in every_error() {
        let body = serde_json::to_value(error.body()).unwrap();
        assert_eq!(body.as_object().unwrap().len(), 2, "{error:?}");
        assert_eq!(body["error"], error.code());
        let description = body["error_description"].as_str().unwrap();
        let allowed = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
        assert!(!description.is_empty() && description.chars().all(allowed), "{description}");
    }
}

#[test]
fn statuses_are_those_of_the_rfcs() {
    for error in every_error() {
        let expected = match error.code() {
            "invalid_client" | "invalid_token" => 401,
            "access_denied" | "insufficient_scope" => 403,
            "temporarily_unavailable" => match error {
                OAuthError::RateLimited { .. } => 429,
                _ => 503,
            },
            "server_error" => 500,
            _ => 400,
        };
        assert_eq!(error.status(), expected, "{error:?}");
        assert_eq!(
            error.www_authenticate().is_some(),
            matches!(expected, 401) || error.code() == "insufficient_scope"
        );
        assert_eq!(error.retry_after().is_some(), matches!(expected, 429 | 503), "{error:?}");
    }
}

#[test]
fn a_refusal_says_what_helps() {
    let ceiling = vec!["scope `read:docs`".into(), "tools `search`".into()];
    let description = OAuthError::from(ScopeProblem::NothingRequested { ceiling }).description();
    assert!(description.ends_with("scope `read:docs` tools `search`"), "{description}");
    let removed = vec![("scope:write:crm".into(), "allowed_scopes"), ("tool:shell".into(), "role_bindings")];
    let description = OAuthError::from(ScopeProblem::NothingGranted { removed }).description();
    assert!(description.contains("scope:write:crm (by allowed_scopes)"), "{description}");
    let endless = ScopeProblem::NothingRequested { ceiling: vec!["x".repeat(100_000)] };
    assert!(OAuthError::from(endless).description().len() < 1100);
}
