//! Who the client is: `client_secret_basic`, `client_secret_post`, `private_key_jwt` (RFC 6749 §2.3, 7523).

use deputy_tests::jwt::{self, ASSERTION_TYPE, ClientKey};
use deputy_tests::{Answer, Tenant, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");
const SCOPE: (&str, &str) = ("scope", "read:docs");

async fn by_post(tenant: &Tenant, id: &str, secret: &str) -> Answer {
    tenant.root.form("/oauth/token", &[GRANT, SCOPE, ("client_id", id), ("client_secret", secret)]).await
}

async fn by_assertion(tenant: &Tenant, assertion: &str) -> Answer {
    let fields = [GRANT, SCOPE, ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
    tenant.root.form("/oauth/token", &fields).await
}

on_both_databases!(a_secret_in_the_header_or_in_the_form, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    client.token(&[SCOPE]).await.is(200);
    by_post(&tenant, &client.id, &client.secret).await.is(200);
});

on_both_databases!(a_wrong_secret_and_an_unknown_client_look_the_same, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let wrong = client.with_secret("wrong").token(&[SCOPE]).await.is_oauth_error(401, "invalid_client");
    assert!(wrong.header("www-authenticate").is_some_and(|value| value.starts_with("Basic")));
    let mut stranger = client.clone();
    stranger.id = "018f0000-0000-7000-8000-000000000000".to_owned();
    let unknown = stranger.token(&[SCOPE]).await.is_oauth_error(401, "invalid_client");
    assert_eq!(wrong.json, unknown.json);
    by_post(&tenant, &client.id, "wrong").await.is_oauth_error(401, "invalid_client");
    by_post(&tenant, &client.id, "").await.is_oauth_error(401, "invalid_client");
    client.token(&[SCOPE]).await.is(200);
});

on_both_databases!(no_client_at_all, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.root.form("/oauth/token", &[GRANT, SCOPE]).await.is_oauth_error(401, "invalid_client");
});

on_both_databases!(a_secret_is_good_in_its_own_tenant_only, async |db| {
    let server = db.server();
    let (one, other) = (server.tenant().await, server.tenant().await);
    let client = one.agent("crawler", &["read:docs"]).await;
    by_post(&other, &client.id, &client.secret).await.is_oauth_error(401, "invalid_client");
    by_post(&one, &client.id, &client.secret).await.is(200);
});

on_both_databases!(two_ways_at_once_are_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let both = client.token(&[SCOPE, ("client_id", &client.id), ("client_secret", &client.secret)]).await;
    both.is_oauth_error(400, "invalid_request");
    let named_again = client.token(&[SCOPE, ("client_id", &client.id)]).await;
    assert_eq!(named_again.status, 200, "the same client_id in the form is no second way");
    let another = client.token(&[SCOPE, ("client_id", "another")]).await;
    another.is_oauth_error(400, "invalid_request");
});

on_both_databases!(basic_credentials_are_form_encoded, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    // RFC 6749 §2.3.1: `-` may come as `%2D`, as oauth4webapi sends it.
    let encode = |text: &str| text.replace('-', "%2D").replace('_', "%5F");
    let request = tenant.root.request(Method::POST, "/oauth/token");
    let request = request.basic_auth(encode(&client.id), Some(encode(&client.secret))).form(&[GRANT, SCOPE]);
    tenant.root.send(request).await.is(200);
    for header in ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer x"] {
        let request = tenant.root.request(Method::POST, "/oauth/token").header("authorization", header);
        let answer = tenant.root.send(request.form(&[GRANT, SCOPE])).await;
        assert!(matches!(answer.status, 400 | 401), "{header}: {} {}", answer.status, answer.text);
    }
});

on_both_databases!(a_deleted_secret_is_dead_and_another_lives, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let first = tenant.agent("crawler", &["read:docs"]).await;
    let listed = tenant.api.get("/agents/crawler/credentials").await.is(200);
    let id = listed.items()[0]["id"].as_str().unwrap().to_owned();
    assert!(!listed.text.contains(&first.secret), "a secret is shown once");
    let second = tenant.secret("crawler").await;
    first.token(&[SCOPE]).await.is(200);
    let deleted = tenant.api.delete(&format!("/agents/crawler/credentials/{id}")).await;
    assert!(matches!(deleted.status, 200 | 204), "{}", deleted.text);
    first.token(&[SCOPE]).await.is_oauth_error(401, "invalid_client");
    second.token(&[SCOPE]).await.is(200);
});

/// An agent with a registered key.
async fn keyed(tenant: &Tenant) -> (ClientKey, String) {
    let key = ClientKey::generate();
    tenant.agent("crawler", &["read:docs"]).await;
    let body = json!({"kind": "public_key", "jwk": key.jwk()});
    let made = tenant.api.post("/agents/crawler/credentials", body).await.is(201);
    (key, made.text_of("client_id"))
}

on_both_databases!(an_assertion_by_the_registered_key, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (key, id) = keyed(&tenant).await;
    let assertion = key.assertion(&id, &tenant.issuer);
    by_assertion(&tenant, &assertion).await.is(200);
    by_assertion(&tenant, &assertion).await.is_oauth_error(401, "invalid_client");
    by_assertion(&tenant, &key.assertion(&id, &tenant.issuer)).await.is(200);
    let foreign = ClientKey::generate().assertion(&id, &tenant.issuer);
    by_assertion(&tenant, &foreign).await.is_oauth_error(401, "invalid_client");
});

on_both_databases!(an_assertion_that_is_not_quite_right, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (key, id) = keyed(&tenant).await;
    let now = jwt::now();
    let good = || {
        json!({
            "iss": id, "sub": id, "aud": tenant.issuer, "iat": now, "exp": now + 60, "jti": jwt::nonce(),
        })
    };
    by_assertion(&tenant, &key.sign(&good())).await.is(200);
    let token_endpoint = tenant.root.url("/oauth/token");
    let changes: [(&str, Value); 13] = [
        ("iss", json!("another")),
        ("sub", json!("another")),
        ("iss", json!([id])),
        ("aud", json!(token_endpoint)),
        ("aud", json!([tenant.issuer, "https://elsewhere.example.com/"])),
        ("aud", json!("https://elsewhere.example.com/")),
        ("exp", json!(now - 120)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("nbf", json!(now + 600)),
        ("iat", json!(now + 600)),
        ("jti", Value::Null),
        ("jti", json!(7)),
    ];
    for (member, value) in changes {
        let mut claims = good();
        claims[member] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(member);
        }
        let answer = by_assertion(&tenant, &key.sign(&claims)).await;
        assert_eq!(answer.status, 401, "{member} = {value}: {}", answer.text);
        answer.is_oauth_error(401, "invalid_client");
    }
    let jwk = key.jwk();
    let headers = [
        json!({"alg": "none"}),
        json!({"alg": "HS256", "kid": jwk["kid"]}),
        json!({"alg": "RS256", "kid": jwk["kid"]}),
        json!({"alg": "ES256", "kid": jwk["kid"], "crit": ["exp"]}),
        json!({"alg": "ES256", "kid": jwk["kid"], "b64": false, "crit": ["b64"]}),
    ];
    for header in headers {
        let answer = by_assertion(&tenant, &key.sign_with_header(&header, &good())).await;
        assert_eq!(answer.status, 401, "{header}: {}", answer.text);
    }
    // A stranger's key, carried along in the header.
    let stranger = ClientKey::generate();
    let header = json!({"alg": "ES256", "jwk": stranger.jwk()});
    by_assertion(&tenant, &stranger.sign_with_header(&header, &good())).await.is(401);
});
