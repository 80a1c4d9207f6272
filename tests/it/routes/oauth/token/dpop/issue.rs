//! A request with a proof gets a token that is bound to the proof's key, and says so everywhere.

use deputy_tests::{Holder, jwt, on_both_databases};
use serde_json::{Value, json};

use super::{READ, agent, bound, endpoint, proof};

on_both_databases!(the_token_is_bound_and_every_answer_says_so, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    for holder in [Holder::p256(), Holder::ed25519()] {
        let answer = client.token_proved(&[READ], &[&proof(&tenant, &holder)]).await.is(200);
        assert_eq!(answer["token_type"], "DPoP");
        let token = answer.text_of("access_token");
        let claims = jwt::claims(&token);
        let jkt = json!(holder.thumbprint());
        assert_eq!((&claims["cnf"], &claims["chain"][0]["jkt"]), (&json!({"jkt": jkt}), &jkt));
        let told = tenant.introspect(&token).await.is(200);
        assert_eq!((&told["active"], &told["token_type"]), (&json!(true), &json!("DPoP")));
        assert_eq!(told["cnf"], json!({"jkt": jkt}));
    }
    // The twin: without a proof it is a bearer's.
    let answer = client.token(&[READ]).await.is(200);
    assert_eq!(answer["token_type"], "Bearer");
    let token = answer.text_of("access_token");
    let told = tenant.introspect(&token).await.is(200);
    assert_eq!((&told["token_type"], &told["cnf"]), (&json!("Bearer"), &Value::Null));
    assert_eq!(jwt::claims(&token)["cnf"], Value::Null);
});

on_both_databases!(what_requires_a_proof_gets_no_token_without_one, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({"require_dpop": true})).await;
    let holder = Holder::p256();
    client.token(&[READ]).await.is_oauth_error(400, "invalid_request");
    bound(&tenant, &client, &holder).await;
    tenant.api.patch("/agents/crawler", json!({"require_dpop": false})).await.is(200);
    client.token(&[READ]).await.is(200);
});

on_both_databases!(only_a_bound_token_has_several_audiences, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let uris = ["https://crm.example.com/", "https://mail.example.com/"];
    for uri in uris {
        tenant.api.post("/resources", json!({"uri": uri})).await.is(201);
    }
    let role = json!({"audience": uris});
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), role).await;
    let fields = [READ, ("resource", uris[0]), ("resource", uris[1])];
    let holder = Holder::ed25519();
    let answer = client.token_proved(&fields, &[&proof(&tenant, &holder)]).await.is(200);
    assert_eq!(jwt::claims(&answer.text_of("access_token"))["aud"], json!(uris));
    client.token(&fields).await.is_oauth_error(400, "invalid_target");
});

on_both_databases!(a_proof_stands_in_no_event, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let holder = Holder::p256();
    let proof = proof(&tenant, &holder);
    let token = client.token_proved(&[READ], &[&proof]).await.is(200).text_of("access_token");
    let presented = holder.proof("GET", "https://crm.example.com/", Some(&token));
    let dpop = json!({"proof": presented, "htm": "GET", "htu": "https://crm.example.com/"});
    let answer = tenant.decide(&token, "", json!({}), json!({"scope": "read:docs", "dpop": dpop})).await;
    assert_eq!(answer.is(200)["decision"], true);
    let events = tenant.events().await;
    let text = serde_json::to_string(&events).unwrap();
    for secret in [&proof, &presented, &token] {
        assert!(!text.contains(secret.as_str()) && !text.contains(secret.rsplit('.').next().unwrap()));
        assert!(!server.log().contains(secret.as_str()));
    }
    let issued = events.iter().find(|event| event["action"] == "token.issued").unwrap();
    assert_eq!(issued["chain"][0]["jkt"], holder.thumbprint());
});

on_both_databases!(a_revoked_key_kills_what_is_bound_to_it_for_ever, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let (stolen, other) = (Holder::p256(), Holder::p256());
    let (old, kept) = (bound(&tenant, &client, &stolen).await, bound(&tenant, &client, &other).await);
    let preview = json!({"target": {"key": stolen.thumbprint()}, "reason": "stolen"});
    let reach = tenant.api.post("/revocations?preview=true", preview).await.is(200);
    assert_eq!(reach["reach"]["tokens"], 1, "{}", reach.text);
    assert!(tenant.is_active(&old).await);
    tenant.revoke(json!({"key": stolen.thumbprint()})).await;
    assert!(!tenant.is_active(&old).await && tenant.is_active(&kept).await);
    // Nor is anything ever bound to it again.
    let again = client.token_proved(&[READ], &[&proof(&tenant, &stolen)]).await;
    let again = again.is_oauth_error(400, "invalid_dpop_proof");
    assert!(again.text_of("error_description").contains("revoked"), "{}", again.text);
    bound(&tenant, &client, &other).await;
});

on_both_databases!(an_assertion_and_a_proof_go_together_and_each_counts_once, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    agent(&tenant, "crawler", json!({})).await;
    let key = jwt::ClientKey::generate();
    let made = json!({"kind": "public_key", "jwk": key.jwk()});
    let id = tenant.api.post("/agents/crawler/credentials", made).await.is(201).text_of("client_id");
    let holder = Holder::ed25519();
    let ask = async |assertion: &str, proof: &str| {
        let request = tenant.root.request(reqwest::Method::POST, "/oauth/token").header("DPoP", proof);
        let form = [
            ("grant_type", "client_credentials"),
            READ,
            ("client_assertion_type", jwt::ASSERTION_TYPE),
            ("client_assertion", assertion),
        ];
        tenant.root.send(request.form(&form)).await
    };
    let (assertion, proof) = (key.assertion(&id, &tenant.issuer), proof(&tenant, &holder));
    assert_eq!(ask(&assertion, &proof).await.is(200)["token_type"], "DPoP");
    let fresh = || holder.proof("POST", &endpoint(&tenant), None);
    ask(&assertion, &fresh()).await.is_oauth_error(401, "invalid_client");
    ask(&key.assertion(&id, &tenant.issuer), &proof).await.is_oauth_error(400, "invalid_dpop_proof");
    ask(&key.assertion(&id, &tenant.issuer), &fresh()).await.is(200);
});
