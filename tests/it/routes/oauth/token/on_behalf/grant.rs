//! What an agent gets: its own authority within the person's entitlements, and who it says that it acts for.

use deputy_tests::{Directory, Issuer, jwt, on_both_databases};
use serde_json::json;

const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

on_both_databases!(a_person_is_acted_for_within_what_both_may, async |db| {
    let server = db.starting().with("OUTBOUND_ALLOW", "127.0.0.0/8").start();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    let upstream = Issuer::start().await;
    let crawler = tenant.agent("crawler", &["read:docs", "write:docs"]).await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "alice@example.com", "externalId": "00u-alice", "active": true,
    });
    let alice = directory.scim.post("/Users", body).await.is(201).text_of("id");
    tenant.role("reader", &["read:docs", "read:mail"]).await;
    tenant.bind("reader", "user:alice@example.com").await;
    let provider = json!({"issuer": upstream.url(), "audiences": ["api://agents"]});
    tenant.api.post("/identity-providers", provider).await.is(201);

    let subject = upstream.token("00u-alice", "api://agents").seal();
    let fields = [
        ("grant_type", EXCHANGE),
        ("subject_token", subject.as_str()),
        ("subject_token_type", ID_TOKEN),
        ("scope", "read:docs write:docs"),
    ];
    let answer = crawler.post("/oauth/token", &fields).await.is(200);
    assert_eq!(answer["scope"], "read:docs");
    assert_eq!(answer["removed"], json!([{"what": "scope:write:docs", "by": "entitlements"}]));
    let token = answer.text_of("access_token");
    let claims = jwt::claims(&token);
    assert_eq!(claims["sub"], format!("user:{alice}"));
    assert_eq!(claims["act"]["sub"], claims["agent"]["spiffe_id"]);
    assert_eq!(claims["chain"][0]["sub"], alice.as_str());
    assert!(tenant.is_active(&token).await);
    directory.set_active(&alice, false).await;
    assert!(!tenant.is_active(&token).await);
    crawler.post("/oauth/token", &fields).await.is_oauth_error(401, "invalid_client");
});
