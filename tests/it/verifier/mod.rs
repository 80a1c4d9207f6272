//! The verifier that resource servers embed, against the real server: discovery, keys, the feed, reports.

mod attenuating;
mod bound;
mod capability;

use std::time::Duration;

use deputy_tests::{Tenant, jwt, on_both_databases};
use deputy_verifier::{Presented, ReasonCode, Request, Scope, Verdict, Verifier, VerifierBuilder};
use serde_json::{Value, json};

/// What is waited for takes well under a second; the rest is a slow machine's.
const PATIENCE: Duration = Duration::from_secs(15);

async fn builder(tenant: &Tenant) -> VerifierBuilder {
    builder_for(tenant, &tenant.issuer).await
}

/// The same for a resource server of its own.
async fn builder_for(tenant: &Tenant, audience: &str) -> VerifierBuilder {
    let key = tenant.key("verifier", json!({"audiences": [audience]})).await;
    Verifier::builder(&tenant.issuer).audience(audience).key(key)
}

fn scope(scope: &str) -> Request {
    Request { scope: Some(Scope::try_from(scope).expect("a scope")), ..Request::default() }
}

/// A call of a tool with these arguments.
fn call(tool: &str, arguments: &Value) -> Request {
    let arguments = deputy_verifier::Value::parse(&arguments.to_string()).expect("arguments");
    Request { tool: Some(tool.into()), arguments, ..Request::default() }
}

/// Why this is denied; nothing when it is allowed.
async fn reasons(verifier: &Verifier, presented: &Presented<'_>, request: &Request) -> Vec<ReasonCode> {
    verifier.check(presented, request).await.codes().collect()
}

async fn check(verifier: &Verifier, token: &str) -> Verdict {
    verifier.check(&Presented::bearer(token), &scope("read:docs")).await
}

async fn codes(verifier: &Verifier, token: &str) -> Vec<ReasonCode> {
    check(verifier, token).await.codes().collect()
}

/// How long it took until it held.
async fn until(what: &str, holds: impl AsyncFn() -> bool) -> Duration {
    deputy_tests::eventually(what, PATIENCE, holds).await
}

on_both_databases!(a_token_is_checked_offline_and_dies_by_the_feed, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let (token, other) = (client.access_token("read:docs").await, client.access_token("read:docs").await);
    let verifier = builder(&tenant).await.start().await.expect("it starts");
    let verdict = check(&verifier, &token).await;
    assert_eq!(verdict.allowed().expect("it is allowed").agent.name, "crawler");
    let denied = verifier.check(&Presented::bearer(&token), &scope("write:docs")).await;
    assert_eq!(denied.codes().collect::<Vec<_>>(), [ReasonCode::ScopeMissing]);

    tenant.revoke(json!({"credential": jwt::claims(&token)["jti"]})).await;
    let took = until("it is revoked", async || codes(&verifier, &token).await == [ReasonCode::Revoked]).await;
    assert!(took < Duration::from_secs(5), "the feed took {took:?}");
    assert_eq!(codes(&verifier, &other).await, []);
    tenant.revoke(json!({"agent": "crawler"})).await;
    until("the agent is", async || codes(&verifier, &other).await == [ReasonCode::Revoked]).await;
    let again = client.access_token("read:docs").await;
    assert_eq!(codes(&verifier, &again).await, [], "issued after it");

    tenant.api.put("/halt", json!({"level": "all", "reason": "test"})).await.is(200);
    until("it is halted", async || codes(&verifier, &again).await == [ReasonCode::TenantHalted]).await;
    tenant.api.put("/halt", json!({"level": "none", "reason": "test"})).await.is(200);
    until("it is lifted", async || codes(&verifier, &again).await.is_empty()).await;
});

on_both_databases!(a_verifier_that_starts_late_knows_what_died_before, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    tenant.revoke(json!({"agent": "crawler"})).await;
    let alive = client.access_token("read:docs").await;
    let verifier = builder(&tenant).await.start().await.expect("it starts");
    assert_eq!(codes(&verifier, &token).await, [ReasonCode::Revoked]);
    assert_eq!(codes(&verifier, &alive).await, []);
});

