//! `deputy token verify` with keys at hand: the decision of a service that asks nobody.

use deputy_tests::{jwt, on_both_databases};
use serde_json::{Value, json};

use super::made::{CRM, Desk, ISSUER, TOOLS, capability, chain, vectors};
use super::token;

on_both_databases!(an_access_token_is_judged_by_the_published_keys, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let other = server.tenant().await;
    let role = json!({"tools": {"transfer": {"amount": {"constraint_type": "range", "max": 500}}}});
    let client = tenant.agent_with("payer", &["pay"], json!({}), role).await;
    let details = json!([{"type": "deputy_mandate", "tools": {"transfer": {}}}]).to_string();
    let form = [("scope", "pay"), ("authorization_details", details.as_str())];
    let access = client.token(&form).await.is(200).text_of("access_token");

    let url = format!("{}/jwks.json", tenant.issuer);
    let judge = |arguments: &str, more: &[&str]| {
        let call = ["verify", "--jwks", &url, "--audience", &tenant.issuer, "--tool", "transfer"];
        token(&[&call[..], &["--arguments", arguments], more].concat(), &access)
    };
    let ran = judge(r#"{"amount": 500}"#, &[]);
    assert!(ran.err.contains("revocations are not seen offline"), "{}", ran.err);
    assert_eq!(ran.done(), "ALLOW\n");
    assert_eq!(judge(r#"{"amount": 500}"#, &["--expiry-only"]).err, "");
    judge(r#"{"amount": 501}"#, &[]).denied(&["constraint_violated"]);
    judge(r#"{"amount": "500"}"#, &[]).denied(&["type_mismatch"]);
    judge(r#"{"amount": 5, "to": "me"}"#, &[]).denied(&["argument_not_declared"]);

    let late = (jwt::now() + 90_000).to_string();
    judge(r#"{"amount": 500}"#, &["--at", &late]).denied(&["expired"]);
    let elsewhere = ["verify", "--jwks", &url, "--audience", "https://b.example/", "--scope", "pay"];
    token(&elsewhere, &access).denied(&["audience_mismatch"]);

    // Another tenant's keys, and these keys under another's name.
    let foreign = format!("{}/jwks.json", other.issuer);
    token(&["verify", "--jwks", &foreign], &access).denied(&["signature_invalid"]);
    token(&["verify", "--jwks", &url, "--issuer", &other.issuer], &access).denied(&["signature_invalid"]);

    let ran = judge(r#"{"amount": 501}"#, &["--output", "json"]);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &document["decision"]), (Some(1), &json!(false)));
    assert_eq!(document["reasons"][0]["code"], "constraint_violated");
    assert_eq!(document["reasons"][0]["field"], "amount");
    assert_eq!(document["credential"]["name"], "payer");
});

#[test]
fn a_file_of_keys_serves_a_chain_and_the_audiences_key_a_capability() {
    let desk = Desk::new();
    let (set, key) = (desk.at("jwks.json"), desk.at("crm.json"));
    token(&["verify", "--jwks", &set, "--issuer", ISSUER, "--no-proof"], &chain(900, |_| {})).done();
    let good = capability(900, |_| {});
    let of_key = ["verify", "--capability-key", &key, "--issuer", ISSUER];
    token(&of_key, &good).done();
    let json = std::fs::read_to_string(desk.path("crm.json")).unwrap();
    token(&["verify", "--capability-key", &json, "--issuer", ISSUER], &good).done();

    let mut broken = good.clone();
    broken.replace_range(good.len() - 2.., "AA");
    token(&of_key, &broken).denied(&["signature_invalid"]);
    let stolen = json.replace("\"key\":\"6", "\"key\":\"7");
    assert_ne!(stolen, json);
    token(&["verify", "--capability-key", &stolen, "--issuer", ISSUER], &good).denied(&["signature_invalid"]);
    token(&["verify", "--capability-key", &key, "--issuer", "https://other.example"], &good)
        .denied(&["signature_invalid"]);
    token(&[&of_key[..], &["--audience", "https://b.example/"]].concat(), &good)
        .denied(&["audience_mismatch"]);
    token(&[&of_key[..], &["--leeway", "60"]].concat(), &capability(-1, |_| {})).done();
    token(&of_key, &capability(-1, |_| {})).denied(&["expired"]);
}

#[test]
fn a_meter_needs_the_server() {
    let desk = Desk::new();
    let key = desk.at("crm.json");
    let metered = capability(900, |claims| claims["authorization_details"][0]["uses"] = 3.into());
    let judge = ["verify", "--capability-key", &key, "--issuer", ISSUER, "--audience", CRM];
    token(&[&judge[..], &["--tool", "search"]].concat(), &metered).denied(&["online_check_required"]);
    token(&judge, &metered).done();
}

#[test]
fn the_published_vectors_are_judged_as_of_their_time() {
    let desk = Desk::new();
    let (set, file) = (desk.at("jwks.json"), vectors("aat/proofs"));
    let (arguments, chain) = (file["call"]["arguments"].to_string(), file["chain"].as_str().unwrap());
    let at = file["now"].to_string();
    let judge = |proof: &str| {
        let keys = ["verify", "--jwks", &set, "--issuer", ISSUER, "--audience", TOOLS, "--at", &at];
        token(
            &[&keys[..], &["--tool", "transfer", "--arguments", &arguments, "--proof", proof]].concat(),
            chain,
        )
    };
    for case in file["cases"].as_array().unwrap() {
        let ran = judge(case["proof"].as_str().unwrap());
        match case["reason"].as_str() {
            None => assert_eq!(ran.done(), "ALLOW\n"),
            Some(reason) => ran.denied(&[reason]),
        }
    }
}

#[test]
fn what_is_missing_is_bad_usage() {
    let desk = Desk::new();
    let (set, key) = (desk.at("jwks.json"), desk.at("crm.json"));
    let good = capability(900, |_| {});
    token(&["verify", "--capability-key", &key], &good).refused(2, &["--issuer"]);
    token(&["verify", "--jwks", &set, "--issuer", ISSUER], &good).refused(2, &["--capability-key"]);
    token(&["verify", "--tool", "search"], &good).refused(2, &["--jwks or --capability-key"]);
    let call = ["verify", "--capability-key", &key, "--issuer", ISSUER, "--tool", "search"];
    token(&[&call[..], &["--arguments", "[1]"]].concat(), &good).refused(2, &["--arguments"]);
    token(&[&call[..], &["--arguments", r#"{"a":1,"a":2}"#]].concat(), &good).refused(2, &["--arguments"]);
    token(&[&call[..], &["--proof", "x"]].concat(), &good).refused(2, &["bound to no key"]);
    // Without keys the server is asked, and here is none.
    token(&["verify"], &good).refused(2, &["--tenant"]);
}
