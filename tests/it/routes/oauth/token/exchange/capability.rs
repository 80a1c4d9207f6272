//! A capability comes online: exchanged into an access token or another capability, for its own audience only.

use deputy_tests::{Answer, Client, Holder, Tenant, capability, jwt, on_both_databases};
use serde_json::{Value, json};

use super::{READ, role};

const KIND: (&str, &str) = ("requested_token_type", capability::TOKEN_TYPE);
const CRM: &str = "https://crm.example.com/";

async fn agent(tenant: &Tenant, name: &str, more: Value) -> Client {
    let mut role = role();
    role["audience"] = json!([CRM, tenant.issuer]);
    tenant.agent_with(name, &["read:docs", "write:drafts"], more, role).await
}

/// A planner with a registered resource server, and a capability of its for that one.
async fn planner(tenant: &Tenant) -> (Client, String) {
    tenant.api.post("/resources", json!({"uri": CRM})).await.is(201);
    let client = agent(tenant, "planner", json!({})).await;
    let fields = [("scope", "read:docs write:drafts"), ("resource", CRM)];
    let text = client.capability(&fields).await;
    (client, text)
}

on_both_databases!(a_child_stands_below_the_offline_hops, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (planner, top) = planner(&tenant).await;
    let worker = capability::narrowed(&top, "analyzer", json!({"scope": "read:docs"}));
    let answer = planner.exchange_capability(&worker, &[READ]).await.is(200);
    assert_eq!(answer["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    let access = answer.text_of("access_token");
    let claims = jwt::claims(&access);
    let ids: Vec<Value> = claims["chain"].as_array().unwrap().iter().map(|hop| hop["id"].clone()).collect();
    assert_eq!(ids[..2], *capability::ids(&worker));
    assert_eq!((&claims["aud"], &claims["del_depth"]), (&json!(CRM), &json!(2)));
    // The client itself holds it as the worker that it narrowed for, or names another below.
    assert_eq!(
        (&claims["client_id"], &claims["agent"]["name"]),
        (&json!(planner.id), &json!("planner/analyzer"))
    );
    let named = [READ, KIND, ("delegate_name", "parser")];
    let sealed = planner.exchange_capability(&worker, &named).await.is(200);
    assert_eq!(sealed["issued_token_type"], capability::TOKEN_TYPE);
    let sealed = sealed.text_of("access_token");
    let block = capability::blocks(&sealed).remove(0);
    assert_eq!(block["agent"]["name"], "planner/analyzer/parser");
    assert_eq!((&block["sub"], &block["aud"]), (&capability::blocks(&top)[0]["sub"], &json!(CRM)));
    // What its parent gave away stays away.
    let wide = [("scope", "read:docs write:drafts")];
    let removed = planner.exchange_capability(&worker, &wide).await.is(200);
    assert_eq!(removed["removed"], json!([{"what": "scope:write:drafts", "by": "parent"}]));
    // The tree knows them, and a revocation of the offline hop reaches them.
    let tree = tenant.api.get(&format!("/tokens/{}/tree", ids[0].as_str().unwrap())).await.is(200);
    assert_eq!(tree["descendants"].as_array().unwrap().len(), 3, "{}", tree.text);
    let target = json!({"target": {"credential": ids[1]}, "reason": "test"});
    let reach = tenant.api.post("/revocations?preview=true", target).await.is(200);
    assert_eq!(reach["reach"]["tokens"], 3, "{}", reach.text);
    assert!(tenant.is_active(&access).await && tenant.is_active(&sealed).await);
    tenant.revoke(json!({"credential": ids[1]})).await;
    for dead in [&access, &sealed, &worker] {
        assert!(!tenant.is_active(dead).await);
    }
    assert!(tenant.is_active(&top).await);
    let refused = planner.exchange_capability(&worker, &[READ]).await.is_oauth_error(400, "invalid_grant");
    assert!(refused.text_of("error_description").contains("revoked"), "{}", refused.text);
});

on_both_databases!(the_audience_stays, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (planner, top) = planner(&tenant).await;
    for kind in [&[READ][..], &[READ, KIND]] {
        let same = [kind, &[("resource", CRM)]].concat();
        planner.exchange_capability(&top, &same).await.is(200);
        planner.exchange_capability(&top, &[kind, &[("audience", CRM)]].concat()).await.is(200);
        let other = [kind, &[("resource", tenant.issuer.as_str())]].concat();
        planner.exchange_capability(&top, &other).await.is_oauth_error(400, "invalid_target");
    }
    // An access token becomes a capability in the same way.
    let token = planner.token(&[READ, ("resource", CRM)]).await.is(200).text_of("access_token");
    let text = planner.exchange(&token, &[READ, KIND]).await.is(200).text_of("access_token");
    assert_eq!(capability::ids(&text)[0], jwt::claims(&token)["jti"]);
    assert!(tenant.is_active(&text).await);
    planner
        .exchange(&token, &[READ, KIND, ("resource", &tenant.issuer)])
        .await
        .is_oauth_error(400, "invalid_target");
});

