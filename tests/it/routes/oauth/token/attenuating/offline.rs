//! What holders make offline, judged at the server: narrower chains live, wider ones do not, and a call needs its
//! proof.

use deputy_tests::{Holder, holder, jwt, on_both_databases};
use serde_json::json;

use super::{allowed, call, denied, planner, root};

fn tools(tools: serde_json::Value) -> serde_json::Value {
    json!([{"type": "attenuating_agent_token", "tools": tools}])
}

on_both_databases!(a_chain_allows_what_its_leaf_does, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let [top, worker, helper] = [Holder::ed25519(), Holder::ed25519(), Holder::ed25519()];
    let chain = root(&tenant, &client, &top).await;
    allowed(call(&tenant, &top, &chain, "search", json!({"query": "x"})).await);
    allowed(call(&tenant, &top, &chain, "transfer", json!({"amount": 500})).await);
    assert_eq!(
        denied(call(&tenant, &top, &chain, "transfer", json!({"amount": 501})).await),
        "constraint_violated"
    );

    let amount =
        |max: u32| json!({"transfer": {"amount": {"constraint_type": "range", "min": 0, "max": max}}});
    let narrower = top.derive(&chain, &worker, "analyzer", |claims| {
        claims["authorization_details"] = tools(amount(100));
    });
    allowed(call(&tenant, &worker, &narrower, "transfer", json!({"amount": 100})).await);
    assert_eq!(
        denied(call(&tenant, &worker, &narrower, "transfer", json!({"amount": 101})).await),
        "constraint_violated"
    );
    assert_eq!(denied(call(&tenant, &worker, &narrower, "search", json!({})).await), "tool_not_allowed");
    let told = tenant.introspect(&narrower).await.is(200);
    assert_eq!(told["active"], true, "{}", told.text);
    assert_eq!(told["agent"]["name"], "planner/analyzer");
    assert_eq!(told["chain"][1]["id"], holder::digest(&narrower));
    assert_eq!(told["cnf"]["jkt"], worker.thumbprint());
    assert_eq!(client.introspect(&narrower).await.is(200)["active"], true);
    let deeper = worker.derive(&narrower, &helper, "parser", |_| {});
    allowed(call(&tenant, &helper, &deeper, "transfer", json!({"amount": 1})).await);
    let events = tenant.events().await;
    let decided = events.iter().rev().find(|event| event["action"] == "decision.made").unwrap();
    let agents: Vec<_> =
        decided["chain"].as_array().unwrap().iter().map(|hop| hop["agent"].clone()).collect();
    assert_eq!(
        agents,
        ["", "/analyzer", "/analyzer/parser"].map(|path| json!(format!("{}{path}", client.id)))
    );
    assert!(!serde_json::to_string(&events).unwrap().contains(&chain), "a token is in the log");
});

on_both_databases!(what_claims_more_than_it_was_given_is_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let [top, worker, stranger] = [Holder::ed25519(), Holder::ed25519(), Holder::ed25519()];
    let (other, chain) = (root(&tenant, &client, &top).await, root(&tenant, &client, &top).await);
    // Within the time of both roots, so that nothing but the hash is against the other one.
    let good = top.derive(&chain, &worker, "analyzer", |claims| {
        claims["exp"] = jwt::claims(&other)["exp"].clone();
    });
    allowed(call(&tenant, &worker, &good, "search", json!({})).await);
    let refuse = async |what: &str, holder: &Holder, chain: &str, code: &str| {
        assert_eq!(denied(call(&tenant, holder, chain, "search", json!({})).await), code, "{what}");
        assert!(!tenant.is_active(chain).await, "{what}");
    };
    let wider = top.derive(&chain, &worker, "analyzer", |claims| {
        claims["authorization_details"] = tools(json!({"search": {}, "shell": {}}));
    });
    refuse("a tool more", &worker, &wider, "not_attenuated").await;
    let longer = top.derive(&chain, &worker, "analyzer", |claims| {
        claims["exp"] = json!(claims["exp"].as_u64().unwrap() + 1);
    });
    refuse("a longer life", &worker, &longer, "not_attenuated").await;
    let deeper = top.derive(&chain, &worker, "analyzer", |claims| claims["del_max_depth"] = json!(9));
    refuse("a higher ceiling", &worker, &deeper, "not_attenuated").await;
    let stolen = stranger.derive(&chain, &stranger, "analyzer", |claims| {
        claims["iss"] = json!(format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}", top.thumbprint()));
    });
    refuse("made without the parent's key", &stranger, &stolen, "signature_invalid").await;
    let spliced = format!("{other}~{}", good.rsplit('~').next().unwrap());
    refuse("spliced onto another root", &worker, &spliced, "signature_invalid").await;
    let nameless = top.derive(&chain, &worker, "A/B", |_| {});
    refuse("no name", &worker, &nameless, "malformed").await;
    let foreign = server.tenant().await;
    assert_eq!(denied(call(&foreign, &worker, &good, "search", json!({})).await), "signature_invalid");
});

