//! `/Agents`: an identity provider makes, stops and removes them, and gives them nothing.

use deputy_tests::on_both_databases;
use serde_json::json;

use super::{AGENT, agent, found, group, made, patch, tidy, user};

const EXTENSION: &str = "urn:deputy:scim:schemas:extension:2.0:Agent";

on_both_databases!(an_agent_that_comes_this_way_may_nothing, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    let alice = made(&service, "/Users", user("alice@example.com")).await;
    let mut body = agent("crawler");
    body["owners"] = json!([{"value": alice}]);
    body[EXTENSION] = json!({"allowedScopes": ["read:docs"], "lifecycle": "decommissioned"});
    body["allowed_scopes"] = json!(["read:docs"]);
    let made = tidy(service.post("/Agents", body).await.is(201));
    assert_eq!(made["agentUserName"], "crawler");
    assert_eq!(made["owners"][0]["display"], "alice@example.com");
    assert_eq!((&made["active"], &made[EXTENSION]["lifecycle"]), (&json!(true), &json!("active")));
    let known = tenant.api.get("/agents/crawler").await.is(200);
    assert_eq!((&known["allowed_scopes"], &known["id"]), (&json!([]), &made["id"]));
    assert_eq!(known["owners"], json!(["user:alice@example.com"]));

    tenant.role("docs", &["read:docs"]).await;
    tenant.bind("docs", "agent:crawler").await;
    let client = tenant.secret("crawler").await;
    client.token(&[("scope", "read:docs")]).await.is_oauth_error(400, "invalid_scope");
    // The twin: an administrator allows it.
    tenant.api.patch("/agents/crawler", json!({"allowed_scopes": ["read:docs"]})).await.is(200);
    client.access_token("read:docs").await;
});

on_both_databases!(a_name_is_of_the_alphabet_and_used_once_for_ever, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    for name in ["Big Bot", "crawler/1", "", "a\u{200b}", "../x", "é", &"x".repeat(300)] {
        service.post("/Agents", agent(name)).await.is_scim_error(400, Some("invalidValue"));
    }
    let id = made(&service, "/Agents", agent("crawler")).await;
    service.post("/Agents", agent("crawler")).await.is_scim_error(409, Some("uniqueness"));
    let path = format!("/Agents/{id}");
    let rename = patch(json!([{"op": "replace", "path": "agentUserName", "value": "other"}]));
    service.patch(&path, rename).await.is_scim_error(400, Some("mutability"));
    service.put(&path, agent("other")).await.is_scim_error(400, Some("mutability"));
    service.put(&path, json!({"schemas": [AGENT], "name": "crawler"})).await.is(200);

    service.delete(&path).await.is(204);
    service.get(&path).await.is_scim_error(404, None);
    service.delete(&path).await.is_scim_error(404, None);
    service.put(&path, agent("crawler")).await.is_scim_error(404, None);
    assert!(found(&service, "/Agents", r#"agentUserName eq "crawler""#, "id").await.is_empty());
    assert_eq!(tenant.api.get("/agents/crawler").await.is(200)["state"], "decommissioned");
    service.post("/Agents", agent("crawler")).await.is_scim_error(409, Some("uniqueness"));
    made(&service, "/Agents", agent("crawler-2")).await;
});

on_both_databases!(only_an_administrator_lifts_a_suspension, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let id = tenant.api.get("/agents/crawler").await.is(200).text_of("id");
    let token = client.access_token("read:docs").await;
    let path = format!("/Agents/{id}");
    let set = |active: bool| patch(json!([{"op": "replace", "path": "active", "value": active}]));

    let stopped = tidy(service.patch(&path, set(false)).await.is(200));
    assert_eq!((&stopped["active"], &stopped[EXTENSION]["lifecycle"]), (&json!(false), &json!("suspended")));
    assert!(!tenant.is_active(&token).await, "what it held is revoked");
    client.token(&[("scope", "read:docs")]).await.is_oauth_error(401, "invalid_client");
    for again in [set(true), patch(json!([{"op": "Add", "value": {"active": "True"}}]))] {
        assert_eq!(service.patch(&path, again).await.is(200)["active"], false);
    }
    let mut body = agent("crawler");
    body["active"] = json!(true);
    let owner = found(&service, "/Users", r#"userName eq "alice@example.com""#, "id").await.remove(0);
    body["owners"] = json!([{"value": owner}]);
    assert_eq!(service.put(&path, body).await.is(200)["active"], false);
    assert_eq!(tenant.api.get("/agents/crawler").await.is(200)["state"], "suspended");
    client.token(&[("scope", "read:docs")]).await.is_oauth_error(401, "invalid_client");

    tenant.api.post("/agents/crawler/reactivate", json!({})).await.is(200);
    assert_eq!(service.get(&path).await.is(200)["active"], true);
    client.access_token("read:docs").await;
});

on_both_databases!(owners_and_parents_are_ones_that_there_are, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    let alice = made(&service, "/Users", user("alice@example.com")).await;
    let team = made(&service, "/Groups", group("crm", &[&alice])).await;
    let planner = made(&service, "/Agents", agent("planner")).await;
    let reader = made(&service, "/Agents", agent("reader")).await;
    let path = format!("/Agents/{reader}");
    let own = |ids: &[&str]| {
        let owners: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
        patch(json!([{"op": "replace", "path": "owners", "value": owners}]))
    };
    for wrong in ["nobody", &planner] {
        service.patch(&path, own(&[&alice, wrong])).await.is_scim_error(400, Some("invalidValue"));
    }
    let owned = tidy(service.patch(&path, own(&[&alice, &team])).await.is(200));
    assert_eq!(owned["owners"].as_array().map(Vec::len), Some(2));
    let known = tenant.api.get("/agents/reader").await.is(200);
    assert_eq!(known["owners"], json!(["user:alice@example.com", "group:crm"]));

    let below = |id: &str| patch(json!([{"op": "replace", "path": "parent", "value": {"value": id}}]));
    for wrong in ["nobody", &reader, &alice] {
        service.patch(&path, below(wrong)).await.is_scim_error(400, Some("invalidValue"));
    }
    let child = tidy(service.patch(&path, below(&planner)).await.is(200));
    assert_eq!(
        (&child["parent"]["value"], &child["parent"]["display"]),
        (&json!(planner), &json!("planner"))
    );
    let circle = service.patch(&format!("/Agents/{planner}"), below(&reader)).await;
    circle.is_scim_error(400, Some("invalidValue"));
    assert_eq!(
        found(&service, "/Agents", &format!(r#"owners eq "{alice}""#), "agentUserName").await,
        ["reader"]
    );
    let filter = format!(r#"agentUserName pr and not (parent.value eq "{planner}")"#);
    assert_eq!(found(&service, "/Agents", &filter, "agentUserName").await, ["planner"]);
});