on_both_databases!(who_may_is_as_for_access_tokens, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (planner, top) = planner(&tenant).await;
    let child = agent(&tenant, "child", json!({"parent": "planner"})).await;
    let stranger = agent(&tenant, "stranger", json!({})).await;
    let friend = agent(&tenant, "friend", json!({})).await;
    let worker = capability::narrowed(&top, "analyzer", json!({}));
    for text in [&top, &worker] {
        let token = child.exchange_capability(text, &[READ]).await.is(200).text_of("access_token");
        assert_eq!(jwt::claims(&token)["client_id"], child.id);
        stranger.exchange_capability(text, &[READ]).await.is_oauth_error(400, "invalid_grant");
    }
    let details = r#"[{"type":"deputy_mandate","may_act":["agent:friend"]}]"#;
    let fields = [READ, ("resource", CRM), ("authorization_details", details)];
    let invited = capability::narrowed(&planner.capability(&fields).await, "analyzer", json!({}));
    friend.exchange_capability(&invited, &[READ]).await.is(200);
    friend.exchange_capability(&worker, &[READ]).await.is_oauth_error(400, "invalid_grant");
    let last = capability::narrowed(&top, "last", json!({"may_delegate": false}));
    planner.exchange_capability(&last, &[READ]).await.is_oauth_error(400, "invalid_grant");
    let actor = [READ, ("actor_token", top.as_str()), ("actor_token_type", capability::TOKEN_TYPE)];
    planner.exchange_capability(&top, &actor).await.is(200);
    child.exchange_capability(&top, &actor).await.is_oauth_error(400, "invalid_grant");
});

on_both_databases!(a_token_is_what_it_is_said_to_be, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (planner, top) = planner(&tenant).await;
    let token = planner.token(&[READ]).await.is(200).text_of("access_token");
    planner.exchange_capability(&top, &[READ]).await.is(200);
    planner.exchange(&token, &[READ]).await.is(200);
    planner.exchange_capability(&token, &[READ]).await.is_oauth_error(400, "invalid_grant");
    planner.exchange(&top, &[READ]).await.is_oauth_error(400, "invalid_grant");
});

/// An exchange that only a proof by the key authenticates.
async fn come_online(
    tenant: &Tenant,
    subject: &str,
    holder: Option<&Holder>,
    more: &[(&str, &str)],
) -> Answer {
    let mut form = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", subject),
        ("subject_token_type", capability::TOKEN_TYPE),
        READ,
    ];
    form.extend(more);
    let mut request = tenant.root.request(reqwest::Method::POST, "/oauth/token");
    if let Some(holder) = holder {
        request =
            request.header("DPoP", holder.proof("POST", &format!("{}/oauth/token", tenant.issuer), None));
    }
    tenant.root.send(request.form(&form)).await
}

on_both_databases!(a_worker_comes_online_with_the_key_that_its_capability_is_bound_to, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (_, top) = planner(&tenant).await;
    let [worker, thief] = [Holder::ed25519(), Holder::p256()];
    let bound = json!({"scope": "read:docs", "cnf": {"jkt": worker.thumbprint()}});
    let leaf = capability::narrowed(&top, "analyzer", bound);

    let decide = async |token: &str, proof: Option<String>| {
        let mut context = json!({"scope": "read:docs"});
        if let Some(proof) = proof {
            context["dpop"] = json!({"proof": proof, "htm": "GET", "htu": CRM});
        }
        tenant.decide(token, "", json!({}), context).await.is(200)
    };
    assert_eq!(decide(&leaf, None).await["context"]["reasons"][0]["code"], "proof_missing");
    assert_eq!(decide(&leaf, Some(worker.proof("GET", CRM, Some(&leaf)))).await["decision"], true);
    let stolen = decide(&leaf, Some(thief.proof("GET", CRM, Some(&leaf)))).await;
    assert_eq!(stolen["context"]["reasons"][0]["code"], "proof_invalid");

    let answer = come_online(&tenant, &leaf, Some(&worker), &[]).await.is(200);
    assert_eq!(answer["token_type"], "DPoP");
    let token = answer.text_of("access_token");
    let claims = jwt::claims(&token);
    assert_eq!(
        (&claims["agent"]["name"], &claims["cnf"]["jkt"], &claims["aud"]),
        (&json!("planner/analyzer"), &json!(worker.thumbprint()), &json!(CRM))
    );
    assert_eq!(claims["chain"][1]["id"], capability::id(&leaf));
    let again = come_online(&tenant, &leaf, Some(&worker), &[KIND]).await.is(200);
    assert_eq!((&again["token_type"], &again["issued_token_type"]), (&json!("DPoP"), &json!(KIND.1)));

    let unbound = capability::narrowed(&top, "helper", json!({"scope": "read:docs"}));
    for (subject, holder) in
        [(&leaf, Some(&thief)), (&leaf, None), (&unbound, Some(&worker)), (&top, Some(&worker))]
    {
        come_online(&tenant, subject, holder, &[]).await.is_oauth_error(401, "invalid_client");
    }
    assert!(tenant.is_active(&token).await);
    tenant.revoke(json!({"credential": capability::id(&leaf)})).await;
    assert!(!tenant.is_active(&token).await && tenant.is_active(&top).await);
    come_online(&tenant, &leaf, Some(&worker), &[]).await.is_oauth_error(400, "invalid_grant");
});
