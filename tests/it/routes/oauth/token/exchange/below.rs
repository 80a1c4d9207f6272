//! What a child says: the same subject, its actors, one more hop, and nothing that the parent did not have.

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

use super::{READ, agent, child, child_of_planner, details, planner, root};

on_both_databases!(a_child_says_who_acts_and_for_whom, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let reader = agent(&tenant, "reader", json!({"parent": "researcher"})).await;
    let top = root(&planner, json!({})).await;
    let answer = researcher.exchange(&top, &[READ]).await.is(200);
    assert_eq!(answer["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    assert_eq!((&answer["scope"], &answer["token_type"]), (&json!("read:docs"), &json!("Bearer")));
    assert_eq!((&answer["removed"], &answer["warnings"]), (&json!([]), &json!([])));
    assert!(answer.json.get("refresh_token").is_none());
    let middle = answer.text_of("access_token");
    let leaf = child(&reader, &middle, &[]).await;

    let [top, middle, leaf] = [&top, &middle, &leaf].map(|token| jwt::claims(token));
    let spiffe = |name: &str| {
        let planner = top["sub"].as_str().unwrap();
        json!(planner.replace("/agent/planner", &format!("/agent/{name}")))
    };
    assert_eq!((&middle["sub"], &leaf["sub"]), (&top["sub"], &top["sub"]), "the subject is constant");
    assert!(top.get("act").is_none());
    assert_eq!(middle["act"], json!({"sub": spiffe("researcher")}));
    assert_eq!(leaf["act"], json!({"sub": spiffe("reader"), "act": middle["act"]}));
    assert_eq!(leaf["agent"]["spiffe_id"], spiffe("reader"));
    assert_eq!((&leaf["agent"]["name"], &leaf["agent"]["id"]), (&json!("reader"), &json!(reader.id)));
    let chain = leaf["chain"].as_array().unwrap();
    assert_eq!((chain[0].clone(), chain[1].clone()), (top["chain"][0].clone(), middle["chain"][1].clone()));
    assert_eq!((&chain[2]["id"], &chain[2]["agent"]), (&leaf["jti"], &json!(reader.id)));
    assert_eq!((&leaf["del_depth"], &leaf["del_max_depth"]), (&json!(2), &json!(3)));
    assert!(leaf["exp"].as_i64() <= top["exp"].as_i64());
});

on_both_databases!(it_never_outlives_its_parent, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let short = planner.token(&[READ, ("expires_in", "60")]).await.is(200).text_of("access_token");
    let end = jwt::claims(&short)["exp"].clone();
    for asked in ["30", "600"] {
        let token = child(&planner, &short, &[("expires_in", asked)]).await;
        let own = jwt::claims(&token)["exp"].as_i64().unwrap();
        assert!(own <= end.as_i64().unwrap(), "{asked}: {own} after {end}");
        assert_eq!(own == end, asked == "600");
    }
});

on_both_databases!(its_audience_is_one_of_the_parents, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let crm = "https://crm.example.com/";
    tenant.api.post("/resources", json!({"uri": crm})).await.is(201);
    let role = json!({"may_delegate": true, "audience": [crm, tenant.issuer]});
    let planner = tenant.agent_with("planner", &["read:docs"], json!({}), role).await;
    let subject = planner.token(&[READ, ("resource", crm)]).await.is(200).text_of("access_token");
    for more in [&[][..], &[("resource", crm)], &[("audience", crm)], &[("resource", crm), ("audience", crm)]]
    {
        let token = child(&planner, &subject, more).await;
        assert_eq!(jwt::claims(&token)["aud"], crm, "{more:?}");
    }
    for (name, wrong) in
        [("resource", tenant.issuer.as_str()), ("audience", &tenant.issuer), ("audience", "crm")]
    {
        let refused = planner.exchange(&subject, &[READ, (name, wrong)]).await;
        refused.is_oauth_error(400, "invalid_target");
    }
    let two = [READ, ("resource", crm), ("audience", tenant.issuer.as_str())];
    planner.exchange(&subject, &two).await.is_oauth_error(400, "invalid_target");
});

