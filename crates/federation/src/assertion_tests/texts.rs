//! `sub`, and claims as a whole: every name once, text that can be stored and shown.

use serde_json::json;

use super::*;

#[test]
fn a_subject_is_text_of_bounded_length() {
    for purpose in PURPOSES {
        for good in ["0", "a b", "ä€😀", "spiffe://prod.acme.com/a", &"x".repeat(2048)] {
            let verified = judge(purpose, &Claims::good().with("sub", good)).unwrap();
            assert_eq!(verified.subject, good);
        }
        for bad in [
            json!(""),
            json!("x".repeat(2049)),
            json!("é".repeat(1025)),
            json!("a\u{0}"),
            json!("\n"),
            json!("a\u{7f}"),
            json!("a\u{85}"),
            json!(1),
            json!(null),
            json!(["00u1abc"]),
            json!({}),
        ] {
            let found = refused(purpose, &Claims::good().with("sub", bad.clone()));
            assert_eq!(found, AssertionError::Claim("sub"), "{purpose:?} {bad}");
        }
    }
}

#[test]
fn only_a_logout_token_may_name_nobody() {
    let nobody = Claims::good().without("sub");
    for purpose in PURPOSES {
        match purpose {
            Purpose::Logout => assert_eq!(judge(purpose, &nobody).unwrap().subject, ""),
            _ => assert_eq!(refused(purpose, &nobody), AssertionError::Claim("sub"), "{purpose:?}"),
        }
    }
}

#[test]
fn every_claim_stands_there_once() {
    let good = Claims::good().with("custom", json!({"a": [{"b": 1}]}));
    assert!(judge(Purpose::IdToken, &good).is_ok());
    for twice in [
        good.clone().and("sub", r#""somebody else""#),
        good.clone().and("sub", r#""00u1abc""#),
        good.clone().and("s\\u0075b", r#""somebody else""#),
        good.clone().and("aud", "\"client-1\""),
        good.clone().and("exp", "9999999999"),
        good.clone().and("custom", "1"),
        good.clone().with_raw("custom", r#"{"a":1,"a":1}"#),
        good.with_raw("custom", r#"[{"a":1,"\u0061":1}]"#),
    ] {
        assert_eq!(refused(Purpose::IdToken, &twice), AssertionError::Malformed, "{}", twice.text());
    }
}

#[test]
fn claims_are_one_json_object() {
    let sign = |payload: &str| ES256.sign(&ES256.header(None), payload);
    let good = Claims::good().text();
    for padded in [good.clone(), format!(" {good}\r\n")] {
        assert!(check(&ES256, Purpose::IdToken, &sign(&padded)).is_ok());
    }
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(judge(Purpose::IdToken, &Claims::good().with_raw("x", &deep(31))).is_ok());
    let too_deep = Claims::good().with_raw("x", &deep(32)).text();
    for bad in [
        "",
        "[]",
        "null",
        "{",
        "{}{}",
        r#""text""#,
        &format!("[{good}]"),
        &format!("{good},"),
        &format!("\u{feff}{good}"),
        &good.replace("00u1abc", r"\ud800"),
        &good.replace("00u1abc", "a\nb"),
        &too_deep,
        &Claims::good().with_raw("x", &deep(20_000)).text(),
        &good.replacen('{', "{,", 1),
    ] {
        let refused = check(&ES256, Purpose::IdToken, &sign(bad)).unwrap_err();
        assert_eq!(refused, AssertionError::Malformed, "{bad}");
    }
    // Text that is not UTF-8.
    let latin = [b"{\"sub\":\"".as_slice(), &[0xff], b"\"}"].concat();
    let token = sign("{}").replace(".e30.", &format!(".{}.", base64url(&latin)));
    assert_eq!(check(&ES256, Purpose::IdToken, &token).unwrap_err(), AssertionError::Malformed);
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn a_token_has_a_bounded_length() {
    let padded = |length: usize| ES256.token(None, &Claims::good().with("x", "y".repeat(length)));
    assert!(check(&ES256, Purpose::IdToken, &padded(40_000)).is_ok());
    assert_eq!(check(&ES256, Purpose::IdToken, &padded(50_000)).unwrap_err(), AssertionError::Malformed);
}
