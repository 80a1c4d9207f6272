//! Requests that are not well formed: OAuth's own errors (RFC 6749 §5.2), and never more than that.

use deputy_tests::{Client, Tenant, on_both_databases};
use reqwest::Method;
use serde_json::{Map, Value, json};

const FORM: &str = "application/x-www-form-urlencoded";

async fn raw(
    tenant: &Tenant,
    client: &Client,
    content_type: &str,
    body: impl Into<Vec<u8>>,
) -> deputy_tests::Answer {
    let request =
        tenant.root.request(Method::POST, "/oauth/token").basic_auth(&client.id, Some(&client.secret));
    tenant.root.send(request.header("content-type", content_type).body(body.into())).await
}

on_both_databases!(a_parameter_may_not_stand_twice, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let good = "grant_type=client_credentials&scope=read:docs";
    raw(&tenant, &client, FORM, good).await.is(200);
    for twice in
        ["scope=read:docs", "scope=write:docs", "grant_type=client_credentials", "unknown=1&unknown=2"]
    {
        let body = format!("{good}&{twice}");
        raw(&tenant, &client, FORM, body).await.is_oauth_error(400, "invalid_request");
    }
    raw(&tenant, &client, FORM, format!("{good}&unknown=1")).await.is(200);
});

on_both_databases!(the_grant_type_is_one_that_we_know, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    raw(&tenant, &client, FORM, "scope=read:docs").await.is_oauth_error(400, "invalid_request");
    raw(&tenant, &client, FORM, "grant_type=&scope=read:docs").await.is_oauth_error(400, "invalid_request");
    for unknown in ["password", "authorization_code", "refresh_token", "Client_Credentials"] {
        let body = format!("grant_type={unknown}&scope=read:docs");
        raw(&tenant, &client, FORM, body).await.is_oauth_error(400, "unsupported_grant_type");
    }
});

on_both_databases!(a_scope_is_made_of_scope_tokens, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    for wrong in ["read%22docs", "read%5Cdocs", "r%C3%A9ad", "read:docs%09write", "%7F"] {
        let body = format!("grant_type=client_credentials&scope={wrong}");
        raw(&tenant, &client, FORM, body).await.is_oauth_error(400, "invalid_scope");
    }
    let twice =
        raw(&tenant, &client, FORM, "grant_type=client_credentials&scope=read:docs+read:docs").await.is(200);
    assert_eq!(twice["scope"], "read:docs");
});

on_both_databases!(what_is_no_form_is_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let good = "grant_type=client_credentials&scope=read:docs";
    raw(&tenant, &client, "application/x-www-form-urlencoded; charset=UTF-8", good).await.is(200);
    let json = r#"{"grant_type":"client_credentials","scope":"read:docs"}"#;
    raw(&tenant, &client, "application/json", json).await.is_oauth_error(400, "invalid_request");
    let bodies: [&[u8]; 6] = [
        b"grant_type=client_credentials&scope=read:docs%00",
        b"grant_type=client_credentials&scope=%zz",
        b"grant_type=client_credentials&scope=%f",
        b"grant_type=client_credentials&scope=%ff%fe",
        b"grant_type=client_credentials&scope=\xff",
        b"\x00",
    ];
    for body in bodies {
        let answer = raw(&tenant, &client, FORM, body).await;
        assert_eq!(answer.status, 400, "{}: {}", String::from_utf8_lossy(body), answer.text);
        assert!(
            answer["error"] == "invalid_request" || answer["error"] == "invalid_scope",
            "{}",
            answer.text
        );
    }
    raw(&tenant, &client, FORM, "").await.is_oauth_error(400, "invalid_request");
});

on_both_databases!(a_body_over_one_mebibyte_is_too_large, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let body = |length: usize| {
        let start = "grant_type=client_credentials&scope=read:docs&unknown=";
        format!("{start}{}", "x".repeat(length - start.len()))
    };
    raw(&tenant, &client, FORM, body(1024 * 1024)).await.is(200);
    raw(&tenant, &client, FORM, body(1024 * 1024 + 1)).await.is(413);
});

on_both_databases!(only_post, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answer = tenant.root.send(tenant.root.request(method.clone(), "/oauth/token")).await;
        assert_eq!(answer.status, 405, "{method}: {}", answer.text);
    }
});

on_both_databases!(an_unknown_tenant_has_no_endpoint, async |db| {
    let server = db.server();
    let fields = [("grant_type", "client_credentials"), ("client_id", "x"), ("client_secret", "y")];
    server.anonymous().form("/t/nobody/oauth/token", &fields).await.is(404);
});

on_both_databases!(what_has_no_room_in_a_token_is_refused_and_less_of_it_is_not, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let long = "x".repeat(450);
    let tools =
        (0..120).map(|i| (format!("tool-{i}"), json!({"path": {"constraint_type": "exact", "value": long}})));
    let tools: Map<String, Value> = tools.collect();
    let client = tenant.agent_with("hoarder", &["read:docs"], json!({}), json!({"tools": tools})).await;
    let details = |most: usize| {
        let tools: Map<String, Value> = (0..most).map(|i| (format!("tool-{i}"), json!({}))).collect();
        json!([{"type": "deputy_mandate", "tools": tools}]).to_string()
    };
    for form in ["urn:ietf:params:oauth:token-type:access_token", "urn:deputy:token-type:capability"] {
        let token = async |most: usize| {
            let details = details(most);
            client.token(&[("requested_token_type", form), ("authorization_details", &details)]).await
        };
        let whole = token(120).await.is_oauth_error(400, "invalid_scope");
        assert!(whole.text_of("error_description").contains("too large"), "{}", whole.text);
        assert!(token(2).await.is(200).text.contains(&long));
    }
});
