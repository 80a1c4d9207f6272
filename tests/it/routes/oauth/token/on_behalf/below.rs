//! What is made of a token on a person's behalf: children, capabilities, attenuating agent tokens, bound tokens. All of
//! them name the person at their root.

use deputy_tests::{Answer, Client, Holder, Tenant, capability, jwt, on_both_databases};
use serde_json::{Value, json};

use super::{Company, EXCHANGE, ID_TOKEN, JWT, READ, exchange};

/// A proof for the token endpoint.
pub(super) fn proof(tenant: &Tenant, holder: &Holder) -> String {
    holder.proof("POST", &format!("{}/oauth/token", tenant.issuer), None)
}

/// A capability of the agent's on the person's behalf.
pub(super) async fn capability_of(company: &Company) -> String {
    let kind = ("requested_token_type", capability::TOKEN_TYPE);
    let answer = exchange(&company.crawler, &company.token().seal(), &[READ, kind]).await.is(200);
    assert_eq!(answer["issued_token_type"], capability::TOKEN_TYPE);
    answer.text_of("access_token")
}

/// The root of an attenuating agent token on the person's behalf, for the tool `search`.
pub(super) async fn attenuating_of(company: &Company, client: &Client, top: &Holder) -> Answer {
    let details = r#"[{"type":"attenuating_agent_token","tools":{"search":{}}}]"#;
    let (subject, cnf) = (company.token().seal(), json!({"jwk": top.jwk()}).to_string());
    let fields = [
        ("grant_type", EXCHANGE),
        ("subject_token", subject.as_str()),
        ("subject_token_type", ID_TOKEN),
        ("authorization_details", details),
        ("req_cnf", &cnf),
    ];
    client.post_proved("/oauth/token", &fields, &[&proof(&company.tenant, top)]).await
}

/// An agent with a tool and nothing else, that may act for the person.
pub(super) async fn searcher(company: &Company) -> Client {
    let role = json!({"tools": {"search": {}}, "may_delegate": true});
    let may = json!({"may_act_for": ["user:pat@example.com"]});
    company.tenant.agent_with("searcher", &["read:docs"], may, role).await
}

on_both_databases!(children_act_for_the_same_person, async |db| {
    let company = Company::new(db).await;
    let tenant = &company.tenant;
    let root = company.on_behalf().await;
    let sub = json!(format!("user:{}", company.pat));
    let worker = company.crawler.exchange(&root, &[READ, ("delegate_name", "worker")]).await.is(200);
    let worker = worker.text_of("access_token");
    let claims = jwt::claims(&worker);
    assert_eq!(claims["sub"], sub);
    let top = jwt::claims(&root)["act"].clone();
    assert_eq!(claims["act"], json!({"sub": claims["agent"]["spiffe_id"], "act": top}));
    let subs: Vec<&Value> = claims["chain"].as_array().unwrap().iter().map(|hop| &hop["sub"]).collect();
    assert_eq!(subs, [&json!(company.pat), &json!(company.pat)]);
    // A registered child that may act for nobody gets no more than that it is handed on.
    let nobody = json!({"parent": "crawler", "may_act_for": []});
    let child = tenant.agent_with("child", &["read:docs"], nobody, json!({})).await;
    let handed = child.exchange(&root, &[READ]).await.is(200).text_of("access_token");
    let claims = jwt::claims(&handed);
    assert_eq!((&claims["sub"], &claims["client_id"]), (&sub, &json!(child.id)));
    assert_eq!(claims["act"]["act"], top);
    company.refused("by itself", exchange(&child, &company.token().seal(), &[READ]).await);
    for token in [&root, &worker, &handed] {
        assert!(tenant.is_active(token).await);
    }
    tenant.revoke(json!({"credential": jwt::claims(&root)["jti"]})).await;
    for token in [&root, &worker, &handed] {
        assert!(!tenant.is_active(token).await);
    }
});

