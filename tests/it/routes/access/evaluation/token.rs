//! What may be wrong with the token itself.

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

use super::super::{agent, allowed, denied, evaluation, token};

on_both_databases!(no_bit_of_a_token_may_change, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let good = token(&agent(&tenant, "crawler", json!({})).await).await;
    let decide = async |token: &str| tenant.decide(token, "search", json!({}), json!({})).await;
    allowed(decide(&good).await);
    allowed(decide(&good).await);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let head = good.find('.').unwrap();
    let last = good.rfind('.').unwrap();
    for at in
        [1, head / 2, head + 1, head + 7, (head + last) / 2, last - 1, last + 1, last + 20, good.len() - 2]
    {
        let mut bytes = good.clone().into_bytes();
        let value = alphabet.bytes().position(|byte| byte == bytes[at]).unwrap();
        bytes[at] = alphabet.as_bytes()[value ^ 0b10_0000];
        let codes = denied(decide(&String::from_utf8(bytes).unwrap()).await);
        assert!(
            matches!(codes[..], [ref one] if one == "signature_invalid" || one == "malformed"),
            "{at}: {codes:?}"
        );
        if at > last {
            assert_eq!(codes, ["signature_invalid"], "{at}");
        }
    }
    allowed(decide(&good).await);
});

on_both_databases!(another_tenants_token_is_no_ones_here, async |db| {
    let server = db.server();
    let (one, other) = (server.tenant().await, server.tenant().await);
    let foreign = token(&agent(&one, "crawler", json!({})).await).await;
    allowed(one.decide(&foreign, "search", json!({}), json!({})).await);
    assert_eq!(denied(other.decide(&foreign, "search", json!({}), json!({})).await), ["signature_invalid"]);
});

on_both_databases!(what_is_no_token_is_malformed, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let key = jwt::ClientKey::generate();
    for text in ["", "nonsense", "a.b.c", "...", "dpyc1.e30.AA"] {
        assert_eq!(
            denied(tenant.decide(text, "search", json!({}), json!({})).await),
            ["malformed"],
            "{text}"
        );
    }
    let forged = key.sign_with_header(
        &json!({"alg": "ES256", "typ": "at+jwt", "kid": "k"}),
        &json!({"iss": tenant.issuer}),
    );
    assert_eq!(denied(tenant.decide(&forged, "search", json!({}), json!({})).await), ["signature_invalid"]);
    let mut body = evaluation("x", "search", json!({}), json!({}));
    body["subject"].as_object_mut().unwrap().remove("properties");
    let api = tenant.root.with_key(tenant.admin_key());
    assert_eq!(denied(api.post("/access/v1/evaluation", body).await), ["malformed"]);
});

on_both_databases!(a_compromised_keys_tokens_are_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let old = token(&client).await;
    let decide = async |token: &str| tenant.decide(token, "search", json!({}), json!({})).await;
    allowed(decide(&old).await);
    let kid = jwt::header(&old)["kid"].as_str().unwrap().to_owned();
    let body = json!({"reason": "drill"});
    let answer = tenant.api.post(&format!("/signing-keys/{kid}/compromise"), body).await;
    assert!(matches!(answer.status, 200..300), "{}", answer.text);
    let codes = denied(decide(&old).await);
    assert_eq!(codes[0], "signature_invalid", "{codes:?}");
    assert!(!tenant.is_active(&old).await);
    allowed(decide(&token(&client).await).await);
});
