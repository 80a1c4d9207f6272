//! `deputy token delegate`, `keygen` and `prove`: handing on without a network.

use std::os::unix::fs::PermissionsExt as _;

use deputy_tests::setup;
use serde_json::json;

use super::made::{CRM, Desk, ISSUER, TOOLS, capability, chain};
use super::{Ran, path, token};

/// Judges a call of a capability with the audience's key.
fn judged(desk: &Desk, capability: &str, more: &[&str]) -> Ran {
    let key = desk.at("crm.json");
    let mut arguments = vec!["verify", "--capability-key", &key, "--issuer", ISSUER, "--audience", CRM];
    arguments.extend(more);
    token(&arguments, capability)
}

/// Judges a chain with the issuer's keys.
fn judged_chain(desk: &Desk, chain: &str, more: &[&str]) -> Ran {
    let keys = desk.at("jwks.json");
    let mut arguments = vec!["verify", "--jwks", &keys, "--issuer", ISSUER, "--audience", TOOLS];
    arguments.extend(more);
    token(&arguments, chain)
}

#[test]
fn a_capability_is_narrowed_and_both_ends_know_it() {
    let desk = Desk::new();
    let root = capability(900, |_| {});
    let tighter = r#"transfer={"amount":{"constraint_type":"range","min":0,"max":100}}"#;
    let asked = ["--scope", "read:docs", "--tool", "search", "--tool", tighter, "--expires-in", "300"];
    let delegate = [&["delegate", "--name", "analyzer"], &asked[..]].concat();
    let ran = token(&delegate, &root);
    assert!(ran.err.contains("crm-research-agent/analyzer: ends in 5 min"), "{}", ran.err);
    assert!(ran.err.contains("2 delegations left"), "{}", ran.err);
    let child = ran.line();

    let transfer = |amount: u32| {
        let arguments = json!({"amount": amount, "currency": "EUR", "target": "crm-db"}).to_string();
        let call = |text: &str| judged(&desk, text, &["--tool", "transfer", "--arguments", &arguments]);
        (call(&root), call(&child))
    };
    let (parent, own) = transfer(100);
    assert_eq!((parent.done(), own.done()), ("ALLOW\n".to_owned(), "ALLOW\n".to_owned()));
    let (parent, own) = transfer(101);
    assert_eq!(parent.done(), "ALLOW\n");
    own.denied(&["constraint_violated"]);
    judged(&desk, &child, &["--tool", "read_db"]).denied(&["tool_not_allowed"]);
    judged(&desk, &root, &["--tool", "read_db"]).done();
    judged(&desk, &child, &["--scope", "write:drafts"]).denied(&["scope_missing"]);
    judged(&desk, &child, &["--scope", "read:docs"]).done();
}

#[test]
fn a_credential_comes_from_stdin_a_file_or_the_variable() {
    let desk = Desk::new();
    let root = capability(900, |_| {});
    let file = desk.write("root", &format!("{root}\n"));
    token(&["delegate", "--name", "a"], &root).line();
    token(&["delegate", "--name", "a", "-"], &root).line();
    token(&["delegate", "--name", "a", "--token-file", &file], "").line();
    let mut command = std::process::Command::new(setup::binary());
    command.args(["token", "delegate", "--name", "a"]).env_clear().env("DEPUTY_TOKEN", &root);
    let first = Ran::of(command, "").line();
    assert_ne!(first, token(&["delegate", "--name", "a"], &root).line(), "no two have one id");
    token(&["delegate", "--name", "a"], "").refused(2, &["empty"]);
}

