//! Chains of more than one hop: every hop's agent is asked, in its present state (mandates §4, §7).

use deputy_tests::{Answer, Client, Tenant, on_both_databases};
use serde_json::{Value, json};

use super::super::{allowed, denied, reference};

const SEARCH: &str = r#"[{"type":"deputy_mandate","tools":{"search":{},"read_db":{}}}]"#;
const FIELDS: [(&str, &str); 2] = [("scope", "read:docs"), ("authorization_details", SEARCH)];

async fn agent(tenant: &Tenant, name: &str, more: Value) -> Client {
    let mut role = reference();
    role["may_delegate"] = json!(true);
    tenant.agent_with(name, &["read:docs"], more, role).await
}

/// A planner, its child the researcher, the child's child the reader, and a token of each below the other's.
async fn family(tenant: &Tenant, evidence: Value) -> ([Client; 3], [String; 3]) {
    let planner = agent(tenant, "planner", json!({})).await;
    let researcher = agent(tenant, "researcher", json!({"parent": "planner"})).await;
    let mut more = json!({"parent": "researcher"});
    more.as_object_mut().unwrap().extend(evidence.as_object().unwrap().clone());
    let reader = agent(tenant, "reader", more).await;
    let runtime = evidence["runtime"].to_string();
    let top = planner.token(&FIELDS).await.is(200).text_of("access_token");
    let middle = researcher.exchange(&top, &FIELDS).await.is(200).text_of("access_token");
    let mut fields = FIELDS.to_vec();
    if !evidence["runtime"].is_null() {
        fields.push(("runtime", &runtime));
    }
    let leaf = reader.exchange(&middle, &fields).await.is(200).text_of("access_token");
    ([planner, researcher, reader], [top, middle, leaf])
}

async fn search(tenant: &Tenant, token: &str) -> Answer {
    tenant.decide(token, "search", json!({"q": "x"}), json!({})).await
}

on_both_databases!(narrowing_any_hops_role_acts_on_the_leaf_at_once, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (_, [top, middle, leaf]) = family(&tenant, json!({})).await;
    for token in [&top, &middle, &leaf] {
        allowed(search(&tenant, token).await);
    }
    let search_is = async |role: &str, arguments: Value| {
        let tools = json!({"tools": {"search": arguments}});
        tenant.api.patch(&format!("/roles/{role}-role"), tools).await.is(200);
    };
    for (role, still) in [("planner", 0), ("researcher", 1), ("reader", 2)] {
        search_is(role, Value::Null).await;
        for (depth, token) in [&top, &middle, &leaf].into_iter().enumerate() {
            if depth < still {
                allowed(search(&tenant, token).await);
            } else {
                assert_eq!(denied(search(&tenant, token).await), ["ceiling_narrowed"], "{role}, {depth}");
            }
            allowed(tenant.decide(token, "read_db", json!({}), json!({})).await);
        }
        search_is(role, json!({})).await;
        allowed(search(&tenant, &leaf).await);
    }
});

on_both_databases!(an_agent_that_sleeps_anywhere_stops_the_chain, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (_, [top, middle, leaf]) = family(&tenant, json!({})).await;
    allowed(search(&tenant, &leaf).await);
    tenant.api.post("/agents/researcher/suspend", json!({"reason": "drill"})).await.is(200);
    for token in [&middle, &leaf] {
        assert_eq!(denied(search(&tenant, token).await), ["revoked", "agent_inactive"]);
    }
    allowed(search(&tenant, &top).await);
});

on_both_databases!(a_runtime_that_changes_anywhere_ends_the_chain, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let runtime = json!({"model": "one", "tools": [], "config": {}});
    let evidence = json!({"runtime": runtime, "runtime_evidence": "presented"});
    let (_, [_, middle, leaf]) = family(&tenant, evidence).await;
    // The leaf's agent demands evidence of what is observed at the leaf; that of its parents is not asked.
    allowed(search(&tenant, &middle).await);
    assert_eq!(denied(search(&tenant, &leaf).await), ["runtime_missing"]);
    let observed = json!({"runtime": runtime});
    allowed(tenant.decide(&leaf, "search", json!({"q": "x"}), observed.clone()).await);
    tenant.api.patch("/agents/planner", json!({"runtime": runtime})).await.is(200);
    let codes = denied(tenant.decide(&leaf, "search", json!({"q": "x"}), observed).await);
    assert!(codes.iter().any(|code| code == "runtime_changed"), "{codes:?}");
});

on_both_databases!(a_worker_is_asked_as_its_registered_ancestor, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let ([planner, ..], [top, ..]) = family(&tenant, json!({})).await;
    let fields: Vec<_> = FIELDS.into_iter().chain([("delegate_name", "analyzer")]).collect();
    let worker = planner.exchange(&top, &fields).await.is(200).text_of("access_token");
    allowed(search(&tenant, &worker).await);
    tenant.api.patch("/roles/planner-role", json!({"tools": {"search": null}})).await.is(200);
    assert_eq!(denied(search(&tenant, &worker).await), ["ceiling_narrowed"]);
    allowed(tenant.decide(&worker, "read_db", json!({}), json!({})).await);
});
