//! Who may ask, and what a call must be.

use deputy_tests::{Api, on_both_databases};
use serde_json::{Value, json};

use super::super::{agent, allowed, denied, evaluation, token};

const PATH: &str = "/access/v1/evaluation";

on_both_databases!(only_keys_that_verify_may_ask, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let token = token(&agent(&tenant, "crawler", json!({})).await).await;
    let body = || evaluation(&token, "search", json!({}), json!({}));
    allowed(tenant.verifier(&[&tenant.issuer]).await.post(PATH, body()).await);
    let auditor = tenant.root.with_key(&tenant.key("auditor", json!({})).await);
    allowed(auditor.post(PATH, body()).await);
    for role in ["scim", "importer"] {
        let api = tenant.root.with_key(&tenant.key(role, json!({})).await);
        api.post(PATH, body()).await.is_problem(403);
    }
    tenant.root.post(PATH, body()).await.is_problem(401);
    tenant.root.with_key(&token).post(PATH, body()).await.is_problem(401);
    let foreign = server.tenant().await;
    tenant.root.with_key(foreign.admin_key()).post(PATH, body()).await.is_problem(401);
});

fn without(mut body: Value, path: &[&str]) -> Value {
    let (last, parents) = path.split_last().unwrap();
    let parent = parents.iter().fold(&mut body, |value, name| &mut value[*name]);
    parent.as_object_mut().unwrap().remove(*last);
    body
}

on_both_databases!(what_the_standard_requires_is_required, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let token = token(&agent(&tenant, "crawler", json!({})).await).await;
    let api: Api = tenant.root.with_key(tenant.admin_key());
    let body = || evaluation(&token, "search", json!({}), json!({}));
    let mut more = body();
    more["extension"] = json!({"members": "are ignored"});
    allowed(api.post(PATH, more).await);
    for path in [
        &["subject"][..],
        &["subject", "id"],
        &["subject", "type"],
        &["action"],
        &["action", "name"],
        &["resource"],
        &["resource", "id"],
    ] {
        let answer = api.post(PATH, without(body(), path)).await.is_problem(400);
        assert_eq!(answer["field"], path.join("."), "{}", answer.text);
    }
    allowed(api.post(PATH, without(body(), &["context"])).await);
    let raw = async |kind: &str, text: &str| api.raw(reqwest::Method::POST, PATH, kind, text).await;
    for text in ["", "[]", "{", "nonsense", "\"x\""] {
        raw("application/json", text).await.is_problem(400);
    }
    raw("text/plain", &body().to_string()).await.is_problem(400);
    allowed(raw("application/json; charset=utf-8", &body().to_string()).await);
    raw("application/json", &body().to_string().replace("something", "\\u0000")).await.is_problem(400);
});

on_both_databases!(what_the_profile_cannot_read_is_denied, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let token = token(&agent(&tenant, "crawler", json!({})).await).await;
    let decide = async |arguments, context| tenant.decide(&token, "search", arguments, context).await;
    allowed(decide(json!({}), json!({"dry_run": true})).await);
    for context in [
        json!({"audience": ["a"]}),
        json!({"scope": "two scopes"}),
        json!({"binding": {"taks": "t"}}),
        json!({"runtime": "short"}),
        json!({"dry_run": "yes"}),
        json!({"use_id": 7}),
    ] {
        assert_eq!(denied(decide(json!({}), context.clone()).await), ["malformed"], "{context}");
    }
    assert_eq!(denied(decide(json!(["a", "list"]), json!({})).await), ["malformed"]);
});
