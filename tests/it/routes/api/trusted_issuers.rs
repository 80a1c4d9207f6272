//! `/t/{tenant}/api/v1/trusted-issuers`: who signs workloads' tokens, and trying them.

use deputy_tests::issuer::{Alg, Behaviour, Foreign, JWKS, Key, SPIFFE_BUNDLE};
use deputy_tests::{Answer, Database, Issuer, Server, jwt, on_both_databases};
use serde_json::{Value, json};

fn server(db: Database) -> Server {
    db.starting().with("OUTBOUND_ALLOW", "127.0.0.0/8").start()
}

const GITHUB: &str = "https://token.actions.githubusercontent.com";

fn path(issuer: &str) -> String {
    format!("/trusted-issuers/{}", issuer.replace(':', "%3A").replace('/', "%2F"))
}

/// A key as a bundle has it.
fn bundled(key: &Key) -> Value {
    let mut jwk = key.jwk();
    jwk["use"] = json!("jwt-svid");
    jwk
}

on_both_databases!(an_issuer_is_made_read_changed_replaced_and_deleted, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let made =
        tenant.api.post("/trusted-issuers", json!({"issuer": GITHUB, "description": "CI"})).await.is(201);
    assert_eq!((&made["keys_from"], &made["audience"]), (&json!("discovery"), &json!(tenant.issuer)));
    let by_id = format!("/trusted-issuers/{}", made.text_of("id"));
    for path in [&by_id, &path(GITHUB)] {
        assert_eq!(tenant.api.get(path).await.is(200).json, made.json);
    }
    let listed = tenant.api.get("/trusted-issuers").await.is(200);
    assert_eq!(listed.items(), std::slice::from_ref(&made.json));
    tenant.api.post("/trusted-issuers", json!({"issuer": GITHUB})).await.is_problem(409);
    let uri = "https://token.actions.githubusercontent.com/.well-known/jwks";
    let patched = tenant.api.patch(&by_id, json!({"jwks_uri": uri})).await.is(200);
    assert_eq!((&patched["keys_from"], &patched["description"]), (&json!("jwks_uri"), &json!("CI")));
    let key = Key::generate(Alg::Rs256);
    let both = tenant.api.patch(&by_id, json!({"jwks": {"keys": [key.jwk()]}})).await.is_problem(400);
    assert!(both.text.contains("one place"), "{}", both.text);
    let moved = json!({"jwks_uri": null, "jwks": {"keys": [key.jwk()]}});
    let moved = tenant.api.patch(&by_id, moved).await.is(200);
    assert_eq!((&moved["keys_from"], moved.json.get("jwks_uri")), (&json!("jwks"), None));
    assert_eq!(moved["jwks"]["keys"][0]["kid"], key.kid());
    let replaced = tenant.api.put(&by_id, json!({"issuer": GITHUB})).await.is(200);
    assert_eq!((&replaced["keys_from"], replaced.json.get("description")), (&json!("discovery"), None));
    tenant.api.patch(&by_id, json!({"issuer": "https://gitlab.com"})).await.is_problem(400);
    tenant.api.delete(&path(GITHUB)).await.is(204);
    tenant.api.get(&by_id).await.is_problem(404);
    tenant.api.delete(&by_id).await.is_problem(404);
    let events = tenant.events().await;
    let count = |action: &str| events.iter().filter(|event| event["action"] == action).count();
    let counts = ["created", "changed", "deleted"].map(|end| count(&format!("trusted_issuer.{end}")));
    assert_eq!(counts, [1, 3, 1]);
});

on_both_databases!(a_trust_domain_has_a_bundle, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let key = Key::generate(Alg::Es256);
    let bundle = json!({"keys": [bundled(&key)], "spiffe_sequence": 1});
    let given = json!({"issuer": "spiffe://example.org", "bundle": bundle});
    let made = tenant.api.post("/trusted-issuers", given).await.is(201);
    assert_eq!(
        (&made["keys_from"], &made["bundle"]["keys"][0]["use"]),
        (&json!("bundle"), &json!("jwt-svid"))
    );
    // What is shown can be written back.
    let shown = json!({"issuer": made["issuer"], "bundle": made["bundle"]});
    tenant.api.put(&path("spiffe://example.org"), shown).await.is(200);
    let moved = json!({"bundle": null, "bundle_uri": "https://spire.example.org/bundle"});
    let moved = tenant.api.patch(&path("spiffe://example.org"), moved).await.is(200);
    assert_eq!(moved["keys_from"], "bundle_uri");
});

