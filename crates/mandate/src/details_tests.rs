//! The `deputy_mandate` entry of a request and of a token.

use super::{Details, DetailsError, MandateClaims};
use crate::constraint::Constraint;
use crate::mandate::{Mandate, MandateError};

const REQUEST: &str = r#"[{"type": "deputy_mandate",
 "tools": {"search": {}, "transfer": {"amount": {"constraint_type": "range", "min": 0, "max": 500}}},
 "blocked_tools": ["shell"], "limits": {"env": {"constraint_type": "one_of", "values": ["staging"]}},
 "binding": {"task": "task-42"}, "max_depth": 2, "may_delegate": true, "may_act": ["agent:planner"], "uses": 1}]"#;

const SEALED: &str = r#"{"audience":["https://a.example/"],"binding":{},"blocked_tools":[],"declared":{"t":["q"]},"expires_at":9000,"limit_required":{"t":["q"]},"limits":{"q":{"constraint_type":"wildcard"}},"max_depth":0,"may_delegate":false,"not_before":1000,"scopes":["a","b"],"tools":{"t":{}}}"#;

#[test]
fn reads_the_entry_of_the_contract() {
    let details = Details::parse(REQUEST).unwrap();
    let tools = details.tools.unwrap();
    assert_eq!(tools.len(), 2);
    assert!(tools["search"].is_empty());
    assert_eq!(details.limits["env"], Constraint::one_of(["staging"]));
    assert_eq!(details.binding.task.as_deref(), Some("task-42"));
    assert_eq!((details.max_depth, details.may_delegate, details.uses), (Some(2), Some(true), Some(1)));
    assert!(details.may_act.contains("agent:planner"));
    let silent = Details::parse(r#"[{"type":"deputy_mandate"}]"#).unwrap();
    assert_eq!(silent, Details::default());
    assert_eq!(silent.tools, None);
}

#[test]
fn refuses_strangers() {
    for text in ["{}", "[]", "1", r#"[{"type":"deputy_mandate"},{"type":"deputy_mandate"}]"#] {
        assert_eq!(Details::parse(text), Err(DetailsError::Count), "{text}");
    }
    for text in ["[{}]", r#"[{"type":"other"}]"#, r#"[{"type":"Deputy_mandate","tools":{}}]"#] {
        assert_eq!(Details::parse(text), Err(DetailsError::Type), "{text}");
    }
    let unknown = |name: &str| Err(DetailsError::Entry(MandateError::Unknown { name: name.to_owned() }));
    assert_eq!(Details::parse(&REQUEST.replace("\"uses\"", "\"budget\"")), unknown("budget"));
    assert_eq!(Details::parse(&REQUEST.replace("\"task\"", "\"job\"")), unknown("job"));
    assert_eq!(Details::parse(&REQUEST.replace("\"may_act\"", "\"declared\"")), unknown("declared"));
    let regex = Details::parse(&REQUEST.replace("one_of", "regex"));
    assert_eq!(regex, Err(DetailsError::Entry(MandateError::UnknownConstraint { name: "env".to_owned() })));
    for (from, to) in [
        ("\"min\": 0", "\"minimum\": 0"),
        ("500", "9007199254740993"),
        ("\"uses\": 1", "\"uses\": 1, \"uses\": 2"),
        ("\"max_depth\": 2", "\"max_depth\": -1"),
        ("[\"shell\"]", "\"shell\""),
    ] {
        assert!(Details::parse(&REQUEST.replace(from, to)).is_err(), "{to}");
    }
}

#[test]
fn claims_carry_the_whole_mandate() {
    let mandate = Mandate::from_json(SEALED).unwrap();
    let claims = mandate.to_claims();
    assert_eq!((claims.scope.as_str(), claims.not_before, claims.expires_at), ("a b", 1, 9));
    assert_eq!(Mandate::from_claims(&claims), Ok(mandate));
    let entry = |from: &str, to: &str| {
        let authorization_details = claims.authorization_details.replace(from, to);
        Mandate::from_claims(&MandateClaims { authorization_details, ..claims.clone() })
    };
    assert!(entry("\"declared\"", "\"declares\"").is_err());
    assert!(entry("deputy_mandate", "other").is_err());
    let later = entry("\"wildcard\"", "\"from_the_future\"").unwrap();
    assert!(later.limits["q"].has_unknown(), "kept for the decision to deny");
}

#[test]
fn an_identity_token_carries_no_authority() {
    let mut mandate = Mandate::from_json(SEALED).unwrap();
    mandate.scopes.clear();
    assert_eq!(mandate.to_claims().scope, "", "tools are authority too");
    assert_eq!(Mandate::from_claims(&mandate.to_claims()), Ok(mandate.clone()));
    mandate.tools.clear();
    assert_eq!(mandate.to_claims().scope, "identity");
    let read = Mandate::from_claims(&mandate.to_claims()).unwrap();
    assert!(read.is_empty());
    assert_eq!(read, mandate);
}
