//! `/t/{tenant}/api/v1/revocations`: every target kills what it names and nothing else.

use deputy_tests::{Client, Tenant, jwt, on_both_databases};
use serde_json::{Value, json};

fn id(token: &str) -> Value {
    jwt::claims(token)["jti"].clone()
}

/// An agent of bob's, where the harness's agents are alice's.
async fn bobs(tenant: &Tenant, name: &str) -> Client {
    tenant.agent_with(name, &["read:docs"], json!({"owners": ["user:bob@example.com"]}), json!({})).await
}

async fn bound(client: &Client, binding: Value) -> String {
    let details = json!([{"type": "deputy_mandate", "binding": binding}]).to_string();
    let answer = client.token(&[("scope", "read:docs"), ("authorization_details", &details)]).await;
    answer.is(200).text_of("access_token")
}

on_both_databases!(a_credential_dies_alone, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let (one, other) = (client.access_token("read:docs").await, client.access_token("read:docs").await);
    assert!(tenant.is_active(&one).await);
    let made = tenant.revoke(json!({"credential": id(&one)})).await;
    assert!(made["id"].is_string() && made["seq"].is_i64(), "{}", made.text);
    assert!(!tenant.is_active(&one).await);
    assert!(tenant.is_active(&other).await);
});

on_both_databases!(an_agent_dies_by_name_or_id_and_may_be_issued_anew, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (doomed, other) =
        (tenant.agent("doomed", &["read:docs"]).await, tenant.agent("other", &["read:docs"]).await);
    let spared = other.access_token("read:docs").await;
    for name in ["doomed", doomed.id.as_str()] {
        let token = doomed.access_token("read:docs").await;
        assert!(tenant.is_active(&token).await, "issued after the last revocation");
        tenant.revoke(json!({"agent": name})).await;
        assert!(!tenant.is_active(&token).await, "{name}");
    }
    assert!(tenant.is_active(&spared).await);
    assert!(tenant.is_active(&doomed.access_token("read:docs").await).await);
});

on_both_databases!(an_owner_is_every_agent_that_they_own, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (one, two) = (bobs(&tenant, "one").await, bobs(&tenant, "two").await);
    let alices = tenant.agent("three", &["read:docs"]).await.access_token("read:docs").await;
    let tokens = [one.access_token("read:docs").await, two.access_token("read:docs").await];
    let made = tenant.revoke(json!({"owner": "user:bob@example.com"})).await;
    let each = made["revocations"].as_array().unwrap();
    let targets: Vec<&Value> = each.iter().map(|one| &one["target"]["agent"]).collect();
    assert!(targets.contains(&&json!(one.id)) && targets.contains(&&json!(two.id)), "{targets:?}");
    assert_eq!(each[1]["seq"], made["seq"]);
    assert_eq!(each[0]["seq"].as_i64().unwrap() + 1, made["seq"].as_i64().unwrap());
    for token in &tokens {
        assert!(!tenant.is_active(token).await);
    }
    assert!(tenant.is_active(&alices).await);
});

on_both_databases!(a_prefix_is_whole_segments_below_a_registered_name, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("planner", &["read:docs"]).await;
    let other = tenant.agent("planner2", &["read:docs"]).await.access_token("read:docs").await;
    let token = client.access_token("read:docs").await;
    let below = tenant.revoke(json!({"name_prefix": "planner/analyzer"})).await;
    assert!(tenant.is_active(&token).await, "the agent is above the prefix");
    let stored = tenant.api.get(&format!("/revocations/{}", below.text_of("id"))).await.is(200);
    assert_eq!(stored["target"]["name_prefix"], format!("{}/analyzer", client.id), "under the opaque id");
    tenant.revoke(json!({"name_prefix": "planner"})).await;
    assert!(!tenant.is_active(&token).await);
    assert!(tenant.is_active(&other).await, "`planner` is not a part of `planner2`");
});

on_both_databases!(a_finished_task_takes_its_tokens_along, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let mine = bound(&client, json!({"task": "task-42", "session": "s1"})).await;
    let other = bound(&client, json!({"task": "task-43"})).await;
    let free = client.access_token("read:docs").await;
    tenant.revoke(json!({"binding": {"contract": "task-42"}})).await;
    assert!(tenant.is_active(&mine).await, "a contract of that name is another thing");
    tenant.revoke(json!({"binding": {"task": "task-42"}})).await;
    assert!(!tenant.is_active(&mine).await);
    assert!(tenant.is_active(&other).await && tenant.is_active(&free).await);
});

on_both_databases!(the_tenant_is_everything_so_far_and_no_halt, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    let abroad = foreign.agent("crawler", &["read:docs"]).await.access_token("read:docs").await;
    tenant.revoke(json!({"tenant": true})).await;
    assert!(!tenant.is_active(&token).await);
    assert!(foreign.is_active(&abroad).await, "another tenant's tokens live");
    assert!(tenant.is_active(&client.access_token("read:docs").await).await, "new ones are issued and live");
});

