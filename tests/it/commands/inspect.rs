//! `deputy token inspect`: any form, any text.

use deputy_tests::on_both_databases;
use serde_json::{Value, json};

use super::made::{capability, chain, vectors};
use super::{Ran, token};

on_both_databases!(an_access_token_tells_its_story, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let role = json!({"tools": {"search": {}, "transfer": {"amount": {"constraint_type": "range", "max": 500}}},
        "blocked_tools": ["shell"], "max_depth": 2, "may_delegate": true});
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), role).await;
    let details = json!([{"type": "deputy_mandate", "tools": {"search": {}, "transfer": {}}}]).to_string();
    let mut request = server.command(&["token", "request", "--scope", "read:docs", "--details", &details]);
    request.env("DEPUTY_TENANT", &tenant.slug);
    request.env("DEPUTY_CLIENT_ID", &client.id).env("DEPUTY_CLIENT_SECRET", &client.secret);
    let access = Ran::of(request, "").line();

    let ran = token(&["inspect"], &access);
    assert!(ran.err.contains("not verified"), "{}", ran.err);
    let said = ran.done();
    for words in [
        "access token",
        "crawler",
        "user:",
        "expires       in 1",
        "read:docs",
        "transfer: amount ≤ 500",
        "shell",
        "none made, 2 left of 2",
        "search: any arguments",
        "not bound",
        "[depth 0]",
        &tenant.issuer,
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let document: Value =
        serde_json::from_str(&token(&["inspect", "--output", "json"], &access).done()).unwrap();
    assert_eq!((&document["form"], &document["verified"]), (&json!("access_token"), &json!(false)));
    assert_eq!(document["claims"]["client_id"], client.id.as_str());
    assert_eq!(document["header"]["typ"], "at+jwt");
    assert_eq!(document["names"], json!(["crawler"]));
});

#[test]
fn every_form_is_recognised() {
    let said = token(&["inspect"], &capability(900, |_| {})).done();
    assert!(said.contains("form          capability\n") && said.contains("crm-research-agent"), "{said}");
    let said = token(&["inspect"], &chain(900, |_| {})).done();
    assert!(
        said.contains("form          attenuating agent token\n") && said.contains("bound to aVBtapLd11"),
        "{said}"
    );
    let json = |text: &str| -> Value {
        serde_json::from_str(&token(&["inspect", "--output", "json"], text).done()).unwrap()
    };
    let document = json(&capability(900, |_| {}));
    assert_eq!(document["blocks"][0]["kid"], "2026-11");
    assert_eq!(document["claims"]["agent"]["name"], "crm-research-agent");
    let document = json(vectors("aat/valid")["cases"][1]["chain"].as_str().unwrap());
    assert_eq!(document["tokens"].as_array().unwrap().len(), 5);
    assert_eq!(document["names"][1], "planner/worker");
    assert_eq!((&document["issued_hops"], &document["key_bound"]), (&json!(1), &json!(true)));
}

#[test]
fn what_cannot_be_read_is_told_without_a_panic() {
    for garbage in ["nonsense", "a.b.c", "dpyc1.", "dpyc1.e30.e30", "dpyc9.x.y", "~~~", "e30.e30.e30", "{}"] {
        let ran = token(&["inspect"], garbage);
        assert_eq!(ran.code, Some(1), "{garbage}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("deputy: ") && !ran.err.contains("panicked"), "{garbage}: {}", ran.err);
    }
    // A token of somebody else's is shown as it is.
    let said = token(
        &["inspect"],
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIn0.c2ln",
    )
    .done();
    assert!(said.contains("JWT") && said.contains("https://idp.example"), "{said}");
    // What every verifier refuses is named, and still shown to a script.
    let wide = vectors("capability/invalid");
    let wide =
        wide["cases"].as_array().unwrap().iter().find(|case| case["name"] == "widens: a tool more").unwrap();
    let ran = token(&["inspect", "--output", "json"], wide["capability"].as_str().unwrap());
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(ran.code, Some(1));
    assert!(document["problem"].as_str().unwrap().contains("`tools`"), "{}", ran.out);
    assert!(ran.err.contains("`tools`"), "{}", ran.err);
    token(&["inspect", "--token-file", "/nonexistent"], "").refused(1, &["/nonexistent"]);
}

#[test]
fn a_token_cannot_move_the_cursor() {
    let hostile = chain(900, |claims| claims["agent"]["owners"] = json!(["user:\u{1b}[2J"]));
    let said = token(&["inspect"], &hostile).done();
    assert!(!said.contains('\u{1b}') && said.contains("user:"), "{said:?}");
}
