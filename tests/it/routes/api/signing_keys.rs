//! `/t/{tenant}/api/v1/signing-keys`: rotation, compromise, and what verifiers see of both.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deputy_tests::{Tenant, jwt, on_both_databases};
use serde_json::Value;

/// The published keys' `kid`s.
async fn published(tenant: &Tenant) -> Vec<String> {
    let set = tenant.root.get("/jwks.json").await.is(200);
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// What any verifier does: the key of the token's `kid` in the published set, and an ES256 check with it.
async fn verifies(tenant: &Tenant, token: &str) -> bool {
    let set = tenant.root.get("/jwks.json").await.is(200);
    let kid = jwt::header(token)["kid"].clone();
    let Some(key) = set["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid) else {
        return false;
    };
    let decode = |text: &Value| URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap();
    let point = [&[4][..], &decode(&key["x"]), &decode(&key["y"])].concat();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &signature).is_ok()
}

fn kid(token: &str) -> String {
    jwt::header(token)["kid"].as_str().unwrap().to_owned()
}

/// The state of each key in a list.
fn state(list: &deputy_tests::Answer, kid: &str) -> String {
    let key =
        list.items().iter().find(|key| key["kid"] == kid).unwrap_or_else(|| panic!("{kid}: {}", list.text));
    key["state"].as_str().unwrap().to_owned()
}

on_both_databases!(rotation_keeps_old_tokens_and_announces_new_keys, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let old = client.access_token("read:docs").await;
    let before = published(&tenant).await;
    assert_eq!(before.len(), 2, "current and next");

    let listed = tenant.api.post("/signing-keys/rotate", Value::Null).await.is(200);
    assert!(!listed.text.contains("sealed"), "{}", listed.text);
    assert_eq!(state(&listed, &kid(&old)), "retired");
    let new = client.access_token("read:docs").await;
    assert_ne!(kid(&new), kid(&old));
    assert!(before.contains(&kid(&new)), "the key was published before it signed");
    assert_eq!(state(&listed, &kid(&new)), "current");
    assert_eq!(published(&tenant).await.len(), 3, "retired, current and a fresh next");
    for token in [&old, &new] {
        assert!(verifies(&tenant, token).await);
        assert!(tenant.is_active(token).await);
    }
    assert!(!verifies(&tenant, &tampered(&new)).await, "the check is a check");
    assert_eq!(tenant.api.get("/signing-keys").await.is(200).json, listed.json);
});

/// The token with another last claim character.
fn tampered(token: &str) -> String {
    let (head, signature) = token.rsplit_once('.').unwrap();
    let last = if head.ends_with('A') { "B" } else { "A" };
    format!("{}{last}.{signature}", &head[..head.len() - 1])
}

on_both_databases!(a_compromised_key_is_withdrawn_at_once, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let forged = client.access_token("read:docs").await;
    assert!(tenant.is_active(&forged).await);
    let path = format!("/signing-keys/{}/compromise", kid(&forged));

    let listed = tenant.api.post(&path, Value::Null).await.is(200);
    assert_eq!(state(&listed, &kid(&forged)), "compromised");
    assert!(!published(&tenant).await.contains(&kid(&forged)));
    assert!(!verifies(&tenant, &forged).await);
    assert!(!tenant.is_active(&forged).await);
    let fresh = client.access_token("read:docs").await;
    assert!(verifies(&tenant, &fresh).await && tenant.is_active(&fresh).await);
    assert_eq!(published(&tenant).await.len(), 2, "current and a fresh next");
    // Saying it twice changes nothing.
    assert_eq!(tenant.api.post(&path, Value::Null).await.is(200).json, listed.json);
    assert!(tenant.is_active(&fresh).await);
});

on_both_databases!(a_retired_or_next_key_can_be_withdrawn_alone, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let old = client.access_token("read:docs").await;
    let listed = tenant.api.post("/signing-keys/rotate", Value::Null).await.is(200);
    let new = client.access_token("read:docs").await;
    let next =
        listed.items().iter().find(|key| key["state"] == "next").unwrap()["kid"].as_str().unwrap().to_owned();
    for ended in [kid(&old), next] {
        tenant.api.post(&format!("/signing-keys/{ended}/compromise"), Value::Null).await.is(200);
        assert!(!published(&tenant).await.contains(&ended));
    }
    assert!(!tenant.is_active(&old).await);
    assert!(tenant.is_active(&new).await, "the current key is untouched");
    assert_eq!(kid(&client.access_token("read:docs").await), kid(&new));
    let states: Vec<_> = tenant.api.get("/signing-keys").await.is(200).items().to_vec();
    assert_eq!(states.iter().filter(|key| key["state"] == "next").count(), 1, "there is always a next one");
});

on_both_databases!(only_administrators_touch_keys_and_only_their_own, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let before = published(&tenant).await;
    let path = format!("/signing-keys/{}/compromise", before[0]);
    let auditor = tenant.api_as("auditor").await;
    auditor.get("/signing-keys").await.is(200);
    auditor.post("/signing-keys/rotate", Value::Null).await.is_problem(403);
    auditor.post(&path, Value::Null).await.is_problem(403);
    foreign.api.post(&path, Value::Null).await.is_problem(404);
    tenant.api.with_key(foreign.admin_key()).post(&path, Value::Null).await.is_problem(401);
    tenant.api.post("/signing-keys/nobody/compromise", Value::Null).await.is_problem(404);
    assert_eq!(published(&tenant).await, before);
});

on_both_databases!(a_replica_follows_a_compromise, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let replica = server.replica();
    let there = tenant.through(&replica);
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    assert!(there.is_active(&token).await);
    tenant.api.post(&format!("/signing-keys/{}/compromise", kid(&token)), Value::Null).await.is(200);
    for _ in 0..100 {
        if !there.is_active(&token).await {
            assert!(!verifies(&there, &token).await);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the replica accepts a compromised key's token after two seconds");
});
