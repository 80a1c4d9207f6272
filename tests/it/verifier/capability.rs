//! Capabilities that the server issued and their holders narrowed, at the verifier that resource servers embed.

use deputy_tests::{Client, Tenant, capability, jwt, on_both_databases};
use deputy_verifier::{AudienceKey, Kid, Presented, ReasonCode, Verifier};
use serde_json::{Value, json};

use super::{builder_for, call, reasons, scope, until};

pub(super) const CRM: &str = "https://crm.example.com/";

/// An agent that may search, and pay up to 500, at [`CRM`].
pub(super) async fn crawler(tenant: &Tenant) -> Client {
    tenant.api.post("/resources", json!({"uri": CRM})).await.is(201);
    let role = json!({"audience": [CRM], "may_delegate": true, "tools": {"search": {}, "pay": {
        "amount": {"constraint_type": "range", "min": 0, "max": 500}}}});
    tenant.agent_with("crawler", &["read:docs", "write:drafts"], json!({}), role).await
}

/// The fields of a request for everything that it may.
pub(super) const EVERYTHING: [(&str, &str); 3] = [
    ("scope", "read:docs write:drafts"),
    ("resource", CRM),
    ("authorization_details", r#"[{"type":"deputy_mandate","tools":{"search":{},"pay":{}}}]"#),
];

/// The key of an audience as a resource server keeps it.
pub(super) async fn audience_key(tenant: &Tenant, audience: &str) -> AudienceKey {
    let shown = capability::key(tenant, audience).await;
    let kid = Kid::new(shown["kid"].as_str().expect("a kid")).expect("a kid");
    let bytes = capability::bytes(&shown);
    AudienceKey::from_parts(kid, audience, bytes.as_slice().try_into().expect("32 bytes"))
}

async fn verifier(tenant: &Tenant) -> Verifier {
    let key = audience_key(tenant, CRM).await;
    builder_for(tenant, CRM).await.capability_key(key).start().await.expect("it starts")
}

async fn reads(verifier: &Verifier, text: &str) -> Vec<ReasonCode> {
    reasons(verifier, &Presented::bearer(text), &scope("read:docs")).await
}

async fn calls(verifier: &Verifier, text: &str, tool: &str, arguments: Value) -> Vec<ReasonCode> {
    reasons(verifier, &Presented::bearer(text), &call(tool, &arguments)).await
}

on_both_databases!(what_was_issued_and_what_was_narrowed_allow_what_they_hold, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = crawler(&tenant).await;
    let top = client.capability(&EVERYTHING).await;
    let amount = |max: u32| json!({"pay": {"amount": {"constraint_type": "range", "min": 0, "max": max}}});
    let members = json!({"scope": "read:docs", "tools": amount(100)});
    let leaf = capability::narrowed(&top, "analyzer", members);
    let deeper = capability::narrowed(&leaf, "parser", json!({"tools": amount(10)}));
    let verifier = verifier(&tenant).await;
    for (text, name, most, may_write) in [
        (&top, "crawler", 500, true),
        (&leaf, "crawler/analyzer", 100, false),
        (&deeper, "crawler/analyzer/parser", 10, false),
    ] {
        let verdict = verifier.check(&Presented::bearer(text), &scope("read:docs")).await;
        assert_eq!(verdict.allowed().expect("it is allowed").agent.name, name);
        let denied = |code: ReasonCode, otherwise: bool| if otherwise { vec![] } else { vec![code] };
        let writes = reasons(&verifier, &Presented::bearer(text), &scope("write:drafts")).await;
        assert_eq!(writes, denied(ReasonCode::ScopeMissing, may_write), "{name}");
        let searches = calls(&verifier, text, "search", json!({"query": "x"})).await;
        assert_eq!(searches, denied(ReasonCode::ToolNotAllowed, may_write), "{name}");
        assert_eq!(calls(&verifier, text, "pay", json!({"amount": most})).await, [], "{name}");
        let more = calls(&verifier, text, "pay", json!({"amount": most + 1})).await;
        assert_eq!(more, [ReasonCode::ConstraintViolated], "{name}");
        let other = calls(&verifier, text, "pay", json!({"amount": most, "to": "me"})).await;
        assert_eq!(other, [ReasonCode::ArgumentNotDeclared], "{name}");
    }
    // Wider than its parent, though whoever holds the parent can seal it.
    let wider = capability::narrowed(&leaf, "parser", json!({"tools": amount(101)}));
    assert_eq!(reads(&verifier, &wider).await, [ReasonCode::NotAttenuated]);
});

