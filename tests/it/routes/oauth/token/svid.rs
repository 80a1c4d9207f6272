//! JWT-SVIDs (SPIFFE JWT-SVID): an agent says who it is to whoever knows SPIFFE and not Deputy.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deputy_tests::jwt::{self, ASSERTION_TYPE};
use deputy_tests::{Answer, Client, Database, Holder, Server, Tenant, on_both_databases};
use serde_json::{Value, json};

const SVID: &str = "urn:deputy:token-type:jwt-svid";
const CRM: &str = "https://crm.example.com/";
const BUNDLE: &str = "/.well-known/spiffe-bundle";

async fn ask(client: &Client, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("requested_token_type", SVID)];
    fields.extend_from_slice(more);
    client.token(&fields).await
}

/// A tenant with a registered resource server, and an agent.
async fn crawler(server: &Server) -> (Tenant, Client) {
    let tenant = server.tenant().await;
    tenant.api.post("/resources", json!({"uri": CRM})).await.is(201);
    let client = tenant.agent("crawler", &["read:docs"]).await;
    (tenant, client)
}

/// Whether the key of the bundle that the token names signed it.
fn is_signed(bundle: &Value, token: &str) -> bool {
    let keys = bundle["keys"].as_array().unwrap();
    let Some(key) = keys.iter().find(|key| key["kid"] == jwt::header(token)["kid"]) else { return false };
    let decode = |text: &Value| URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap();
    let point = [vec![4], decode(&key["x"]), decode(&key["y"])].concat();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(input.as_bytes(), &signature).is_ok()
}

on_both_databases!(it_says_who_the_agent_is_and_the_bundle_verifies_it, async |db| {
    let server = db.server();
    let (tenant, client) = crawler(&server).await;
    let answer = ask(&client, &[("resource", CRM)]).await.is(200);
    assert_eq!((&answer["issued_token_type"], &answer["token_type"]), (&json!(SVID), &json!("N_A")));
    let token = answer.text_of("access_token");
    let (header, claims) = (jwt::header(&token), jwt::claims(&token));
    assert_eq!((&header["typ"], &header["alg"]), (&json!("JWT"), &json!("ES256")));
    let shown = tenant.api.get("/agents/crawler").await.is(200);
    assert_eq!((&claims["sub"], &claims["aud"]), (&shown["spiffe_id"], &json!([CRM])));
    let lives = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!((lives, &answer["expires_in"]), (300, &json!(300)));
    let names: Vec<&String> = claims.as_object().unwrap().keys().collect();
    assert_eq!(names, ["aud", "exp", "iat", "jti", "sub"], "no authority, and nothing of a tenant's");

    let bundle = server.anonymous().get(BUNDLE).await.is(200);
    assert!(is_signed(&bundle.json, &token));
    let (head, _) = token.rsplit_once('.').unwrap();
    assert!(!is_signed(&bundle.json, &format!("{head}x.AAAA")));
    let keys = bundle["keys"].as_array().unwrap();
    assert_eq!((keys.len(), &keys[0]["use"]), (1, &json!("jwt-svid")));
    assert!(keys[0].get("d").is_none() && bundle["spiffe_sequence"].is_u64(), "{}", bundle.text);
    assert!(bundle["spiffe_refresh_hint"].as_u64().is_some_and(|hint| hint > 0));
    let other = server.tenant().await;
    for tenant in [&tenant, &other] {
        let jwks = tenant.root.get("/jwks.json").await.is(200);
        let jwks = jwks["keys"].as_array().unwrap();
        assert!(
            !jwks.is_empty()
                && jwks.iter().all(|key| key["kid"] != keys[0]["kid"] && key["x"] != keys[0]["x"])
        );
    }
    let told = tenant.api.get("/events?action=svid.issued").await.is(200);
    assert_eq!(
        (told.items().len(), &told.items()[0]["detail"]["audience"]),
        (1, &json!(CRM)),
        "{}",
        told.text
    );
    assert!(!told.text.contains(&token));
});

