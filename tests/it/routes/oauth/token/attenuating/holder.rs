//! An offline-made worker comes online: its credential is exchanged, and the proof of its key is all its
//! authentication.

use deputy_tests::{Answer, Holder, Tenant, holder, jwt, on_both_databases};
use serde_json::json;

use super::{FORM, planner, proof, root};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// An exchange without client credentials.
async fn come_online(tenant: &Tenant, subject: &str, proofs: &[String], more: &[(&str, &str)]) -> Answer {
    let details = json!([{"type": "deputy_mandate", "tools": {"search": {}}}]).to_string();
    let mut form = vec![
        ("grant_type", EXCHANGE),
        ("subject_token", subject),
        ("subject_token_type", FORM),
        ("authorization_details", details.as_str()),
    ];
    for (name, value) in more {
        form.retain(|(known, _)| known != name);
        form.push((*name, *value));
    }
    let mut request = tenant.root.request(reqwest::Method::POST, "/oauth/token");
    for proof in proofs {
        request = request.header("DPoP", proof);
    }
    tenant.root.send(request.form(&form)).await
}

on_both_databases!(a_worker_gets_a_token_below_its_own, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let [top, worker] = [Holder::ed25519(), Holder::ed25519()];
    let chain = root(&tenant, &client, &top).await;
    let leaf = top.derive(&chain, &worker, "analyzer", |_| {});
    let answer = come_online(&tenant, &leaf, &[proof(&tenant, &worker)], &[]).await.is(200);
    assert_eq!(answer["token_type"], "DPoP");
    let token = answer.text_of("access_token");
    let claims = jwt::claims(&token);
    assert_eq!(claims["agent"]["name"], "planner/analyzer");
    assert_eq!(
        (&claims["client_id"], &claims["cnf"]["jkt"]),
        (&json!(client.id), &json!(worker.thumbprint()))
    );
    assert_eq!((&claims["aud"], &claims["scope"]), (&json!(tenant.issuer), &json!("")));
    let hops = claims["chain"].as_array().unwrap();
    assert_eq!((hops.len(), &hops[1]["id"]), (3, &json!(holder::digest(&leaf))));
    let exp = |token: &str| jwt::claims(token)["exp"].as_i64().unwrap();
    assert!(exp(&token) <= exp(&chain));
    let used = worker.proof("GET", "https://crm.example.com/", Some(&token));
    let dpop = json!({"proof": used, "htm": "GET", "htu": "https://crm.example.com/"});
    let decided = tenant.decide(&token, "search", json!({}), json!({"dpop": dpop})).await.is(200);
    assert_eq!(decided["decision"], true, "{}", decided.text);
    // What it stands on takes it along.
    tenant.revoke(json!({"credential": holder::digest(&leaf)})).await;
    assert!(!tenant.is_active(&token).await && tenant.is_active(&chain).await);
});

on_both_databases!(the_proof_is_by_the_leafs_key_and_counts_once, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let [top, worker, thief] = [Holder::ed25519(), Holder::ed25519(), Holder::ed25519()];
    let chain = root(&tenant, &client, &top).await;
    let leaf = top.derive(&chain, &worker, "analyzer", |_| {});
    let once = proof(&tenant, &worker);
    come_online(&tenant, &leaf, std::slice::from_ref(&once), &[]).await.is(200);
    come_online(&tenant, &leaf, &[once], &[]).await.is_oauth_error(400, "invalid_dpop_proof");
    let refused = async |subject: &str, proofs: &[String], more: &[(&str, &str)]| {
        come_online(&tenant, subject, proofs, more).await.is_oauth_error(401, "invalid_client");
    };
    refused(&leaf, &[], &[]).await;
    refused(&leaf, &[proof(&tenant, &thief)], &[]).await;
    refused(&leaf, &[proof(&tenant, &top)], &[]).await;
    refused(&chain, &[proof(&tenant, &worker)], &[]).await;
    refused("nonsense", &[proof(&tenant, &worker)], &[]).await;
    refused(&leaf, &[proof(&tenant, &worker)], &[("delegate_name", "more")]).await;
    // A bound access token needs its client, and is not what it is said to be.
    let own = proof(&tenant, &worker);
    let fields = [("scope", "read:docs")];
    let token = client.token_proved(&fields, &[&own]).await.is(200).text_of("access_token");
    refused(&token, &[proof(&tenant, &worker)], &[]).await;
    let kind = ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token");
    refused(&token, &[proof(&tenant, &worker)], &[kind]).await;
    refused(&leaf, &[proof(&tenant, &worker)], &[kind]).await;
    come_online(&tenant, &leaf, &[proof(&tenant, &worker)], &[]).await.is(200);
});

on_both_databases!(it_gets_no_more_than_it_holds, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let [top, worker] = [Holder::ed25519(), Holder::ed25519()];
    let chain = root(&tenant, &client, &top).await;
    let leaf = top.derive(&chain, &worker, "analyzer", |claims| {
        claims["authorization_details"] =
            json!([{"type": "attenuating_agent_token", "tools": {"search": {}}}]);
    });
    let both = json!([{"type": "deputy_mandate", "tools": {"search": {}, "transfer": {}}}]).to_string();
    let more = [("authorization_details", both.as_str()), ("scope", "read:docs")];
    let answer = come_online(&tenant, &leaf, &[proof(&tenant, &worker)], &more).await.is(200);
    let removed: Vec<_> = answer["removed"].as_array().unwrap().iter().map(|one| one["by"].clone()).collect();
    assert_eq!(removed, ["parent", "parent"], "{}", answer.text);
    let elsewhere = [("resource", "https://elsewhere.example.com/")];
    let answer = come_online(&tenant, &leaf, &[proof(&tenant, &worker)], &elsewhere).await;
    answer.is_oauth_error(400, "invalid_target");
    // A leaf that must not hand on, and one that is dead.
    let last = top.derive(&chain, &worker, "last", |claims| claims["del_max_depth"] = json!(1));
    come_online(&tenant, &last, &[proof(&tenant, &worker)], &[]).await.is_oauth_error(400, "invalid_grant");
    tenant.revoke(json!({"name_prefix": "planner/analyzer"})).await;
    come_online(&tenant, &leaf, &[proof(&tenant, &worker)], &[]).await.is_oauth_error(400, "invalid_grant");
    let other = top.derive(&chain, &worker, "other", |_| {});
    come_online(&tenant, &other, &[proof(&tenant, &worker)], &[]).await.is(200);
    tenant.api.post("/agents/planner/suspend", json!({"reason": "test"})).await.is(200);
    come_online(&tenant, &other, &[proof(&tenant, &worker)], &[]).await.is_oauth_error(401, "invalid_client");
});
