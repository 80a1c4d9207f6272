//! oauth4webapi and openid-client on Node (`tests/clients/node`).

use deputy_tests::{Client, Tenant, foreign, on_both_databases};
use serde_json::json;

fn input<'a>(tenant: &'a Tenant, client: &'a Client) -> [(&'static str, &'a str); 4] {
    [
        ("ISSUER", &tenant.issuer),
        ("CLIENT_ID", &client.id),
        ("CLIENT_SECRET", &client.secret),
        ("SCOPE", "read:docs"),
    ]
}

on_both_databases!(oauth4webapi_with_secrets, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let Some(outcome) = foreign::node("oauth4webapi.mjs", &input(&tenant, &client)) else { return };
    outcome.passed();
});

on_both_databases!(openid_client_with_secrets, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let Some(outcome) = foreign::node("openid_client.mjs", &input(&tenant, &client)) else { return };
    outcome.passed();
});

on_both_databases!(private_key_jwt, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.agent("crawler", &["read:docs"]).await;
    let Some(made) = foreign::node("make_key.mjs", &[]) else { return };
    let key: serde_json::Value = serde_json::from_str(&made.passed()).unwrap();
    let credential = json!({"kind": "public_key", "jwk": key["public"]});
    let credential = tenant.api.post("/agents/crawler/credentials", credential).await.is(201);
    let (client_id, key) = (credential.text_of("client_id"), key["private"].to_string());
    for script in ["oauth4webapi_key.mjs", "openid_client_key.mjs"] {
        let good = [
            ("ISSUER", tenant.issuer.as_str()),
            ("CLIENT_ID", &client_id),
            ("PRIVATE_JWK", &key),
            ("SCOPE", "read:docs"),
            ("EXPECT", "token"),
        ];
        foreign::node(script, &good).unwrap().passed();

        // The twin: the same client with a key that is not registered.
        let stranger = foreign::node("make_key.mjs", &[]).unwrap().passed();
        let stranger: serde_json::Value = serde_json::from_str(&stranger).unwrap();
        let stranger = stranger["private"].to_string();
        let mut bad = good;
        bad[2].1 = &stranger;
        bad[4].1 = "invalid_client";
        foreign::node(script, &bad).unwrap().passed();
    }
});

on_both_databases!(token_exchange, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let role = json!({"may_delegate": true});
    let parent = tenant.agent_with("planner", &["read:docs"], json!({}), role.clone()).await;
    let child = tenant.agent_with("reader", &["read:docs"], json!({"parent": "planner"}), role).await;
    let both = input(&tenant, &parent).into_iter();
    let both: Vec<_> = both.chain([("CHILD_ID", &*child.id), ("CHILD_SECRET", &*child.secret)]).collect();
    for script in ["openid_client_exchange.mjs", "oauth4webapi_exchange.mjs"] {
        let Some(outcome) = foreign::node(script, &both) else { return };
        outcome.passed();
    }
});

on_both_databases!(dpop, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (agent, role) = (json!({"require_dpop": true}), json!({"may_delegate": true}));
    let client = tenant.agent_with("crawler", &["read:docs"], agent, role).await;
    for script in ["oauth4webapi_dpop.mjs", "openid_client_dpop.mjs"] {
        let Some(outcome) = foreign::node(script, &input(&tenant, &client)) else { return };
        outcome.passed();
    }
});