on_both_databases!(one_key_for_all_tenants_that_outlives_the_process, async |db| {
    let mut server = db.server();
    let (first, second) = (crawler(&server).await, crawler(&server).await);
    let tokens = [
        ask(&first.1, &[("resource", CRM)]).await.is(200).text_of("access_token"),
        ask(&second.1, &[("audience", CRM)]).await.is(200).text_of("access_token"),
    ];
    let bundle = server.anonymous().get(BUNDLE).await.is(200).json;
    assert!(tokens.iter().all(|token| is_signed(&bundle, token)));
    let [one, two] = [&tokens[0], &tokens[1]].map(|token| jwt::claims(token)["sub"].clone());
    assert_ne!(one, two, "the tenant stands in the name");
    server.kill_9();
    server.restart();
    assert_eq!(server.anonymous().get(BUNDLE).await.is(200).json, bundle);
    let later = ask(&first.1, &[("resource", CRM)]).await.is(200).text_of("access_token");
    assert!(is_signed(&bundle, &later));
});

#[tokio::test]
async fn two_servers_agree_on_the_key() {
    if !Database::has_postgres() {
        return;
    }
    let server = Database::Postgres.server();
    let replica = server.replica();
    let (here, there) = (server.anonymous(), replica.anonymous());
    let (here, there) = tokio::join!(here.get(BUNDLE), there.get(BUNDLE));
    assert_eq!(here.is(200).json, there.clone().is(200).json);
    let (tenant, client) = crawler(&server).await;
    let at_replica = client.through(&tenant.through(&replica));
    let asked = async || ask(&at_replica, &[("resource", CRM)]).await.status == 200;
    deputy_tests::eventually("the agent is known there", std::time::Duration::from_secs(5), asked).await;
    let token = ask(&at_replica, &[("resource", CRM)]).await.is(200).text_of("access_token");
    assert!(is_signed(&there.json, &token));
}

on_both_databases!(who_gets_none, async |db| {
    let server = db.server();
    let (tenant, client) = crawler(&server).await;
    let good = [("resource", CRM)];
    let mandate = r#"[{"type":"deputy_mandate"}]"#;
    ask(&client, &good).await.is(200);
    ask(&client, &[("resource", CRM), ("scope", "identity")]).await.is(200);
    for (more, error) in [
        (vec![("resource", "https://erp.example.com/")], "invalid_target"),
        (vec![("resource", CRM), ("resource", tenant.issuer.as_str())], "invalid_target"),
        (vec![("resource", CRM), ("audience", CRM)], "invalid_target"),
        (vec![("resource", "no uri")], "invalid_target"),
        (vec![], "invalid_request"),
        (vec![("resource", CRM), ("scope", "read:docs")], "invalid_scope"),
        (vec![("resource", CRM), ("authorization_details", mandate)], "invalid_request"),
        (vec![("resource", CRM), ("expires_in", "0")], "invalid_request"),
        (vec![("resource", CRM), ("expires_in", "soon")], "invalid_request"),
    ] {
        ask(&client, &more).await.is_oauth_error(400, error);
    }
    for (asked, lives) in [("60", 60), ("3600", 3600), ("86400", 3600)] {
        let answer = ask(&client, &[("resource", CRM), ("expires_in", asked)]).await.is(200);
        assert_eq!(answer["expires_in"], lives);
    }
    tenant.api.patch("/agents/crawler", json!({"ttl": "45s"})).await.is(200);
    assert_eq!(ask(&client, &good).await.is(200)["expires_in"], 45, "no longer than its tokens");

    let runtime = json!({"model": "one", "tools": [], "config": {}});
    tenant.api.patch("/agents/crawler", json!({"runtime": runtime})).await.is(200);
    ask(&client, &good).await.is_oauth_error(400, "invalid_grant");
    let runtime = runtime.to_string();
    ask(&client, &[("resource", CRM), ("runtime", &runtime)]).await.is(200);
    tenant.api.patch("/agents/crawler", json!({"runtime": null, "require_dpop": true})).await.is(200);
    ask(&client, &good).await.is_oauth_error(400, "invalid_request");
    let proof = Holder::p256().proof("POST", &format!("{}/oauth/token", tenant.issuer), None);
    let proved = [("requested_token_type", SVID), ("resource", CRM)];
    client.token_proved(&proved, &[&proof]).await.is_oauth_error(400, "invalid_request");
    tenant.api.patch("/agents/crawler", json!({"require_dpop": false})).await.is(200);
    ask(&client, &good).await.is(200);
    tenant.api.post("/agents/crawler/suspend", json!({"reason": "test"})).await.is(200);
    ask(&client, &good).await.is_oauth_error(401, "invalid_client");
    tenant.api.post("/agents/crawler/reactivate", json!({})).await.is(200);
    ask(&client, &good).await.is(200);
    tenant.api.put("/halt", json!({"level": "emergency", "reason": "test"})).await.is(200);
    ask(&client, &good).await.is_oauth_error(403, "access_denied");
});

