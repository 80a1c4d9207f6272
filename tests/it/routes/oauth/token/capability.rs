//! Capabilities from the token endpoint: what is asked for, what comes, what is kept of it.

use deputy_tests::{Client, Tenant, capability, jwt, on_both_databases};
use serde_json::json;

const KIND: (&str, &str) = ("requested_token_type", capability::TOKEN_TYPE);
const CRM: &str = "https://crm.example.com/";

/// A registered resource server, and an agent with a role for it and for the tenant itself.
async fn crawler(tenant: &Tenant) -> Client {
    tenant.api.post("/resources", json!({"uri": CRM})).await.is(201);
    let role = json!({"audience": [CRM, tenant.issuer], "tools": {"search": {}}, "may_delegate": true});
    tenant.agent_with("crawler", &["read:docs", "write:drafts"], json!({}), role).await
}

on_both_databases!(a_capability_carries_what_an_access_token_carries, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = crawler(&tenant).await;
    let details = r#"[{"type":"deputy_mandate","tools":{"search":{}},"binding":{"task":"t-1"},"uses":3}]"#;
    let asked = [
        ("scope", "read:docs admin"),
        ("resource", CRM),
        ("authorization_details", details),
        ("expires_in", "60"),
    ];
    let plain = client.token(&asked).await.is(200);
    let answer = client.token(&[&asked[..], &[KIND]].concat()).await.is(200);
    assert_eq!(answer["issued_token_type"], capability::TOKEN_TYPE);
    assert_eq!(plain.json.get("issued_token_type"), None);
    for same in ["token_type", "scope", "authorization_details", "removed", "warnings"] {
        assert_eq!(answer[same], plain[same], "{same}");
    }
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    let text = answer.text_of("access_token");
    let blocks = capability::blocks(&text);
    assert_eq!(blocks.len(), 1);
    let (mut block, mut claims) = (blocks[0].clone(), jwt::claims(&plain.text_of("access_token")));
    assert!(block.as_object_mut().unwrap().remove("kid").is_some());
    for claims in [&mut block, &mut claims] {
        assert_eq!(claims["chain"][0]["id"], claims["jti"]);
        claims["chain"][0]["id"] = json!("");
        claims["chain"][0]["seq"] = json!(0);
        for own in ["jti", "iat", "nbf", "exp"] {
            claims[own] = json!(0);
        }
    }
    assert_eq!(block, claims);
    // Its event and its place in the list.
    let id = capability::id(&text);
    let listed = tenant.api.get(&format!("/tokens/{id}")).await.is(200);
    assert_eq!(
        (&listed["form"], &listed["live"], &listed["scope"]),
        (&json!("capability"), &json!(true), &json!("read:docs"))
    );
    let events = tenant.events().await;
    let event = events.iter().find(|event| event["credential"] == *id).unwrap();
    assert_eq!((&event["action"], &event["detail"]["form"]), (&json!("token.issued"), &json!("capability")));
    assert!(!serde_json::to_string(&events).unwrap().contains("dpyc1."), "a capability is in the log");
    assert!(tenant.is_active(&text).await);
});

on_both_databases!(a_capability_has_one_registered_audience, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = crawler(&tenant).await;
    let ask = async |resources: &[&str]| {
        let mut fields = vec![KIND, ("scope", "read:docs")];
        fields.extend(resources.iter().map(|uri| ("resource", *uri)));
        client.token(&fields).await
    };
    for one in [&[CRM][..], &[&tenant.issuer], &[]] {
        let text = ask(one).await.is(200).text_of("access_token");
        let wanted = one.first().copied().unwrap_or(&tenant.issuer);
        assert_eq!(capability::blocks(&text)[0]["aud"], wanted);
    }
    ask(&[CRM, &tenant.issuer]).await.is_oauth_error(400, "invalid_target");
    ask(&["https://nobody.example.com/"]).await.is_oauth_error(400, "invalid_target");
    let unknown = [("requested_token_type", "urn:deputy:token-type:nothing"), ("scope", "read:docs")];
    client.token(&unknown).await.is_oauth_error(400, "invalid_request");
});

on_both_databases!(a_tenant_that_has_no_secret_yet_gets_one, async |db| {
    let mut server = db.server();
    let (tenant, other) = (server.tenant().await, server.tenant().await);
    let client = crawler(&tenant).await;
    let before = client.capability(&[("scope", "read:docs")]).await;
    let kid = |text: &str| capability::blocks(text)[0]["kid"].clone();
    assert_eq!(kid(&before), kid(&client.capability(&[("scope", "read:docs")]).await));
    assert_ne!(kid(&before), kid(&crawler(&other).await.capability(&[("scope", "read:docs")]).await));
    // As if the tenant had been made before there were capabilities.
    server.kill_9();
    server.store().execute("DELETE FROM records WHERE kind = 'capability_secret'").await;
    server.restart();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let client = client.clone();
        asked.spawn(async move { client.capability(&[("scope", "read:docs")]).await });
    }
    let made = asked.join_all().await;
    assert!(made.iter().all(|text| kid(text) == kid(&made[0]) && kid(text) != kid(&before)));
    assert!(tenant.is_active(&made[0]).await && !tenant.is_active(&before).await);
    let created =
        tenant.events().await.into_iter().filter(|one| one["action"] == "capability_secret.created");
    assert_eq!(created.map(|event| event["detail"]["kid"].clone()).collect::<Vec<_>>(), [kid(&made[0])]);
});

on_both_databases!(the_command_asks_for_one_and_exchanges_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = crawler(&tenant).await;
    let run = |verb: &str, more: &[&str], subject: &str| {
        let mut command = server.command(&["token", verb, "--scope", "read:docs"]);
        command.args(more).env("DEPUTY_TENANT", &tenant.slug).env("DEPUTY_SUBJECT_TOKEN", subject);
        command.env("DEPUTY_CLIENT_ID", &client.id).env("DEPUTY_CLIENT_SECRET", &client.secret);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
    };
    let (code, text) = run("request", &["--requested-token-type", "capability", "--resource", CRM], "");
    assert_eq!((code, capability::blocks(&text).len()), (Some(0), 1));
    let below = capability::narrowed(&text, "analyzer", json!({}));
    let (code, child) = run("exchange", &[], &below);
    assert_eq!((code, &jwt::claims(&child)["agent"]["name"]), (Some(0), &json!("crawler/analyzer")));
    let (code, child) = run("exchange", &["--requested-token-type", capability::TOKEN_TYPE], &child);
    assert_eq!((code, capability::ids(&child).len()), (Some(0), 4));
    assert_eq!(run("request", &["--requested-token-type", "nothing"], "").0, Some(1));
});
