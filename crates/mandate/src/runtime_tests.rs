//! A runtime's fingerprint changes with everything but order.

use super::{Fingerprint, Runtime};
use crate::json::Value;

const RUNTIME: &str =
    r#"{"model":"gpt-4o","tools":["search","brain_query"],"config":{"temperature":0.2,"seed":1}}"#;

fn fingerprint(text: &str) -> String {
    Fingerprint::from_evidence(text).unwrap().to_string()
}

#[test]
fn reordering_changes_nothing_and_anything_else_does() {
    let registered = fingerprint(RUNTIME);
    let reordered = r#"{"config":{"seed":1.0,"temperature":2e-1},"tools":["brain_query","search","search"],"model":"gpt-4o"}"#;
    assert_eq!(fingerprint(reordered), registered);
    for (from, to) in [
        ("gpt-4o", "gpt-4o-mini"),
        ("search", "shell"),
        ("0.2", "0.20000000000000001"),
        ("0.2", "0.3"),
        ("\"seed\":1", "\"seed\":\"1\""),
    ] {
        let changed = Fingerprint::from_evidence(&RUNTIME.replace(from, to));
        assert!(!changed.is_ok_and(|changed| changed.as_str() == registered), "{to}");
    }
}

#[test]
fn a_digest_stands_for_the_configuration() {
    let runtime: Runtime = serde_json::from_str(RUNTIME).unwrap();
    let sealed = runtime.clone().sealed();
    assert!(matches!(&sealed.config, Value::String(text) if text.starts_with("sha256:") && text.len() == 71));
    assert_eq!(sealed.fingerprint(), runtime.fingerprint());
    assert_eq!(sealed.clone().sealed(), sealed);
    let text = fingerprint(r#"{"model":"m","config":"sha256:ABC"}"#);
    assert_ne!(
        text,
        fingerprint(r#"{"model":"m","config":"ABC"}"#),
        "what is no digest is hashed as it stands"
    );
}

#[test]
fn matches_a_vector_computed_elsewhere() {
    // printf '{"temperature":0.2}' | sha256sum, then the same over the object below, base64url.
    let runtime =
        r#"{"model":"gpt-4o","tools":["search","brain_query","read_db"],"config":{"temperature":0.2}}"#;
    assert_eq!(fingerprint(runtime), "vamXDTrQhu441Pj8g1Jq3nzMStBFvmkUtBtmvT-_SNA");
}

#[test]
fn evidence_is_a_runtime_or_its_fingerprint() {
    let registered = fingerprint(RUNTIME);
    assert_eq!(fingerprint(&registered), registered);
    assert_eq!(fingerprint(&format!("\"{registered}\"")), registered);
    for text in [
        "",
        "abc",
        "{}",
        r#"{"model":1}"#,
        r#"{"model":"m","version":2}"#,
        "[1]",
        &format!("{registered}A"),
        &registered.replace('-', "+")[..42],
    ] {
        assert!(Fingerprint::from_evidence(text).is_err(), "{text}");
    }
}
