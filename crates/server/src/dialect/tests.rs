//! Every refusal in every dialect, and the dialect of every kind of path.

use actix_web::body::MessageBody as _;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};

use deputy_scim::{ErrorMessage, ScimType};

use super::{Kind, status};
use crate::refusal::{Problem, Refusal};

fn every() -> Vec<Refusal> {
    vec![
        Refusal::Unauthenticated,
        Refusal::Forbidden,
        Refusal::NotFound,
        Refusal::invalid("tools.transfer", "is <b>not</b> \"known\""),
        Refusal::InvalidMany(vec![Problem {
            field: "agents[0].name".into(),
            line: Some(3),
            column: Some(9),
            message: "is used".into(),
        }]),
        Refusal::conflict("the name is used"),
        Refusal::Precondition,
        Refusal::TooLarge { limit_bytes: 1_048_576 },
        Refusal::TooMany { retry_after_secs: 7 },
        Refusal::Unavailable { retry_after_secs: 2 },
        Refusal::Halted,
        Refusal::Scim(ErrorMessage::of(ScimType::InvalidFilter, "`x` is <b>not</b> a \"filter\"")),
        Refusal::Internal,
    ]
}

fn body(kind: Kind, refusal: &Refusal) -> String {
    let bytes = kind.respond(refusal).into_body().try_into_bytes().expect("a whole body");
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn each_dialect_keeps_its_shape() {
    for refusal in every() {
        let oauth: serde_json::Value = serde_json::from_str(&body(Kind::OAuth, &refusal)).expect("JSON");
        assert!(oauth["error"].is_string());
        let said = oauth["error_description"].as_str().expect("a description");
        assert!(said.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\'), "{said}");

        let scim: serde_json::Value = serde_json::from_str(&body(Kind::Scim, &refusal)).expect("JSON");
        assert_eq!(scim["status"].as_str(), Some(status(&refusal).as_str()));

        let problem: serde_json::Value = serde_json::from_str(&body(Kind::Problem, &refusal)).expect("JSON");
        assert_eq!(problem["status"].as_u64(), Some(u64::from(status(&refusal).as_u16())));
        assert!(problem["type"].as_str().is_some_and(|t| t.starts_with("urn:deputy:problem:")));

        let page = body(Kind::Page, &refusal);
        assert!(page.starts_with("<!doctype html>"), "{page}");
        assert!(!page.contains("<b>not"), "escaped");
    }
}

#[test]
fn the_field_and_every_problem_are_named() {
    let one = body(Kind::Problem, &Refusal::invalid("owners", "must name someone"));
    assert!(one.contains(r#""field":"owners""#), "{one}");
    let many = body(Kind::Problem, &every()[4]);
    assert!(many.contains(r#""line":3,"column":9"#), "{many}");
}

#[test]
fn scim_has_its_keywords() {
    let said = |refusal: &Refusal| {
        let body: serde_json::Value = serde_json::from_str(&body(Kind::Scim, refusal)).expect("JSON");
        let word = |member: &str| body[member].as_str().map(str::to_owned);
        (word("status").expect("text"), word("scimType"))
    };
    let keyword = |status: &str, keyword: &str| (status.to_owned(), Some(keyword.to_owned()));
    let plain = |status: &str| (status.to_owned(), None);
    for (refusal, expected) in [
        (Refusal::scim(ErrorMessage::of(ScimType::InvalidPath, "x")), keyword("400", "invalidPath")),
        (Refusal::scim(ErrorMessage::of(ScimType::Uniqueness, "x")), keyword("409", "uniqueness")),
        (Refusal::scim(ErrorMessage::plain(501, "x")), plain("501")),
        (Refusal::conflict("the name is used"), keyword("409", "uniqueness")),
        (Refusal::invalid("a", "b"), keyword("400", "invalidValue")),
        (Refusal::Precondition, plain("412")),
        (Refusal::TooLarge { limit_bytes: 1 }, plain("413")),
        (Refusal::Forbidden, plain("403")),
    ] {
        assert_eq!(said(&refusal), expected, "{refusal:?}");
    }
    let refusal = Refusal::scim(ErrorMessage::plain(501, "x"));
    for kind in [Kind::Scim, Kind::Problem, Kind::Page, Kind::OAuth] {
        assert_eq!(kind.respond(&refusal).status(), StatusCode::NOT_IMPLEMENTED, "{kind:?}");
    }
}

#[test]
fn waiting_is_told_and_a_401_challenges() {
    for kind in [Kind::OAuth, Kind::Scim, Kind::Problem, Kind::Page] {
        let response = kind.respond(&Refusal::TooMany { retry_after_secs: 7 });
        assert_eq!(response.headers().get(RETRY_AFTER).expect("header"), "7");
        let response = kind.respond(&Refusal::Unauthenticated);
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(response.headers().contains_key("www-authenticate"));
    }
    let scim = Kind::Scim.respond(&Refusal::NotFound);
    assert_eq!(scim.headers().get(CONTENT_TYPE).expect("header"), "application/scim+json");
}

#[test]
fn a_path_has_one_dialect() {
    let table = [
        ("/t/acme/oauth/token", Kind::OAuth),
        ("/t/acme/scim/v2/Users", Kind::Scim),
        ("/t/acme/api/v1/agents", Kind::Problem),
        ("/t/acme/access/v1/evaluation", Kind::Problem),
        ("/t/acme/revocations/stream", Kind::Problem),
        ("/t/acme/jwks.json", Kind::Problem),
        ("/.well-known/oauth-authorization-server/t/acme", Kind::Problem),
        ("/api/v1/tenants", Kind::Problem),
        ("/t/acme/sign-in/logout", Kind::OAuth),
        ("/t/acme/sign-in/callback", Kind::Page),
        ("/t/acme/agents", Kind::Page),
        ("/t/acme/", Kind::Page),
        ("/docs/x", Kind::Page),
        ("/oauth/token", Kind::Page),
        ("", Kind::Page),
    ];
    for (path, kind) in table {
        assert_eq!(Kind::of(path), kind, "{path}");
    }
}