on_both_databases!(a_capability_dies_by_its_id_by_its_parents_and_by_its_agent, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = crawler(&tenant).await;
    let (top, other) = (client.capability(&EVERYTHING).await, client.capability(&EVERYTHING).await);
    let [one, two] = ["one", "two"].map(|name| capability::narrowed(&top, name, json!({})));
    let below = capability::narrowed(&one, "below", json!({}));
    let verifier = verifier(&tenant).await;
    for text in [&top, &other, &one, &two, &below] {
        assert_eq!(reads(&verifier, text).await, []);
    }
    let dies = async |what: &str, text: &str| {
        until(what, async || reads(&verifier, text).await == [ReasonCode::Revoked]).await
    };
    // The server has never seen the hop.
    tenant.revoke(json!({"credential": capability::id(&one)})).await;
    dies("the child", &one).await;
    assert_eq!(reads(&verifier, &below).await, [ReasonCode::Revoked]);
    assert_eq!((reads(&verifier, &top).await, reads(&verifier, &two).await), (vec![], vec![]));
    tenant.revoke(json!({"credential": capability::id(&top)})).await;
    dies("the parent takes the child along", &two).await;
    assert_eq!(reads(&verifier, &top).await, [ReasonCode::Revoked]);
    assert_eq!(reads(&verifier, &other).await, []);
    let child = capability::narrowed(&other, "child", json!({}));
    assert_eq!(reads(&verifier, &child).await, []);
    tenant.revoke(json!({"agent": "crawler"})).await;
    dies("the agent takes the child along", &child).await;
    assert_eq!(reads(&verifier, &other).await, [ReasonCode::Revoked]);
    let again = capability::narrowed(&client.capability(&EVERYTHING).await, "child", json!({}));
    assert_eq!(reads(&verifier, &again).await, [], "issued after it");
});

on_both_databases!(what_the_audiences_key_did_not_seal_is_refused, async |db| {
    let server = db.server();
    let (tenant, abroad) = (server.tenant().await, server.tenant().await);
    let (client, stranger) = (crawler(&tenant).await, crawler(&abroad).await);
    let top = client.capability(&EVERYTHING).await;
    let leaf = capability::narrowed(&top, "analyzer", json!({"scope": "read:docs"}));
    let verifier = verifier(&tenant).await;
    for text in [&top, &leaf] {
        let (blocks, tag) = (capability::blocks(text), capability::tag(text));
        let same = capability::with_tag(&blocks, &tag);
        assert_eq!((&same, reads(&verifier, &same).await), (text, vec![]));
        for byte in [0, 13, 31] {
            let mut flipped = tag.clone();
            flipped[byte] ^= 1;
            let forged = capability::with_tag(&blocks, &flipped);
            assert_eq!(reads(&verifier, &forged).await, [ReasonCode::SignatureInvalid], "{byte}");
        }
        for index in 0..blocks.len() {
            let mut changed = blocks.clone();
            changed[index]["scope"] = json!("read:docz");
            let forged = capability::with_tag(&changed, &tag);
            assert_eq!(reads(&verifier, &forged).await, [ReasonCode::SignatureInvalid], "block {index}");
        }
        // Whoever holds a child cannot go back to its parent.
        let forged = capability::with_tag(&blocks[..1], &capability::tag(&leaf));
        assert_eq!(reads(&verifier, &forged).await, [ReasonCode::SignatureInvalid]);
    }
    let strange = stranger.capability(&EVERYTHING).await;
    assert_eq!(reads(&verifier, &strange).await, [ReasonCode::SignatureInvalid], "another tenant's");
    // Without the key, or with that of another audience, none counts; an access token still does.
    let keyless = builder_for(&tenant, CRM).await.start().await.expect("it starts");
    assert_eq!(reads(&keyless, &top).await, [ReasonCode::SignatureInvalid]);
    let token = client.token(&EVERYTHING).await.is(200).text_of("access_token");
    assert_eq!(jwt::header(&token)["typ"], "at+jwt");
    assert_eq!(reads(&keyless, &token).await, []);
    let erp = "https://erp.example.com/";
    tenant.api.post("/resources", json!({"uri": erp})).await.is(201);
    let key = audience_key(&tenant, erp).await;
    assert!(builder_for(&tenant, CRM).await.capability_key(key.clone()).start().await.is_err());
    let elsewhere = builder_for(&tenant, erp).await.capability_key(key).start().await.expect("it starts");
    assert_eq!(reads(&elsewhere, &top).await, [ReasonCode::SignatureInvalid]);
});
