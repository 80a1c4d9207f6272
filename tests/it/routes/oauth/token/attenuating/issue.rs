//! Issuing a root: the key is proved, and the grant is one that such a token can carry.

use deputy_tests::{Holder, jwt, on_both_databases};
use serde_json::{Value, json};

use super::{FORM, ask, both, details, planner, proof, role, root};

on_both_databases!(a_root_is_bound_to_the_key_that_was_proved, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let holder = Holder::ed25519();
    let answer = ask(&tenant, &client, &holder, both()).await.is(200);
    assert_eq!((&answer["token_type"], &answer["issued_token_type"]), (&json!("N_A"), &json!(FORM)));
    let token = answer.text_of("access_token");
    assert_eq!(jwt::header(&token)["typ"], "aat+jwt");
    let claims = jwt::claims(&token);
    assert_eq!(claims["cnf"], json!({"jwk": holder.jwk()}));
    assert_eq!((&claims["del_depth"], &claims["del_max_depth"]), (&json!(0), &json!(3)));
    assert_eq!(claims["authorization_details"], answer["authorization_details"]);
    let entry = &answer["authorization_details"][0];
    assert_eq!(entry["type"], "attenuating_agent_token");
    assert_eq!(entry["tools"]["transfer"], role()["tools"]["transfer"], "the ceiling's constraints");
    let told = tenant.introspect(&token).await.is(200);
    assert_eq!((&told["active"], &told["token_type"]), (&json!(true), &json!("N_A")));
    assert_eq!((&told["cnf"]["jkt"], &told["jti"]), (&json!(holder.thumbprint()), &claims["jti"]));
    let events = tenant.events().await;
    let issued = events.iter().rev().find(|event| event["action"] == "token.issued").unwrap();
    assert_eq!(
        (&issued["detail"]["form"], &issued["credential"]),
        (&json!("attenuating_agent_token"), &claims["jti"])
    );
    let shown = tenant.api.get(&format!("/tokens/{}", claims["jti"].as_str().unwrap())).await.is(200);
    assert_eq!(shown["depth"], 0, "{}", shown.text);
    // Narrower, and not to be handed on.
    let members = json!({"tools": {"search": {}}, "may_delegate": false});
    let answer = ask(&tenant, &client, &holder, members).await.is(200);
    let claims = jwt::claims(&answer.text_of("access_token"));
    assert_eq!(claims["del_max_depth"], 0);
    assert_eq!(claims["authorization_details"][0]["tools"], json!({"search": {}}));
});

on_both_databases!(possession_of_the_very_key_is_proved, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let (holder, other, p256) = (Holder::ed25519(), Holder::ed25519(), Holder::p256());
    let details = details(both());
    let request = async |key: Option<&Holder>, proved: Option<&Holder>| {
        let cnf = key.map(|key| json!({"jwk": key.jwk()}).to_string());
        let mut fields = vec![("authorization_details", details.as_str())];
        fields.extend(cnf.as_deref().map(|cnf| ("req_cnf", cnf)));
        let proofs: Vec<String> = proved.into_iter().map(|key| proof(&tenant, key)).collect();
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        client.token_proved(&fields, &proofs).await
    };
    request(Some(&holder), Some(&holder)).await.is(200);
    request(Some(&holder), Some(&other)).await.is_oauth_error(400, "invalid_dpop_proof");
    request(Some(&holder), None).await.is_oauth_error(400, "invalid_request");
    request(None, Some(&holder)).await.is_oauth_error(400, "invalid_request");
    request(Some(&p256), Some(&p256)).await.is_oauth_error(400, "invalid_request");
    // The parameters go together.
    let cnf = json!({"jwk": holder.jwk()}).to_string();
    let fields = [("scope", "read:docs"), ("req_cnf", cnf.as_str())];
    client.token_proved(&fields, &[&proof(&tenant, &holder)]).await.is_oauth_error(400, "invalid_request");
    let fields = [("scope", "read:docs"), ("requested_token_type", FORM)];
    client.token(&fields).await.is_oauth_error(400, "invalid_request");
});

on_both_databases!(what_it_cannot_carry_is_refused_with_the_reason, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let holder = Holder::ed25519();
    let cnf = json!({"jwk": holder.jwk()}).to_string();
    let refused = async |client: &deputy_tests::Client, members: Value, scope: Option<&str>, said: &str| {
        let details = details(members);
        let mut fields = vec![("authorization_details", details.as_str()), ("req_cnf", cnf.as_str())];
        fields.extend(scope.map(|scope| ("scope", scope)));
        let answer = client.token_proved(&fields, &[&proof(&tenant, &holder)]).await;
        let answer = answer.is_oauth_error(400, "invalid_authorization_details");
        assert!(answer.text_of("error_description").contains(said), "{}", answer.text);
    };
    refused(&client, both(), Some("read:docs"), "scopes").await;
    refused(&client, json!({"tools": {"search": {}}, "uses": 1}), None, "uses").await;
    let limits = json!({"limits": {"env": {"constraint_type": "one_of", "values": ["staging"]}}});
    let mut limited = role();
    limited.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
    let cautious = tenant.agent_with("cautious", &["read:docs"], json!({}), limited).await;
    refused(&cautious, json!({"tools": {"search": {}}}), None, "any arguments").await;
    // A limit that compiles does no harm: no argument of `transfer` can hold an `env`.
    ask(&tenant, &cautious, &holder, json!({"tools": {"transfer": {}}})).await.is(200);
    tenant.api.post("/tools", json!({"name": "search", "args": ["query"]})).await.is(201);
    refused(&client, json!({"tools": {"search": {}}}), None, "catalogue").await;
    ask(&tenant, &client, &holder, json!({"tools": {"transfer": {}}})).await.is(200);
});

on_both_databases!(it_dies_with_what_it_rests_on, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let holder = Holder::ed25519();
    let (one, other) = (root(&tenant, &client, &holder).await, root(&tenant, &client, &holder).await);
    client.revoke(&one).await.is(200);
    assert!(!tenant.is_active(&one).await && tenant.is_active(&other).await);
    tenant.revoke(json!({"key": holder.thumbprint()})).await;
    assert!(!tenant.is_active(&other).await);
    let fresh = Holder::ed25519();
    let next = root(&tenant, &client, &fresh).await;
    assert!(tenant.is_active(&next).await);
    tenant.api.post("/agents/planner/suspend", json!({"reason": "test"})).await.is(200);
    assert!(!tenant.is_active(&next).await);
});