on_both_databases!(a_capability_names_the_person_through_every_narrowing, async |db| {
    let company = Company::new(db).await;
    let tenant = &company.tenant;
    let top = capability_of(&company).await;
    let block = capability::blocks(&top).remove(0);
    assert_eq!(block["sub"], format!("user:{}", company.pat));
    assert_eq!(
        (&block["chain"][0]["sub"], &block["act"]["sub"]),
        (&json!(company.pat), &block["agent"]["spiffe_id"])
    );
    let narrowed = capability::narrowed(&top, "worker", json!({}));
    let told = tenant.introspect(&narrowed).await.is(200);
    assert_eq!((&told["active"], &told["sub"]), (&json!(true), &block["sub"]), "{}", told.text);
    let online = company.crawler.exchange_capability(&narrowed, &[READ]).await.is(200);
    let claims = jwt::claims(&online.text_of("access_token"));
    assert_eq!((&claims["sub"], &claims["chain"][0]["sub"]), (&block["sub"], &json!(company.pat)));
    assert_eq!(claims["chain"].as_array().unwrap().len(), 3);
});

on_both_databases!(an_attenuating_agent_token_names_the_person, async |db| {
    let company = Company::new(db).await;
    let tenant = &company.tenant;
    let client = searcher(&company).await;
    let [top, worker] = [Holder::ed25519(), Holder::ed25519()];
    let answer = attenuating_of(&company, &client, &top).await.is(200);
    assert_eq!(answer["issued_token_type"], JWT);
    let root = answer.text_of("access_token");
    let chain = top.derive(&root, &worker, "worker", |_| {});
    for text in [&root, &chain] {
        let told = tenant.introspect(text).await.is(200);
        assert_eq!(told["active"], true, "{}", told.text);
        assert_eq!(told["sub"], format!("user:{}", company.pat), "{}", told.text);
    }
    let pop = worker.pop(&Holder::pop_claims(&chain, &tenant.issuer, "search", &json!({})));
    let decided = tenant.decide(&chain, "search", json!({}), json!({"dpop": {"proof": pop}})).await.is(200);
    assert_eq!(decided["decision"], true, "{}", decided.text);
    // A key that is not proved gets nothing.
    let other = Holder::ed25519();
    let (subject, cnf) = (company.token().seal(), json!({"jwk": top.jwk()}).to_string());
    let details = r#"[{"type":"attenuating_agent_token","tools":{"search":{}}}]"#;
    let fields = [
        ("grant_type", EXCHANGE),
        ("subject_token", subject.as_str()),
        ("subject_token_type", ID_TOKEN),
        ("authorization_details", details),
        ("req_cnf", &cnf),
    ];
    let refused = client.post_proved("/oauth/token", &fields, &[&proof(tenant, &other)]).await;
    refused.is_oauth_error(400, "invalid_dpop_proof");
});

on_both_databases!(a_bound_token_is_made_with_a_proof_and_used_with_one, async |db| {
    let company = Company::new(db).await;
    let tenant = &company.tenant;
    let key = Holder::p256();
    let subject = company.token().seal();
    let fields = [
        ("grant_type", EXCHANGE),
        ("subject_token", subject.as_str()),
        ("subject_token_type", ID_TOKEN),
        READ,
    ];
    let once = proof(tenant, &key);
    let answer = company.crawler.post_proved("/oauth/token", &fields, &[&once]).await.is(200);
    let token = answer.text_of("access_token");
    let claims = jwt::claims(&token);
    assert_eq!(claims["cnf"]["jkt"], key.thumbprint());
    assert_eq!(claims["sub"], format!("user:{}", company.pat));
    let replayed = company.crawler.post_proved("/oauth/token", &fields, &[&once]).await;
    replayed.is_oauth_error(400, "invalid_dpop_proof");
    company.refused("laundered", company.crawler.exchange(&token, &[READ]).await);
    let child = company.crawler.exchange_proved(&token, &[READ], &[&proof(tenant, &key)]).await.is(200);
    assert_eq!(jwt::claims(&child.text_of("access_token"))["cnf"]["jkt"], key.thumbprint());
    // An agent that must be bound gets no bearer's token for anybody.
    tenant.api.patch("/agents/crawler", json!({"require_dpop": true})).await.is(200);
    company.ask(&subject).await.is_oauth_error(400, "invalid_request");
    company.crawler.post_proved("/oauth/token", &fields, &[&proof(tenant, &key)]).await.is(200);
});
