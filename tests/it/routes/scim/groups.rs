//! `/Groups`: members come and go by their ids (RFC 7643 §4.2).

use deputy_tests::on_both_databases;
use serde_json::json;

use super::{agent, found, group, listed, made, members_of, patch, sorted, tidy, user};

on_both_databases!(members_are_people_agents_and_groups, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    let alice = made(&service, "/Users", user("alice@example.com")).await;
    let crawler = made(&service, "/Agents", agent("crawler")).await;
    let inner = made(&service, "/Groups", group("inner", &[&alice])).await;
    let body = group("outer", &[&alice, &crawler, &inner, &alice]);
    let outer = made(&service, "/Groups", body).await;
    assert_eq!(members_of(&service, &outer).await, sorted([&*alice, &crawler, &inner]));

    let read = tidy(service.get(&format!("/Groups/{outer}")).await.is(200));
    for (id, kind, name) in
        [(&alice, "User", "alice@example.com"), (&crawler, "Agent", "crawler"), (&inner, "Group", "inner")]
    {
        let member = read["members"].as_array().unwrap().iter().find(|one| one["value"] == **id);
        let url = format!("{}/scim/v2/{kind}s/{id}", tenant.issuer);
        assert_eq!(
            member,
            Some(&json!({"value": id, "$ref": url, "type": kind, "display": name})),
            "{}",
            read.text
        );
    }
    let groups = tidy(service.get(&format!("/Users/{alice}")).await.is(200))["groups"].clone();
    assert_eq!(groups.as_array().map(Vec::len), Some(2), "{groups}");
    let groups = tidy(service.get(&format!("/Agents/{crawler}")).await.is(200))["groups"].clone();
    assert_eq!((&groups[0]["value"], &groups[0]["display"]), (&json!(outer), &json!("outer")));
    for (filter, wanted) in [
        (format!(r#"members eq "{alice}""#), vec!["inner", "outer"]),
        (format!(r#"members[value eq "{crawler}"]"#), vec!["outer"]),
        (r#"displayName eq "OUTER""#.to_owned(), vec!["outer"]),
        (r#"members.value eq "nobody""#.to_owned(), vec![]),
    ] {
        let mut names = found(&service, "/Groups", &filter, "displayName").await;
        names.sort();
        assert_eq!(names, wanted, "{filter}");
    }
    let bare = listed(&service, "/Groups?excludedAttributes=members").await;
    assert!(bare["Resources"].as_array().unwrap().iter().all(|one| one.get("members").is_none()));

    service.delete(&format!("/Groups/{inner}")).await.is(204);
    service.delete(&format!("/Agents/{crawler}")).await.is(204);
    assert_eq!(members_of(&service, &outer).await, sorted([&*alice]));
    let person = service.get(&format!("/Users/{alice}")).await.is(200);
    assert_eq!(person["groups"].as_array().map(Vec::len), Some(1), "{}", person.text);
});

on_both_databases!(nobody_unknown_comes_in, async |db| {
    let server = db.server();
    let (tenant, other) = (server.tenant().await, server.tenant().await);
    let service = tenant.scim_as("scim").await;
    let alice = made(&service, "/Users", user("alice@example.com")).await;
    let foreign = made(&other.scim_as("scim").await, "/Users", user("eve@example.com")).await;
    let team = made(&service, "/Groups", group("crm", &[])).await;
    let gone = made(&service, "/Agents", agent("crawler")).await;
    service.delete(&format!("/Agents/{gone}")).await.is(204);
    let path = format!("/Groups/{team}");
    for stranger in ["nobody", &gone, &foreign, &"x".repeat(4_000)] {
        let body = group("new", &[&alice, stranger]);
        service.post("/Groups", body).await.is_scim_error(400, Some("invalidValue"));
        let body = group("crm", &[&alice, stranger]);
        service.put(&path, body).await.is_scim_error(400, Some("invalidValue"));
        let add = json!([{"op": "add", "path": "members", "value": [{"value": alice}, {"value": stranger}]}]);
        service.patch(&path, patch(add)).await.is_scim_error(400, Some("invalidValue"));
    }
    assert!(members_of(&service, &team).await.is_empty());
    assert!(found(&service, "/Groups", r#"displayName eq "new""#, "id").await.is_empty());
    let add = json!([{"op": "add", "path": "members", "value": [{"value": alice}]}]);
    service.patch(&path, patch(add)).await.is(204);
    assert_eq!(members_of(&service, &team).await, [alice]);
});

on_both_databases!(an_agent_that_an_administrator_decommissioned_is_no_member, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    let alice = made(&service, "/Users", user("alice@example.com")).await;
    let crawler = made(&service, "/Agents", agent("crawler")).await;
    let team = made(&service, "/Groups", group("crm", &[&alice, &crawler])).await;
    assert_eq!(members_of(&service, &team).await, sorted([&*alice, &crawler]));
    tenant.api.delete("/agents/crawler").await.is(204);
    assert_eq!(members_of(&service, &team).await, sorted([&*alice]));
    let change =
        patch(json!([{"op": "replace", "path": r#"members[display eq "nobody"].type"#, "value": "User"}]));
    service.patch(&format!("/Groups/{team}"), change).await.is_scim_error(400, Some("noTarget"));
    service.put(&format!("/Groups/{team}"), group("crm", &[&alice])).await.is(200);
});

on_both_databases!(a_group_is_not_in_itself, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let low = made(&service, "/Groups", group("low", &[])).await;
    let middle = made(&service, "/Groups", group("middle", &[&low])).await;
    let top = made(&service, "/Groups", group("top", &[&middle])).await;
    let path = format!("/Groups/{low}");
    for circle in [&low, &middle, &top] {
        let add = json!([{"op": "add", "path": "members", "value": [{"value": circle}]}]);
        service.patch(&path, patch(add)).await.is_scim_error(400, Some("invalidValue"));
        service.put(&path, group("low", &[circle])).await.is_scim_error(400, Some("invalidValue"));
    }
    // Two in one PATCH, each harmless alone.
    let other = made(&service, "/Groups", group("other", &[&top])).await;
    let add = json!([{"op": "add", "path": "members", "value": [{"value": other}]}]);
    service.patch(&path, patch(add)).await.is_scim_error(400, Some("invalidValue"));
    service.delete(&format!("/Groups/{middle}")).await.is(204);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": top}]}]);
    service.patch(&path, patch(add)).await.is(204);
});

on_both_databases!(members_change_in_every_shape, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let [a, b, c] = [
        made(&service, "/Users", user("a@example.com")).await,
        made(&service, "/Users", user("b@example.com")).await,
        made(&service, "/Users", user("c@example.com")).await,
    ];
    let team = made(&service, "/Groups", group("crm", &[&a])).await;
    let path = format!("/Groups/{team}");
    for (operations, left) in [
        (json!([{"op": "add", "path": "members", "value": {"value": b}}]), sorted([&*a, &b])),
        (json!([{"op": "add", "value": {"members": [{"value": c}, {"value": b}]}}]), sorted([&*a, &b, &c])),
        (json!([{"op": "remove", "path": format!(r#"members[value eq "{a}"]"#)}]), sorted([&*b, &c])),
        (json!([{"op": "remove", "path": "members", "value": [{"value": b}]}]), sorted([&*c])),
        (
            json!([{"op": "replace", "path": "members", "value": [{"value": a}, {"value": b}]}]),
            sorted([&*a, &b]),
        ),
        (json!([{"op": "replace", "value": {"members": [{"value": c}]}}]), sorted([&*c])),
        (
            json!([
                {"op": "remove", "path": format!(r#"members[value eq "{c}"]"#)},
                {"op": "add", "path": "members", "value": [{"value": a, "display": "A", "$ref": null}]},
            ]),
            sorted([&*a]),
        ),
        (json!([{"op": "remove", "path": r#"members[type eq "User"]"#}]), sorted([])),
        (json!([{"op": "add", "path": "members", "value": [{"value": a}]}]), sorted([&*a])),
        (json!([{"op": "remove", "path": "members"}]), sorted([])),
    ] {
        service.patch(&path, patch(operations.clone())).await.is(204);
        assert_eq!(members_of(&service, &team).await, left, "{operations}");
    }
    // A name that is taken undoes the member that came with it.
    made(&service, "/Groups", group("sales", &[])).await;
    let change = json!([
        {"op": "add", "path": "members", "value": [{"value": a}]},
        {"op": "replace", "path": "displayName", "value": "Sales"},
    ]);
    service.patch(&path, patch(change)).await.is_scim_error(409, Some("uniqueness"));
    service.post("/Groups", group("CRM", &[])).await.is_scim_error(409, Some("uniqueness"));
    service.put(&path, group("sales", &[&a])).await.is_scim_error(409, Some("uniqueness"));
    assert!(members_of(&service, &team).await.is_empty());
    let rename = patch(json!([{"op": "replace", "path": "displayName", "value": "Crm 2"}]));
    let shown = service.patch(&format!("{path}?attributes=displayName"), rename).await.is(200);
    assert_eq!(shown["displayName"], "Crm 2");
});