on_both_databases!(subjects_and_keys_are_stored_by_what_hops_carry, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    let by_person = tenant.revoke(json!({"subject": deputy_tests::OWNER})).await;
    let stored = tenant.api.get(&format!("/revocations/{}", by_person.text_of("id"))).await.is(200);
    let subject = stored["target"]["subject"].as_str().unwrap();
    assert!(!subject.contains('@') && !subject.contains(':'), "an opaque id: {subject}");
    let by_key = tenant.revoke(json!({"key": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"})).await;
    let stored = tenant.api.get(&format!("/revocations/{}", by_key.text_of("id"))).await.is(200);
    assert_eq!(stored["kept_until"], Value::Null, "for ever");
    assert!(tenant.is_active(&token).await, "it acts for nobody and is bound to no key");
});

on_both_databases!(a_target_that_names_nothing_is_refused, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let abroad = foreign.agent("stranger", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    for target in [
        json!({}),
        json!({"agent": ""}),
        json!({"agent": "nobody"}),
        json!({"agent": abroad.id}),
        json!({"owner": "user:nobody@example.com"}),
        json!({"owner": "alice@example.com"}),
        json!({"owner": "agent:crawler"}),
        json!({"subject": "group:crm"}),
        json!({"name_prefix": ""}),
        json!({"name_prefix": "crawl"}),
        json!({"name_prefix": "crawler/"}),
        json!({"name_prefix": "/crawler"}),
        json!({"binding": {}}),
        json!({"binding": {"task": ""}}),
        json!({"key": ""}),
        json!({"credential": ""}),
        json!({"tenant": false}),
        json!({"everything": true}),
        json!({"agent": "crawler", "tenant": true}),
    ] {
        let answer = tenant.api.post("/revocations", json!({"target": target, "reason": "test"})).await;
        assert_eq!(answer.status, 400, "{target}: {}", answer.text);
        answer.is_problem(400);
    }
    for reason in [json!(""), json!("  "), Value::Null] {
        tenant
            .api
            .post("/revocations", json!({"target": {"agent": "crawler"}, "reason": reason}))
            .await
            .is_problem(400);
    }
    assert!(tenant.is_active(&token).await);
    assert!(tenant.api.get("/revocations").await.is(200).items().is_empty());
    tenant.revoke(json!({"agent": "agent:crawler"})).await;
    assert!(!tenant.is_active(&token).await);
});

on_both_databases!(a_preview_counts_and_changes_nothing, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (one, two) = (tenant.agent("one", &["read:docs"]).await, bobs(&tenant, "two").await);
    let first = one.access_token("read:docs").await;
    one.access_token("read:docs").await;
    two.access_token("read:docs").await;
    bound(&two, json!({"task": "task-42"})).await;
    bound(&two, json!({"task": "task-42%"})).await;
    let auditor = tenant.api_as("auditor").await;
    let reach = async |target: Value| {
        let answer = auditor.post("/revocations?preview=true", json!({"target": target})).await.is(200);
        assert_eq!(answer["reach"].as_object().unwrap().len(), 2, "{}", answer.text);
        (answer["reach"]["tokens"].as_u64().unwrap(), answer["reach"]["agents"].as_u64().unwrap())
    };
    assert_eq!(reach(json!({"tenant": true})).await, (5, 2));
    assert_eq!(reach(json!({"agent": "one"})).await, (2, 1));
    assert_eq!(reach(json!({"name_prefix": "two"})).await, (3, 1));
    assert_eq!(reach(json!({"name_prefix": "two/worker"})).await, (0, 0));
    assert_eq!(reach(json!({"owner": deputy_tests::OWNER})).await, (2, 1));
    assert_eq!(reach(json!({"credential": id(&first)})).await, (1, 1));
    assert_eq!(reach(json!({"credential": "made-offline"})).await, (0, 0));
    assert_eq!(reach(json!({"binding": {"task": "task-42"}})).await, (1, 1));
    assert_eq!(reach(json!({"binding": {"session": "task-42"}})).await, (0, 0));
    assert_eq!(reach(json!({"subject": deputy_tests::OWNER})).await, (0, 0));
    assert!(tenant.is_active(&first).await);
    assert!(tenant.api.get("/revocations").await.is(200).items().is_empty());

    auditor.post("/revocations", json!({"target": {"agent": "one"}, "reason": "test"})).await.is_problem(403);
    tenant.revoke(json!({"agent": "one"})).await;
    assert_eq!(reach(json!({"agent": "one"})).await, (0, 0), "what is dead already does not count");
    assert_eq!(reach(json!({"tenant": true})).await, (3, 1));
});

on_both_databases!(they_are_listed_newest_first_and_read_one_by_one, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    tenant.agent("crawler", &["read:docs"]).await;
    let mut made = Vec::new();
    for credential in ["a", "b", "c"] {
        made.push(tenant.revoke(json!({"credential": credential})).await.text_of("id"));
    }
    let first = tenant.api.get("/revocations?limit=2").await.is(200);
    let listed: Vec<&Value> = first.items().iter().map(|one| &one["target"]["credential"]).collect();
    assert_eq!(listed, [&json!("c"), &json!("b")]);
    let rest = tenant
        .api
        .get(&format!("/revocations?limit=2&cursor={}", first.text_of("next_cursor")))
        .await
        .is(200);
    assert_eq!(rest.items()[0]["id"], made[0]);
    assert_eq!(rest["next_cursor"], Value::Null);
    let one = tenant.api.get(&format!("/revocations/{}", made[1])).await.is(200);
    assert_eq!((&one["reason"], &one["target"]), (&json!("test"), &json!({"credential": "b"})));
    foreign.api.get(&format!("/revocations/{}", made[1])).await.is_problem(404);
    tenant.api.get("/revocations?limit=0").await.is_problem(400);
    tenant.api.get("/revocations?cursor=x").await.is_problem(400);
    tenant.api.get("/revocations?limt=1").await.is_problem(400);
    let events = tenant.events().await;
    let event = events.iter().find(|event| event["detail"]["id"] == made[1]).unwrap();
    assert_eq!((&event["action"], &event["credential"]), (&json!("revocation.created"), &json!("b")));
});