#[test]
fn every_member_narrows_and_none_widens() {
    let root = capability(900, |claims| {
        claims["authorization_details"][0]["binding"] = json!({"task": "t-1"});
        claims["authorization_details"][0]["uses"] = 5.into();
        claims["chain"][0]["bind"] = json!({"task": "t-1"});
    });
    let run = |more: &[&str]| token(&[&["delegate", "--name", "x"], more].concat(), &root);
    let limits =
        |max: u32| json!({"limits": {"amount": {"constraint_type": "range", "max": max}}}).to_string();
    let wider = r#"transfer={"amount":{"constraint_type":"range","min":0,"max":501}}"#;
    let narrower = r#"transfer={"amount":{"constraint_type":"range","min":0,"max":499}}"#;
    for (good, bad, words) in [
        (
            vec!["--scope", "read:docs"],
            vec!["--scope", "read:docs admin"],
            vec!["`scopes`", "`admin`", "write:drafts"],
        ),
        (vec!["--tool", "search"], vec!["--tool", "launch"], vec!["`tools`", "`launch`", "brain_query"]),
        (vec!["--tool", narrower], vec!["--tool", wider], vec!["`amount`", "0 to 501", "0 to 500"]),
        (vec!["--expires-in", "60"], vec!["--expires-in", "9000"], vec!["`expires_at`", "ends at"]),
        (vec!["--max-depth", "1"], vec!["--max-depth", "4"], vec!["`max_depth`", "3 delegations"]),
        (vec!["--uses", "5"], vec!["--uses", "6"], vec!["`uses`", "5 uses"]),
        (vec!["--bind-task", "t-1"], vec!["--bind-task", "t-2"], vec!["`binding`", "task `t-1`"]),
        (vec!["--bind-session", "s"], vec!["--tool", "shell"], vec!["`shell` is blocked"]),
    ] {
        run(&good).line();
        run(&bad).refused(1, &[&["not_attenuated: "], &words[..]].concat());
    }
    run(&["--details", &limits(400)]).line();
    run(&["--details", &limits(501)]).refused(1, &["not_attenuated", "`limits`", "≤ 501", "≤ 500"]);
}

#[test]
fn who_may_not_delegate_is_told_so() {
    let root = capability(900, |_| {});
    let last = token(&["delegate", "--name", "last", "--no-delegate"], &root).line();
    token(&["delegate", "--name", "x"], &last)
        .refused(1, &["delegation_not_allowed", "`may_delegate` is false"]);
    let mut text = root;
    for name in ["a", "b", "c"] {
        text = token(&["delegate", "--name", name], &text).line();
    }
    token(&["delegate", "--name", "d"], &text).refused(1, &["depth_exceeded", "3 delegations", "number 4"]);

    let dead = capability(-60, |_| {});
    token(&["delegate", "--name", "x"], &dead).refused(1, &["expired: ", "1 min ago"]);
    token(&["delegate", "--name", "x"], "dpyc1.AAAA.BBBB").refused(1, &["refused by every verifier"]);
    token(&["delegate", "--name", "X/Y"], "").refused(2, &["lower-case letters"]);
    token(&["delegate", "--name", "x", "--tool", "a=["], &capability(900, |_| {})).refused(2, &["--tool a"]);
}

#[test]
fn a_worker_binds_a_capability_to_a_key_of_its_own() {
    let desk = Desk::new();
    let root = capability(900, |_| {});
    let key = desk.path("worker.pem");
    let public = token(&["keygen", "--out", path(&key)], "").line();
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    token(&["keygen", "--out", path(&key)], "").refused(1, &["worker.pem"]);
    let worker = token(&["delegate", "--name", "worker", "--to", &public], &root).line();
    let request = ["--method", "POST", "--url", "https://crm.example.com/search"];
    let prove = [&["prove", "--key", path(&key)], &request[..]].concat();
    let proof = token(&prove, &worker).line();

    let call = ["--tool", "search", "--proof", &proof];
    let with = |method: &str, more: &[&str]| {
        let request = ["--method", method, "--url", "https://crm.example.com/search"];
        judged(&desk, &worker, &[&call[..], &request, more].concat())
    };
    assert_eq!(with("POST", &[]).done(), "ALLOW\n");
    with("GET", &[]).denied(&["proof_invalid"]);
    judged(&desk, &worker, &["--tool", "search"]).denied(&["proof_missing"]);
    judged(&desk, &worker, &["--tool", "search", "--no-proof"]).done();
    let other = token(&prove, &root).line();
    let stolen = ["--tool", "search", "--proof", &other, "--method", "POST", "--url", request[3]];
    judged(&desk, &worker, &stolen).denied(&["proof_invalid"]);
    token(&["delegate", "--name", "x", "--to", &public], &worker).refused(1, &["not_attenuated", "`cnf`"]);
}

