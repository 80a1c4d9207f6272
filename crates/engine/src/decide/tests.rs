//! What a body must be, and which audience a key asks about.

use std::collections::BTreeSet;

use deputy_store::model::ApiRole;

use super::{audience, parse};
use crate::{Caller, Refusal};

fn verifier(audiences: &[&str]) -> Caller {
    let audiences: BTreeSet<String> = audiences.iter().map(|&uri| uri.to_owned()).collect();
    Caller { role: Some(ApiRole::Verifier), audiences, ..Caller::system() }
}

#[test]
fn a_verifier_asks_for_its_own_audiences() {
    let asked = |key: &Caller, uri: Option<&str>| audience(key, uri.map(str::to_owned));
    let one = verifier(&["a"]);
    assert_eq!(asked(&one, None), Ok(Some("a".into())));
    assert_eq!(asked(&one, Some("a")), Ok(Some("a".into())));
    assert_eq!(asked(&one, Some("b")), Err(Refusal::Forbidden));
    assert!(matches!(asked(&verifier(&["a", "b"]), None), Err(Refusal::Invalid { .. })));
    assert_eq!(asked(&verifier(&[]), None), Err(Refusal::Forbidden));
    let admin = Caller { role: Some(ApiRole::Admin), ..Caller::system() };
    assert_eq!(asked(&admin, None), Ok(None));
    assert_eq!(asked(&admin, Some("b")), Ok(Some("b".into())));
}

#[test]
fn what_is_not_json_is_refused_and_what_is_ambiguous_is_denied() {
    assert!(parse("{}").unwrap().is_ok());
    for ambiguous in [r#"{"a":1,"a":2}"#, r#"{"a":0.1000000000000000055511151231257827}"#, &"[".repeat(40)] {
        assert!(parse(ambiguous).is_ok_and(|read| read.is_err()), "{ambiguous}");
    }
    for wrong in ["", "{", "nonsense", r#"{"a":"\ud800"}"#, r#"{"a":"\u0000"}"#, r#"{"\u0000":1}"#] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
    assert!(parse(r#"{"a":"\\u0000"}"#).unwrap().is_ok(), "an escaped backslash is no NUL");
}