on_both_databases!(what_it_is_bound_to_it_inherits, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let bound = root(&planner, json!({"binding": {"task": "t-1"}})).await;
    let token = child(&planner, &bound, &[]).await;
    assert_eq!(jwt::claims(&token)["chain"][1]["bind"], json!({"task": "t-1"}));
    let session = details(json!({"binding": {"session": "s-1"}}));
    let token = child(&planner, &bound, &[("authorization_details", &session)]).await;
    assert_eq!(jwt::claims(&token)["chain"][1]["bind"], json!({"task": "t-1", "session": "s-1"}));
    let other = details(json!({"binding": {"task": "t-2"}}));
    let refused = planner.exchange(&bound, &[READ, ("authorization_details", &other)]).await;
    refused.is_oauth_error(400, "invalid_authorization_details");
    tenant.revoke(json!({"binding": {"task": "t-1"}})).await;
    assert!(!tenant.is_active(&token).await);
});

on_both_databases!(depth_ends_where_the_chain_says, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let deepest = async |start: String| {
        let mut token = start;
        loop {
            let answer = planner.exchange(&token, &[READ]).await;
            if answer.status != 200 {
                let refused = answer.is_oauth_error(400, "invalid_grant");
                assert!(refused.text_of("error_description").contains("depth"), "{}", refused.text);
                return jwt::claims(&token)["del_depth"].as_u64().unwrap();
            }
            token = answer.text_of("access_token");
        }
    };
    assert_eq!(deepest(root(&planner, json!({})).await).await, 3, "the tenant's default");
    assert_eq!(deepest(root(&planner, json!({"max_depth": 1})).await).await, 1);
    assert_eq!(deepest(root(&planner, json!({"max_depth": 0})).await).await, 0);
    assert_eq!(deepest(root(&planner, json!({"max_depth": 9})).await).await, 3);
    // A child may lower what is left, not below where it stands.
    let top = root(&planner, json!({})).await;
    for (ceiling, status) in [(1, 200), (0, 400)] {
        let asked = details(json!({"max_depth": ceiling}));
        let answer = planner.exchange(&top, &[READ, ("authorization_details", &asked)]).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
});

on_both_databases!(what_may_not_be_handed_on_is_not, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let kept = root(&planner, json!({"may_delegate": false})).await;
    let refused = planner.exchange(&kept, &[READ]).await.is_oauth_error(400, "invalid_grant");
    assert!(refused.text_of("error_description").contains("delegated"), "{}", refused.text);
    let open = root(&planner, json!({})).await;
    let no_more = details(json!({"may_delegate": false}));
    let leaf = child(&planner, &open, &[("authorization_details", &no_more)]).await;
    planner.exchange(&leaf, &[READ]).await.is_oauth_error(400, "invalid_grant");
    // A role that does not say so may not.
    let plain = tenant.agent("plain", &["read:docs"]).await;
    let token = plain.access_token("read:docs").await;
    plain.exchange(&token, &[READ]).await.is_oauth_error(400, "invalid_grant");
    let who = planner.access_token("identity").await;
    planner.exchange(&who, &[READ]).await.is_oauth_error(400, "invalid_grant");
});

on_both_databases!(an_identity_token_below_a_parent_says_who_and_gives_nothing, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let subject = root(&planner, json!({})).await;
    let answer = researcher.exchange(&subject, &[("scope", "identity")]).await.is(200);
    assert_eq!(answer["scope"], "identity");
    let token = answer.text_of("access_token");
    assert!(tenant.is_active(&token).await);
    assert_eq!(jwt::claims(&token)["authorization_details"][0]["blocked_tools"], json!(["shell"]));
    let decision = tenant.decide(&token, "search", json!({}), json!({})).await.is(200);
    assert_eq!(decision["decision"], false);
});
