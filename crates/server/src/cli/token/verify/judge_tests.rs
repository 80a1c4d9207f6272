//! The published vectors, judged as `deputy token verify` judges them.

use clap::{Args as _, FromArgMatches as _};
use deputy_mandate::{Instant, Request};
use serde_json::Value;

use super::super::call::Call;
use super::super::keys::{Anchor, Trusted};
use super::{Judged, Said, judge};
use crate::cli::token::credential::Form;

fn vectors(name: &str) -> Value {
    let path = format!("{}/../../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn call(flags: &[&str]) -> (Call, Request) {
    let command = Call::augment_args(clap::Command::new("call").no_binary_name(true));
    let call = Call::from_arg_matches(&command.try_get_matches_from(flags).unwrap()).unwrap();
    let request = call.request().unwrap();
    (call, request)
}

fn judged(text: &str, anchor: &Anchor, flags: &[&str], now: i64, leeway: i64) -> Judged {
    let (call, request) = call(flags);
    let said = Said { text, form: Form::of(text).ok(), now: Instant::from_secs(now), leeway };
    judge(&said, anchor, &call, &request).unwrap()
}

fn codes(judged: &Judged) -> Vec<&'static str> {
    judged.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

fn capability_anchor(of: &Value, file: &Value) -> Anchor {
    let part = |name: &str| of.get(name).unwrap_or(&file[name]).as_str().unwrap().to_owned();
    let key = serde_json::json!({"kid": part("kid"), "audience": part("audience"), "key": part("key")});
    let key = super::super::keys::audience_key(&key.to_string()).unwrap();
    Anchor { keys: Trusted::Audience(key), issuer: part("issuer") }
}

fn aat_anchor(file: &Value) -> Anchor {
    let mut jwk = file["trust_anchor"]["jwk"].clone();
    jwk["kid"] = file["trust_anchor"]["kid"].clone();
    let set = serde_json::json!({"keys": [jwk]}).to_string();
    let set = deputy_token::keys::JwkSet::parse(&set).unwrap();
    Anchor { keys: Trusted::Set(set), issuer: text(file, "issuer").to_owned() }
}

#[test]
fn capabilities_are_allowed_what_their_vectors_say() {
    let file = vectors("capability/valid");
    let mut denied = 0;
    for case in file["cases"].as_array().unwrap() {
        let anchor = capability_anchor(&Value::Null, &file);
        let metered = !case["meters"].as_array().unwrap().is_empty();
        for decision in case["decisions"].as_array().into_iter().flatten() {
            let request = &decision["request"];
            // What is no object is bad usage of the command, and never gets so far.
            if ["arguments", "context"]
                .iter()
                .any(|name| !request[*name].is_object() && !request[*name].is_null())
            {
                continue;
            }
            let mut flags = vec!["--no-proof".to_owned()];
            for (name, flag) in [("tool", "--tool"), ("scope", "--scope"), ("audience", "--audience")] {
                flags.extend(
                    request[name].as_str().into_iter().flat_map(|said| [flag.to_owned(), said.to_owned()]),
                );
            }
            if request["tool"].is_string() && request["arguments"].is_object() {
                flags.extend(["--arguments".to_owned(), request["arguments"].to_string()]);
            }
            if !request["context"].is_null() {
                flags.extend(["--context".to_owned(), request["context"].to_string()]);
            }
            for what in ["task", "contract", "session"] {
                let id = request["binding"][what].as_str();
                flags.extend(id.into_iter().flat_map(|id| [format!("--bind-{what}"), id.to_owned()]));
            }
            let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
            let outcome =
                judged(text(case, "capability"), &anchor, &flags, decision["now"].as_i64().unwrap(), 0);
            // What is no call at all is only a credential here, and needs no meter.
            if !flags.contains(&"--tool") && !flags.contains(&"--scope") {
                continue;
            }
            let mut found = codes(&outcome);
            if metered {
                assert_eq!(found.pop(), Some("online_check_required"));
            }
            let expected: Vec<&str> =
                decision["reasons"].as_array().unwrap().iter().map(|reason| text(reason, "code")).collect();
            assert_eq!(found, expected, "{} {request}", case["name"]);
            denied += usize::from(!expected.is_empty());
        }
    }
    assert!(denied > 5);
}

#[test]
fn capabilities_are_refused_as_their_vectors_say() {
    let file = vectors("capability/invalid");
    for case in file["cases"].as_array().unwrap() {
        let anchor = capability_anchor(&case["verifier"], &file);
        let number = |name: &str, usual| case[name].as_i64().unwrap_or(usual);
        let (now, leeway) = (number("now", 1_800_000_010), number("leeway", 0));
        let text = text(case, "capability");
        if Form::of(text) != Ok(Form::Capability) {
            continue;
        }
        let outcome = judged(text, &anchor, &["--no-proof"], now, leeway);
        let expected: Vec<&str> = case["reason"].as_str().into_iter().collect();
        assert_eq!(codes(&outcome), expected, "{}", case["name"]);
    }
}

#[test]
fn chains_are_judged_as_their_vectors_say() {
    let valid = vectors("aat/valid");
    let now = valid["now"].as_i64().unwrap();
    for case in valid["cases"].as_array().unwrap() {
        let (chain, anchor) = (text(case, "chain"), aat_anchor(&valid));
        assert_eq!(codes(&judged(chain, &anchor, &["--no-proof"], now, 0)), [""; 0], "{}", case["name"]);
        let unproved = judged(chain, &anchor, &[], now, 0);
        assert_eq!(codes(&unproved), ["proof_missing"]);
    }
    let refused = vectors("aat/refused");
    for case in refused["cases"].as_array().unwrap() {
        let now = case["now"].as_i64().unwrap_or(now);
        let outcome = judged(text(case, "chain"), &aat_anchor(&refused), &["--no-proof"], now, 0);
        assert_eq!(codes(&outcome), [text(case, "reason")], "{}", case["name"]);
    }
}

#[test]
fn proofs_are_judged_as_their_vectors_say() {
    let file = vectors("aat/proofs");
    let arguments = file["call"]["arguments"].to_string();
    for case in file["cases"].as_array().unwrap() {
        let flags = [
            "--tool",
            text(&file["call"], "tool"),
            "--arguments",
            &arguments,
            "--audience",
            text(&file, "audience"),
            "--proof",
            text(case, "proof"),
        ];
        let outcome =
            judged(text(&file, "chain"), &aat_anchor(&file), &flags, file["now"].as_i64().unwrap(), 0);
        let expected: Vec<&str> = case["reason"].as_str().into_iter().collect();
        assert_eq!(codes(&outcome), expected, "{}", case["name"]);
    }
}