on_both_databases!(keys_rotate_under_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let verifier = builder(&tenant).await.start().await.expect("it starts");
    let mut tokens = vec![client.access_token("read:docs").await];
    // The second rotation brings a key that was not published when the verifier started.
    for _ in 0..2 {
        tenant.api.post("/signing-keys/rotate", Value::Null).await.is(200);
        tokens.push(client.access_token("read:docs").await);
    }
    for token in &tokens {
        assert_eq!(codes(&verifier, token).await, []);
    }
    let foreign = server.tenant().await;
    let stranger = foreign.agent("crawler", &["read:docs"]).await;
    let strange = stranger.access_token("read:docs").await;
    assert_eq!(codes(&verifier, &strange).await, [ReasonCode::SignatureInvalid]);
});

on_both_databases!(without_the_server_knowledge_grows_old_and_recovers, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    // More than the feed's silence of 5 s.
    let verifier =
        builder(&tenant).await.max_staleness(Duration::from_secs(7)).start().await.expect("it starts");
    let careless = builder(&tenant).await.expiry_only().start().await.expect("it starts");
    assert_eq!(codes(&verifier, &token).await, []);
    server.stop();
    let stale = async || codes(&verifier, &token).await == [ReasonCode::RevocationStale];
    let took = until("it is stale", stale).await;
    assert!(took > Duration::from_secs(1), "what was known counted for a while: {took:?}");
    assert_eq!(codes(&careless, &token).await, [], "expiry only was chosen");
    server.restart();
    until("it is back", async || codes(&verifier, &token).await.is_empty()).await;
});

on_both_databases!(metered_tokens_are_counted_by_the_server, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let details = json!([{"type": "deputy_mandate", "uses": 1}]).to_string();
    let fields = [("scope", "read:docs"), ("authorization_details", details.as_str())];
    let token = client.token(&fields).await.is(200).text_of("access_token");
    let offline = builder(&tenant).await.start().await.expect("it starts");
    let online = builder(&tenant).await.online_meter().start().await.expect("it starts");
    assert_eq!(codes(&offline, &token).await, [ReasonCode::OnlineCheckRequired]);
    let once = Presented::bearer(&token).use_id("use-1");
    assert!(online.check(&once, &scope("read:docs")).await.is_allow());
    assert!(online.check(&once, &scope("read:docs")).await.is_allow(), "the same use");
    assert_eq!(codes(&online, &token).await, [ReasonCode::UsesExhausted]);
});

on_both_databases!(what_it_decided_is_in_the_log, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    let verifier = builder(&tenant).await.start().await.expect("it starts");
    assert_eq!(codes(&verifier, &token).await, []);
    let tool = Request { tool: Some("shell".into()), ..scope("read:docs") };
    assert!(!verifier.check(&Presented::bearer(&token), &tool).await.is_allow());
    assert!(verifier.flush(PATIENCE).await);
    assert_eq!((verifier.status().reports_waiting, verifier.status().reports_lost), (0, 0));
    let page = tenant.api.get("/events?action=use.reported").await.is(200);
    // One report is written in the order of its ids, which are random.
    let mut events = page.items().to_vec();
    events.sort_by_key(|event| event["decision"].to_string());
    let answers: Vec<&Value> = events.iter().map(|event| &event["decision"]).collect();
    assert_eq!(answers, ["allow", "deny"]);
    assert_eq!(events[0]["credential"], jwt::claims(&token)["jti"]);
    assert_eq!((&events[0]["agent"], &events[1]["detail"]["tool"]), (&json!(client.id), &json!("shell")));
    assert_eq!(events[1]["reasons"], json!(["tool_not_allowed"]));
});

on_both_databases!(it_needs_a_key_that_may_follow, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    assert!(builder(&tenant).await.start().await.is_ok());
    let with = async |key: &str| {
        let started = Verifier::builder(&tenant.issuer).audience(&tenant.issuer).key(key).start().await;
        started.expect_err("it does not start").to_string()
    };
    let scim = tenant.key("scim", json!({})).await;
    assert!(with(&scim).await.ends_with("status 403"), "a key of another role");
    assert!(with("dpy_nonsense").await.ends_with("status 401"), "no key at all");
});