on_both_databases!(a_call_needs_the_leafs_proof_for_this_very_call, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let [top, worker] = [Holder::ed25519(), Holder::ed25519()];
    let chain = root(&tenant, &client, &top).await;
    let leaf = top.derive(&chain, &worker, "analyzer", |_| {});
    let arguments = json!({"amount": 5});
    let good = || Holder::pop_claims(&leaf, &tenant.issuer, "transfer", &arguments);
    let ask = async |proof: &str| {
        tenant.decide(&leaf, "transfer", arguments.clone(), json!({"dpop": {"proof": proof}})).await
    };
    let once = worker.pop(&good());
    allowed(ask(&once).await);
    assert_eq!(denied(ask(&once).await), "proof_invalid", "used before");
    let without = tenant.decide(&leaf, "transfer", arguments.clone(), json!({})).await;
    assert_eq!(denied(without), "proof_missing");
    assert_eq!(denied(ask(&top.pop(&good())).await), "proof_invalid", "by the parent's key");
    let dpop = worker.proof("POST", "https://crm.example.com/", Some(&leaf));
    assert_eq!(denied(ask(&dpop).await), "proof_invalid", "a proof of another kind");
    for (member, value) in [
        ("aat_aud", json!("https://elsewhere.example.com/")),
        ("aat_tool", json!("search")),
        ("hta", json!({"amount": 4})),
        ("aat_id", json!("another")),
        ("aat_hash", json!(holder::digest(&chain))),
        ("iat", json!(jwt::now() - 40)),
        ("iat", json!(jwt::now() + 60)),
    ] {
        let mut claims = good();
        claims[member] = value;
        assert_eq!(denied(ask(&worker.pop(&claims)).await), "proof_invalid", "{member}");
    }
    allowed(ask(&worker.pop(&good())).await);
    // A proof for one call is not shared among the questions of one request.
    let proof = worker.pop(&good());
    let body = json!({
        "subject": {"type": "agent", "id": "x", "properties": {"token": leaf}},
        "action": {"name": "transfer", "properties": {"arguments": arguments}},
        "resource": {"type": "tool", "id": "transfer"},
        "context": {"dpop": {"proof": proof}},
        "evaluations": [{}, {}],
    });
    let answer = tenant.root.with_key(tenant.admin_key()).post("/access/v1/evaluations", body).await.is(200);
    let decisions: Vec<_> =
        answer["evaluations"].as_array().unwrap().iter().map(|one| one["decision"].clone()).collect();
    assert_eq!(decisions, [true, false]);
});

on_both_databases!(an_offline_hop_dies_by_its_id_its_key_and_its_name, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let [top, worker, other, helper] =
        [Holder::ed25519(), Holder::ed25519(), Holder::ed25519(), Holder::ed25519()];
    let chain = root(&tenant, &client, &top).await;
    let one = top.derive(&chain, &worker, "one", |_| {});
    let below = worker.derive(&one, &helper, "helper", |_| {});
    let two = top.derive(&chain, &other, "two", |_| {});
    let three = top.derive(&chain, &other, "three", |_| {});
    for chain in [&one, &below, &two, &three] {
        assert!(tenant.is_active(chain).await);
    }
    tenant.revoke(json!({"credential": holder::digest(&one)})).await;
    assert!(!tenant.is_active(&one).await && !tenant.is_active(&below).await);
    assert!(tenant.is_active(&two).await);
    tenant.revoke(json!({"name_prefix": "planner/two"})).await;
    assert!(!tenant.is_active(&two).await && tenant.is_active(&three).await);
    tenant.revoke(json!({"key": other.thumbprint()})).await;
    assert!(!tenant.is_active(&three).await && tenant.is_active(&chain).await);
    // Narrowing the role acts at once on what was made offline.
    let [fresh, held] = [Holder::ed25519(), Holder::ed25519()];
    let root = root(&tenant, &client, &fresh).await;
    let leaf = fresh.derive(&root, &held, "leaf", |_| {});
    allowed(call(&tenant, &held, &leaf, "search", json!({})).await);
    tenant.api.patch("/roles/planner-role", json!({"tools": {"search": null}})).await.is(200);
    assert_eq!(denied(call(&tenant, &held, &leaf, "search", json!({})).await), "ceiling_narrowed");
});