on_both_databases!(what_is_wrong_with_an_issuer_is_named, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let key = Key::generate(Alg::Es256);
    let with = |more: Value| {
        let mut body = json!({"issuer": "https://ci.example.com"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let domain = |more: Value| {
        let mut body = json!({"issuer": "spiffe://example.org"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let mut private = key.jwk();
    private["d"] = json!("AAAA");
    let mut nameless = bundled(&key);
    nameless.as_object_mut().unwrap().remove("kid");
    for (field, body) in [
        ("issuer", json!({})),
        ("issuer", json!({"issuer": ""})),
        ("issuer", json!({"issuer": 7})),
        ("issuer", json!({"issuer": "kubernetes/serviceaccount"})),
        ("issuer", json!({"issuer": "http://ci.example.com"})),
        ("issuer", json!({"issuer": "https://10.0.0.1"})),
        ("issuer", json!({"issuer": "https://localhost"})),
        ("issuer", json!({"issuer": tenant.issuer, "jwks": {"keys": [key.jwk()]}})),
        ("issuer", json!({"issuer": "spiffe://Example.org", "bundle": {"keys": [bundled(&key)]}})),
        ("issuer", json!({"issuer": "spiffe://example.org/ns", "bundle": {"keys": [bundled(&key)]}})),
        ("issuer", json!({"issuer": "spiffe://", "bundle": {"keys": [bundled(&key)]}})),
        ("issuer", with(json!({"bundle": {"keys": [bundled(&key)]}}))),
        ("bundle_uri", domain(json!({}))),
        ("bundle_uri", domain(json!({"jwks": {"keys": [key.jwk()]}}))),
        ("bundle_uri", domain(json!({"bundle_uri": "http://spire.example.org"}))),
        ("bundle_uri", domain(json!({"bundle_uri": "https://192.168.1.1/bundle"}))),
        ("bundle", domain(json!({"bundle": {"keys": []}}))),
        ("bundle", domain(json!({"bundle": {"keys": [key.jwk()]}}))),
        ("bundle", domain(json!({"bundle": {"keys": [nameless]}}))),
        ("bundle", domain(json!({"bundle": "x"}))),
        ("jwks_uri", with(json!({"jwks_uri": "http://ci.example.com/jwks"}))),
        ("jwks_uri", with(json!({"jwks_uri": "https://127.0.0.1/jwks"}))),
        ("jwks_uri", with(json!({"jwks_uri": "https://169.254.169.254/"}))),
        ("jwks", with(json!({"jwks": {"keys": []}}))),
        ("jwks", with(json!({"jwks": {"keys": [private]}}))),
        ("jwks", with(json!({"jwks": {"keys": [Foreign::Encryption.jwk("a")]}}))),
        ("jwks", with(json!({"jwks": []}))),
        ("", with(json!({"jwks": {"keys": [key.jwk()]}, "jwks_uri": "https://ci.example.com/jwks"}))),
        ("description", with(json!({"description": "x".repeat(2000)}))),
        ("audience", with(json!({"audience": "x"}))),
        ("", json!("x")),
    ] {
        let refused = tenant.api.post("/trusted-issuers", body.clone()).await.is_problem(400);
        assert_eq!(refused["field"].as_str().unwrap_or_default(), field, "{body}: {}", refused.text);
    }
    assert!(tenant.api.get("/trusted-issuers").await.is(200).items().is_empty());
    for body in [
        with(json!({"jwks": {"keys": [key.jwk(), Foreign::Encryption.jwk("a")]}})),
        domain(json!({"bundle": {"keys": [bundled(&key)]}})),
        json!({"issuer": "kubernetes/serviceaccount", "jwks": {"keys": [key.jwk()]}}),
    ] {
        tenant.api.post("/trusted-issuers", body).await.is(201);
    }
});

on_both_databases!(only_administrators_change_and_try_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.api.post("/trusted-issuers", json!({"issuer": GITHUB})).await.is(201);
    let auditor = tenant.api_as("auditor").await;
    auditor.get(&path(GITHUB)).await.is(200);
    auditor.post("/trusted-issuers", json!({"issuer": "https://gitlab.com"})).await.is_problem(403);
    auditor.patch(&path(GITHUB), json!({})).await.is_problem(403);
    auditor.delete(&path(GITHUB)).await.is_problem(403);
    auditor.post(&format!("{}/test", path(GITHUB)), json!({})).await.is_problem(403);
    server.tenant().await.api.get(&path(GITHUB)).await.is_problem(404);
    tenant.api.get(&path(GITHUB)).await.is(200);
});

/// The last step's name, status and words.
fn last(answer: &Answer) -> (&str, &str, &str) {
    let step = answer["steps"].as_array().unwrap().last().unwrap();
    let text = |name: &str| step[name].as_str().unwrap();
    (text("step"), text("status"), text("detail"))
}

on_both_databases!(it_is_tried_step_by_step, async |db| {
    let server = server(db);
    let tenant = server.tenant().await;
    let upstream = Issuer::start().await;
    tenant.agent("runner", &["read:docs"]).await;
    let made = tenant.api.post("/trusted-issuers", json!({"issuer": upstream.url()})).await.is(201);
    let path = format!("/trusted-issuers/{}/test", made.text_of("id"));
    let paste = async |token: &str| tenant.api.post(&path, json!({"token": token})).await.is(200);
    let answer = tenant.api.post(&path, json!({})).await.is(200);
    assert_eq!((&answer["ok"], last(&answer).0), (&json!(true), "keys"), "{}", answer.text);
    let good = || upstream.service_account("prod", "runner", &tenant.issuer);
    let answer = paste(&good().seal()).await;
    assert_eq!((&answer["ok"], last(&answer).0, last(&answer).1), (&json!(false), "agent", "failed"));
    let subject = jwt::claims(&good().seal())["sub"].clone();
    let body = json!({"kind": "federated", "issuer": upstream.url(), "subject": subject});
    tenant.api.post("/agents/runner/credentials", body).await.is(201);
    let answer = paste(&good().seal()).await;
    assert_eq!((&answer["ok"], last(&answer).1), (&json!(true), "ok"), "{}", answer.text);
    assert!(last(&answer).2.contains("`runner`"), "{}", answer.text);
    tenant.api.post("/agents/runner/suspend", json!({"reason": "test"})).await.is(200);
    let answer = paste(&good().seal()).await;
    assert_eq!((&answer["ok"], last(&answer).0, last(&answer).1), (&json!(false), "agent", "failed"));
    tenant.api.post("/agents/runner/reactivate", json!({})).await.is(200);
    let bound = json!({
        "kind": "federated", "issuer": upstream.url(), "subject": "system:serviceaccount:prod:other",
        "claims": {"/kubernetes.io/namespace": "dev"},
    });
    tenant.api.post("/agents/runner/credentials", bound).await.is(201);
    let other = upstream.service_account("prod", "other", &tenant.issuer);
    let answer = paste(&other.clone().seal()).await;
    assert!(answer["ok"] == false && answer.text.contains("/kubernetes.io/namespace"), "{}", answer.text);
    let fitting = other.claim("kubernetes.io", json!({"namespace": "dev"})).seal();
    assert_eq!(paste(&fitting).await["ok"], true);
    let secret = good().expired().seal();
    for (words, token) in [
        ("expired", secret.clone()),
        ("`aud`", good().claim("aud", "https://kubernetes.default.svc").seal()),
        ("`iss`", good().claim("iss", "https://x.example.com").seal()),
        ("longer than an hour", good().claim("exp", jwt::now() + 7200).seal()),
        ("signature", good().signed_by(&Key::generate(Alg::Es256)).seal()),
        ("not a well-formed JWT", "nonsense".to_owned()),
    ] {
        let answer = paste(&token).await;
        assert_eq!((&answer["ok"], last(&answer).0), (&json!(false), "token"), "{}", answer.text);
        assert!(last(&answer).2.contains(words), "{words}: {}", answer.text);
    }
    let events = serde_json::to_string(&tenant.events().await).unwrap();
    assert!(!events.contains(&secret) && !server.log().contains(&secret));
    upstream.behave(JWKS, Behaviour::Status(503));
    let answer = paste(&good().seal()).await;
    assert_eq!((&answer["ok"], last(&answer).0), (&json!(false), "keys"), "{}", answer.text);

    let domain = json!({"issuer": "spiffe://example.org", "bundle_uri": upstream.at(SPIFFE_BUNDLE)});
    let made = tenant.api.post("/trusted-issuers", domain).await.is(201);
    let path = format!("/trusted-issuers/{}/test", made.text_of("id"));
    let svid = upstream.jwt_svid("spiffe://example.org/ns/x", &tenant.issuer).seal();
    let answer = tenant.api.post(&path, json!({"token": svid})).await.is(200);
    assert_eq!((last(&answer).0, last(&answer).1), ("agent", "failed"), "{}", answer.text);
    // Judged by the domain's keys, it is no workload of the domain when its name is of another.
    let foreign = upstream.jwt_svid("spiffe://example.com/ns/x", &tenant.issuer).seal();
    let answer = tenant.api.post(&path, json!({"token": foreign})).await.is(200);
    assert_eq!(answer["ok"], false, "{}", answer.text);
});