#[test]
fn a_chain_is_derived_for_another_key_and_proved_with_it() {
    let desk = Desk::new();
    let root = chain(900, |_| {});
    let (own, next) = (desk.at("holder-1.key"), desk.at("holder-2.jwk"));
    let derive = |more: &[&str]| {
        let keys = ["delegate", "--name", "worker", "--key", &own, "--to", &next];
        token(&[&keys[..], more].concat(), &root)
    };
    let child = derive(&["--tool", "search", "--expires-in", "60", "--max-depth", "1"]).line();
    assert_eq!(child.matches('~').count(), 1);

    let prove = |key: &str, tool: &str| {
        let key = desk.at(key);
        token(
            &["prove", "--key", &key, "--tool", tool, "--audience", TOOLS, "--arguments", r#"{"query":"x"}"#],
            &child,
        )
    };
    let proof = prove("holder-2.key", "search").line();
    let call = |tool: &str, proof: &str| {
        judged_chain(&desk, &child, &["--tool", tool, "--arguments", r#"{"query":"x"}"#, "--proof", proof])
    };
    assert_eq!(call("search", &proof).done(), "ALLOW\n");
    call("read_db", &proof).denied(&["proof_invalid", "tool_not_allowed"]);
    judged_chain(&desk, &child, &["--tool", "search"]).denied(&["proof_missing"]);
    prove("holder-1.key", "search").refused(1, &["the key is not the one"]);

    // Each refusal names what the parent has.
    let wider = r#"transfer={"amount":{"constraint_type":"range","min":0,"max":501}}"#;
    derive(&["--tool", wider]).refused(1, &["not_attenuated", "`amount`", "0 to 500"]);
    derive(&["--tool", "launch"]).refused(1, &["not_attenuated", "`launch`", "search"]);
    derive(&["--expires-in", "9000"]).refused(1, &["not_attenuated", "`expires_at`"]);
    derive(&["--max-depth", "5"]).refused(1, &["not_attenuated", "`max_depth`", "4 delegations"]);
    for scope in [["--scope", "read"], ["--uses", "1"], ["--bind-task", "t"]] {
        derive(&scope).refused(2, &["tools only"]);
    }
    let stranger = desk.at("holder-2.key");
    let wrong = ["delegate", "--name", "w", "--key", &stranger, "--to", &next];
    token(&wrong, &root).refused(1, &["proof_invalid", "not the key that the credential is bound to"]);
    let same = desk.at("holder-1.jwk");
    token(&["delegate", "--name", "w", "--key", &own, "--to", &same], &root).refused(1, &["another key"]);
    token(&["delegate", "--name", "w"], &root).refused(2, &["--key"]);
    let last = ["delegate", "--name", "w", "--key", &stranger, "--to", &same];
    token(&last, &child).refused(1, &["depth_exceeded", "1 delegations"]);
}

#[test]
fn a_bare_tighter_constraint_takes_the_form_that_the_draft_wants() {
    let desk = Desk::new();
    let root = chain(900, |claims| {
        claims["authorization_details"][0]["tools"] = json!({"transfer": {"amount": {"constraint_type": "all",
            "constraints": [{"constraint_type": "range", "max": 500},
                            {"constraint_type": "not_one_of", "excluded": [13]}]}}});
    });
    let (own, next) = (desk.at("holder-1.key"), desk.at("holder-2.jwk"));
    let derive =
        |tool: &str| token(&["delegate", "--name", "w", "--key", &own, "--to", &next, "--tool", tool], &root);
    let child = derive(r#"transfer={"amount":{"constraint_type":"one_of","values":[7,8]}}"#).line();
    let call = |amount: &str| {
        let arguments = format!(r#"{{"amount":{amount}}}"#);
        judged_chain(&desk, &child, &["--no-proof", "--tool", "transfer", "--arguments", &arguments])
    };
    call("7").done();
    call("9").denied(&["constraint_violated"]);
    derive(r#"transfer={"amount":{"constraint_type":"one_of","values":[7,13]}}"#)
        .refused(1, &["not_attenuated", "is 7 or 13", "≤ 500 and is not 13"]);
}

#[test]
fn an_access_token_is_not_narrowed_offline() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
    let claims = super::made::vectors("capability/valid")["cases"][0]["claims"].to_string();
    let header = r#"{"alg":"ES256","kid":"k","typ":"at+jwt"}"#;
    let text = format!("{}.{}.{}", B64.encode(header), B64.encode(claims), B64.encode([0; 64]));
    token(&["delegate", "--name", "x"], &text).refused(1, &["token exchange"]);
}