on_both_databases!(nothing_of_ours_takes_it, async |db| {
    let server = db.server();
    let (tenant, client) = crawler(&server).await;
    let issuer = tenant.issuer.as_str();
    let token = ask(&client, &[("resource", issuer)]).await.is(200).text_of("access_token");
    assert_eq!(tenant.introspect(&token).await.is(200).json, json!({"active": false}));
    assert_eq!(client.introspect(&token).await.is(200).json, json!({"active": false}));
    let context = json!({"scope": "read:docs"});
    assert_eq!(tenant.decide(&token, "", json!({}), context).await.is(200)["decision"], false);
    let read = ("scope", "read:docs");
    let kinds =
        ["access_token", "jwt", "id_token"].map(|kind| format!("urn:ietf:params:oauth:token-type:{kind}"));
    for kind in &kinds {
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", token.as_str()),
            ("subject_token_type", kind),
            read,
        ];
        client.post("/oauth/token", &fields).await.is_oauth_error(400, "invalid_grant");
    }
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", token.as_str()),
        read,
    ];
    tenant.root.form("/oauth/token", &form).await.is_oauth_error(401, "invalid_client");
    tenant.api.with_key(&token).get("/agents").await.is(401);
    assert!(tenant.is_active(&client.access_token("read:docs").await).await);
});

on_both_databases!(another_tenant_may_trust_the_trust_domain, async |db| {
    let server = db.server();
    let (tenant, client) = crawler(&server).await;
    let there = server.tenant().await;
    let partner = there.agent("partner", &["read:docs"]).await;
    tenant.api.post("/resources", json!({"uri": there.issuer})).await.is(201);
    let svid = ask(&client, &[("resource", &there.issuer)]).await.is(200).text_of("access_token");
    let spiffe_id = jwt::claims(&svid)["sub"].as_str().unwrap().to_owned();
    let domain = spiffe_id.trim_start_matches("spiffe://").split('/').next().unwrap();
    let bundle = server.anonymous().get(BUNDLE).await.is(200).json;
    let domain = format!("spiffe://{domain}");
    there.api.post("/trusted-issuers", json!({"issuer": domain, "bundle": bundle})).await.is(201);
    let spiffe = "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe";
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", spiffe),
        ("client_assertion", svid.as_str()),
        ("scope", "read:docs"),
    ];
    there.root.form("/oauth/token", &form).await.is_oauth_error(401, "invalid_client");
    let body = json!({"kind": "federated", "issuer": domain, "subject": spiffe_id});
    there.api.post("/agents/partner/credentials", body).await.is(201);
    let answer = there.root.form("/oauth/token", &form).await.is(200);
    assert_eq!(jwt::claims(&answer.text_of("access_token"))["client_id"], partner.id);
    // One that is for somebody else is not for them.
    let other = ask(&client, &[("resource", CRM)]).await.is(200).text_of("access_token");
    let form = [form[0], form[1], ("client_assertion", other.as_str()), form[3]];
    there.root.form("/oauth/token", &form).await.is_oauth_error(401, "invalid_client");
});
