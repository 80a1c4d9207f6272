//! Who may exchange a token: its own client, a client in its `may_act`, a registered child of its holder.

use deputy_tests::{jwt, on_both_databases};
use serde_json::{Value, json};

use super::{READ, agent, child, child_of_planner, id, planner, root};

on_both_databases!(its_own_client_a_client_named_in_it_and_a_registered_child, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let colleague = agent(&tenant, "colleague", json!({})).await;
    let named = root(&planner, json!({"may_act": ["agent:colleague"]})).await;
    assert_eq!(jwt::claims(&named)["may_act"], json!({"client_ids": [colleague.id]}));
    let plain = root(&planner, json!({})).await;
    for (client, subject) in
        [(&planner, &plain), (&researcher, &plain), (&researcher, &named), (&colleague, &named)]
    {
        let token = child(client, subject, &[]).await;
        assert_eq!(jwt::claims(&token)["client_id"], client.id);
        assert!(tenant.is_active(&token).await);
    }
    colleague.exchange(&plain, &[READ]).await.is_oauth_error(400, "invalid_grant");
});

on_both_databases!(to_anybody_else_it_is_as_if_it_were_unknown, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let stranger = agent(&tenant, "stranger", json!({})).await;
    let abroad = agent(&foreign, "planner", json!({})).await;
    let token = root(&planner, json!({})).await;
    let (head, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{head}.{flipped}{}", &signature[1..]);
    let mut answers: Vec<Value> = Vec::new();
    for (client, subject) in [
        (&stranger, token.as_str()),
        (&abroad, &token),
        (&planner, &root(&abroad, json!({})).await),
        (&planner, &forged),
        (&planner, "nonsense"),
        (&stranger, "a.b.c"),
        // The parent of a child is no child of it.
        (&planner, &root(&researcher, json!({})).await),
    ] {
        answers.push(client.exchange(subject, &[READ]).await.is_oauth_error(400, "invalid_grant").json);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    // Nor does a stranger learn that it is dead, or that a worker may not be named.
    tenant.revoke(json!({"credential": id(&token)})).await;
    for more in [&[READ][..], &[READ, ("delegate_name", "analyzer")]] {
        assert_eq!(
            stranger.exchange(&token, more).await.is_oauth_error(400, "invalid_grant").json,
            answers[0]
        );
    }
    let told = planner.exchange(&token, &[READ]).await.is_oauth_error(400, "invalid_grant");
    assert!(told.text_of("error_description").contains("revoked"), "{}", told.text);
});

on_both_databases!(a_child_is_one_as_long_as_it_is_registered_as_one, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let token = root(&planner, json!({})).await;
    child(&researcher, &token, &[]).await;
    tenant.api.patch("/agents/researcher", json!({"parent": null})).await.is(200);
    researcher.exchange(&token, &[READ]).await.is_oauth_error(400, "invalid_grant");
    tenant.api.patch("/agents/researcher", json!({"parent": "planner"})).await.is(200);
    child(&researcher, &token, &[]).await;
});

on_both_databases!(a_grandchild_exchanges_its_parents_token_only, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let reader = agent(&tenant, "reader", json!({"parent": "researcher"})).await;
    let top = root(&planner, json!({})).await;
    reader.exchange(&top, &[READ]).await.is_oauth_error(400, "invalid_grant");
    let middle = child(&researcher, &top, &[]).await;
    let leaf = child(&reader, &middle, &[]).await;
    assert_eq!(jwt::claims(&leaf)["del_depth"], 2);
});

on_both_databases!(an_actor_token_names_the_client, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let (subject, own) = (root(&planner, json!({})).await, root(&researcher, json!({})).await);
    let kind = ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token");
    let ask = async |actor: &str| researcher.exchange(&subject, &[READ, ("actor_token", actor), kind]).await;
    ask(&own).await.is(200);
    for wrong in [subject.as_str(), "nonsense"] {
        ask(wrong).await.is_oauth_error(400, "invalid_grant");
    }
    tenant.revoke(json!({"credential": id(&own)})).await;
    ask(&own).await.is_oauth_error(400, "invalid_grant");
    let untyped = researcher.exchange(&subject, &[READ, ("actor_token", &own)]).await;
    untyped.is_oauth_error(400, "invalid_request");
});
