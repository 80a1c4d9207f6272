//! What is kept of an exchange: rows with their parents, the tree, the event, and who may introspect.

use deputy_tests::on_both_databases;
use serde_json::{Value, json};

use super::{child, child_of_planner, id, planner, root};

on_both_databases!(a_chain_has_its_tree, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let top = root(&planner, json!({})).await;
    let middle = child(&researcher, &top, &[]).await;
    let worker = child(&researcher, &middle, &[("delegate_name", "parser")]).await;
    let cousin = child(&planner, &top, &[]).await;
    let shown = tenant.api.get(&format!("/tokens/{}", id(&worker).as_str().unwrap())).await.is(200);
    assert_eq!((&shown["parent"], &shown["root"]), (&id(&middle), &id(&top)));
    assert_eq!((&shown["depth"], &shown["agent_name"]), (&json!(2), &json!("researcher")));
    assert_eq!(shown["chain"].as_array().unwrap().len(), 3);
    let tree = async |of: &Value| {
        let tree = tenant.api.get(&format!("/tokens/{}/tree", of.as_str().unwrap())).await.is(200);
        let ids = |name: &str| -> Vec<Value> {
            tree[name].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
        };
        (ids("chain"), ids("descendants"))
    };
    assert_eq!(tree(&id(&top)).await, (vec![id(&top)], vec![id(&middle), id(&cousin), id(&worker)]));
    assert_eq!(tree(&id(&middle)).await, (vec![id(&top), id(&middle)], vec![id(&worker)]));
    assert_eq!(tree(&id(&worker)).await, (vec![id(&top), id(&middle), id(&worker)], vec![]));
    let live = async || tenant.api.get("/tokens?agent=researcher&live=true").await.is(200).items().len();
    assert_eq!(live().await, 2);
    let preview = json!({"target": {"credential": id(&middle)}, "reason": "test"});
    let reach = tenant.api.post("/revocations?preview=true", preview).await.is(200);
    assert_eq!(reach["reach"]["tokens"], 2, "{}", reach.text);
    tenant.revoke(json!({"credential": id(&middle)})).await;
    assert_eq!(live().await, 0);
});

on_both_databases!(an_exchange_is_one_event_with_its_chain, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let top = root(&planner, json!({})).await;
    let token = child(&researcher, &top, &[]).await;
    researcher.exchange(&top, &[("scope", "delete:everything")]).await.is_oauth_error(400, "invalid_scope");
    let events = tenant.events().await;
    let exchanged: Vec<_> = events.iter().filter(|event| event["action"] == "token.exchanged").collect();
    assert_eq!(exchanged.len(), 1, "a refusal is none");
    let event = exchanged[0];
    assert_eq!((&event["credential"], &event["detail"]["parent"]), (&id(&token), &id(&top)));
    assert_eq!(
        (&event["actor"], &event["agent"]),
        (&json!(format!("agent:{}", researcher.id)), &json!(researcher.id))
    );
    let hops: Vec<_> = event["chain"].as_array().unwrap().iter().map(|hop| &hop["id"]).collect();
    assert_eq!(hops, [&id(&top), &id(&token)]);
    let text = serde_json::to_string(&events).unwrap();
    assert!(!text.contains(&top) && !text.contains(&token), "a token is in the log");
});

on_both_databases!(agents_of_the_chain_introspect_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let other = child_of_planner(&tenant, "other").await;
    let top = root(&planner, json!({})).await;
    let token = child(&researcher, &top, &[]).await;
    let told = planner.introspect(&token).await.is(200);
    assert_eq!((&told["active"], &told["client_id"]), (&json!(true), &json!(researcher.id)));
    assert_eq!(told["act"]["sub"], told["agent"]["spiffe_id"]);
    assert_eq!(researcher.introspect(&token).await.is(200)["active"], true);
    assert_eq!(researcher.introspect(&top).await.is(200)["active"], false, "it is in no hop of it");
    assert_eq!(other.introspect(&token).await.is(200)["active"], false);
    // And an agent of the chain revokes it.
    other.revoke(&token).await.is(200);
    assert!(tenant.is_active(&token).await);
    planner.revoke(&token).await.is(200);
    assert!(!tenant.is_active(&token).await && tenant.is_active(&top).await);
});
