//! `POST /t/{tenant}/api/v1/resources/{id}/capability-key`: who gets which key, and what is kept of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_tests::{capability, foreign, on_both_databases};
use serde_json::json;

const CRM: &str = "https://crm.example.com/";
const ERP: &str = "https://erp.example.com/";

on_both_databases!(an_administrator_and_a_verifier_of_the_audience_get_it, async |db| {
    let server = db.server();
    let (tenant, abroad) = (server.tenant().await, server.tenant().await);
    let crm = tenant.api.post("/resources", json!({"uri": CRM})).await.is(201).text_of("id");
    let erp = tenant.api.post("/resources", json!({"uri": ERP})).await.is(201).text_of("id");
    let path = |id: &str| format!("/resources/{id}/capability-key");
    let shown = tenant.api.post(&path(&crm), json!({})).await.is(200);
    assert_eq!(shown["audience"], CRM);
    assert_eq!(shown.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(capability::bytes(&shown.json).len(), 32);
    assert_eq!(capability::key(&tenant, CRM).await, shown.json, "by URI, and the same again");
    let other = tenant.api.post(&path(&erp), json!({})).await.is(200);
    assert_eq!((&other["audience"], &other["kid"]), (&json!(ERP), &shown["kid"]));
    assert_ne!(other["key"], shown["key"]);
    let verifier = tenant.api.with_key(&tenant.key("verifier", json!({"audiences": [CRM]})).await);
    assert_eq!(verifier.post(&path(&crm), json!({})).await.is(200).json, shown.json);
    // Of what is not its audience it learns nothing, not even whether it is there.
    let refused = verifier.post(&path(&erp), json!({})).await.is_problem(403);
    let nothing = verifier.post(&path("no-such-thing"), json!({})).await.is_problem(403);
    assert_eq!(refused["type"], nothing["type"]);
    tenant.api.post(&path("no-such-thing"), json!({})).await.is_problem(404);
    for role in ["auditor", "scim", "importer"] {
        tenant.api_as(role).await.post(&path(&crm), json!({})).await.is_problem(403);
    }
    abroad.api.post(&path(&crm), json!({})).await.is_problem(404);
    tenant.api.with_key(abroad.admin_key()).post(&path(&crm), json!({})).await.is_problem(401);
    abroad.api.post("/resources", json!({"uri": CRM})).await.is(201);
    let theirs = capability::key(&abroad, CRM).await;
    assert!(theirs["key"] != shown["key"] && theirs["kid"] != shown["kid"]);
});

on_both_databases!(every_showing_is_an_event_without_the_key, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.api.post("/resources", json!({"uri": CRM})).await.is(201);
    let shown = capability::key(&tenant, CRM).await;
    let events = tenant.events().await;
    let told: Vec<_> = events.iter().filter(|event| event["action"] == "capability_key.shown").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["detail"], json!({"audience": CRM, "kid": shown["kid"]}));
    assert!(told[0]["actor"].as_str().unwrap().starts_with("key:"));
    let (events, log) = (serde_json::to_string(&events).unwrap(), server.log());
    for text in [events, log] {
        assert!(!text.contains(shown["key"].as_str().unwrap()), "the key is in it");
    }
});

on_both_databases!(a_verifier_written_from_the_page_accepts_what_the_server_issues, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.api.post("/resources", json!({"uri": CRM})).await.is(201);
    let role = json!({"audience": [CRM], "may_delegate": true, "tools": {"search": {}, "pay": {
        "amount": {"constraint_type": "range", "min": 0, "max": 500}}}});
    let client = tenant.agent_with("crawler", &["read:docs", "write:drafts"], json!({}), role).await;
    let details =
        r#"[{"type":"deputy_mandate","tools":{"search":{},"pay":{}},"uses":5,"binding":{"task":"t"}}]"#;
    let fields = [("scope", "read:docs write:drafts"), ("resource", CRM), ("authorization_details", details)];
    let top = client.capability(&fields).await;
    let leaf = capability::narrowed(&top, "analyzer", json!({"scope": "read:docs", "tools": {"search": {}}}));
    let below = [("scope", "read:docs"), ("requested_token_type", capability::TOKEN_TYPE)];
    let online = client.exchange_capability(&leaf, &below).await.is(200).text_of("access_token");
    let shown = capability::key(&tenant, CRM).await;
    let mut wrong = shown.clone();
    wrong["key"] = json!(B64.encode([7; 32]));
    for text in [&top, &leaf, &online] {
        let told = tenant.introspect(text).await.is(200);
        for (key, accepted) in [(&shown, true), (&wrong, false)] {
            let mut verifier = key.clone();
            verifier["issuer"] = json!(tenant.issuer);
            let verifier = verifier.to_string();
            let input = [("CAPABILITY", text.as_str()), ("VERIFIER", verifier.as_str())];
            let Some(outcome) = foreign::python("capability_vectors.py", &input) else { return };
            let said: serde_json::Value = serde_json::from_str(&outcome.passed()).unwrap();
            if !accepted {
                assert_eq!(said, json!({"refused": "signature_invalid"}));
                continue;
            }
            for (name, value) in said["claims"].as_object().unwrap() {
                assert_eq!(*value, told[name], "{name}");
            }
            assert_eq!(said["claims"]["jti"], capability::id(text));
        }
    }
});
