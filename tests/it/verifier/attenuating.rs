//! Attenuating agent tokens (draft-niyikiza-oauth-attenuating-agent-tokens), at the verifier that resource servers
//! embed: a root of the server, narrowed by its holders, with a proof for each call.

use deputy_tests::{Client, Holder, Tenant, holder, jwt, on_both_databases};
use deputy_verifier::{Presented, ReasonCode, Verifier};
use serde_json::{Value, json};

use super::capability::CRM;
use super::{builder, call, reasons, until};

/// An agent that may search, and transfer up to 500.
async fn planner(tenant: &Tenant) -> Client {
    let role = json!({"may_delegate": true, "tools": {"search": {}, "transfer": amount(500)}});
    tenant.agent_with("planner", &["read:docs"], json!({}), role).await
}

fn amount(max: u32) -> Value {
    json!({"amount": {"constraint_type": "range", "min": 0, "max": max}})
}

fn details(tools: Value) -> Value {
    json!([{"type": "attenuating_agent_token", "tools": tools}])
}

/// A root for both tools.
async fn root(tenant: &Tenant, client: &Client, holder: &Holder) -> String {
    let both = json!({"tools": {"search": {}, "transfer": {}}});
    client.attenuating(tenant, holder, both).await.is(200).text_of("access_token")
}

/// Why a call with a good proof for it is denied.
async fn calls(
    verifier: &Verifier,
    holder: &Holder,
    chain: &str,
    tool: &str,
    arguments: Value,
) -> Vec<ReasonCode> {
    let claims = Holder::pop_claims(chain, &verifier.policy().audience, tool, &arguments);
    let proof = holder.pop(&claims);
    reasons(verifier, &Presented::pop(chain, &proof), &call(tool, &arguments)).await
}

on_both_databases!(a_chain_allows_what_its_leaf_does, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let verifier = builder(&tenant).await.start().await.expect("it starts");
    let [top, worker, parser] = [Holder::ed25519(), Holder::ed25519(), Holder::ed25519()];
    let (other, chain) = (root(&tenant, &client, &top).await, root(&tenant, &client, &top).await);
    let leaf = top.derive(&chain, &worker, "analyzer", |claims| {
        claims["authorization_details"] = details(json!({"transfer": amount(100)}));
        // Within the time of both roots, so that nothing but the hash is against the other one.
        claims["exp"] = jwt::claims(&other)["exp"].clone();
    });
    let deeper = worker.derive(&leaf, &parser, "parser", |claims| {
        claims["authorization_details"] = details(json!({"transfer": amount(10)}));
    });
    let transfer = async |holder: &Holder, chain: &str, much: u32| {
        calls(&verifier, holder, chain, "transfer", json!({"amount": much})).await
    };
    for (holder, chain, most) in [(&top, &chain, 500), (&worker, &leaf, 100), (&parser, &deeper, 10)] {
        assert_eq!(transfer(holder, chain, most).await, [], "{most}");
        assert_eq!(transfer(holder, chain, most + 1).await, [ReasonCode::ConstraintViolated], "{most}");
    }
    assert_eq!(calls(&verifier, &top, &chain, "search", json!({"query": "x"})).await, []);
    let search = calls(&verifier, &worker, &leaf, "search", json!({"query": "x"})).await;
    assert_eq!(search, [ReasonCode::ToolNotAllowed]);
    let arguments = json!({"amount": 1});
    let proof = parser.pop(&Holder::pop_claims(&deeper, &tenant.issuer, "transfer", &arguments));
    let verdict = verifier.check(&Presented::pop(&deeper, &proof), &call("transfer", &arguments)).await;
    assert_eq!(verdict.allowed().expect("it is allowed").agent.name, "planner/analyzer/parser");
    // Wider than its parent, sealed by another key, and taken from another chain.
    let wider = top.derive(&chain, &worker, "analyzer", |claims| {
        claims["authorization_details"] = details(json!({"transfer": amount(501)}));
    });
    assert_eq!(transfer(&worker, &wider, 1).await, [ReasonCode::NotAttenuated]);
    let iss = jwt::claims(leaf.rsplit('~').next().unwrap())["iss"].clone();
    let stolen = parser.derive(&chain, &parser, "analyzer", |claims| claims["iss"] = iss);
    assert_eq!(transfer(&parser, &stolen, 1).await, [ReasonCode::SignatureInvalid]);
    let spliced = format!("{other}~{}", leaf.rsplit('~').next().unwrap());
    assert_eq!(transfer(&worker, &spliced, 1).await, [ReasonCode::SignatureInvalid]);
    let abroad = server.tenant().await;
    let strange = root(&abroad, &planner(&abroad).await, &top).await;
    assert_eq!(transfer(&top, &strange, 1).await, [ReasonCode::SignatureInvalid], "another tenant's");
});

on_both_databases!(a_call_needs_the_leafs_proof_for_this_very_call, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let verifier = builder(&tenant).await.start().await.expect("it starts");
    let [top, worker] = [Holder::ed25519(), Holder::ed25519()];
    let chain = root(&tenant, &client, &top).await;
    let leaf = top.derive(&chain, &worker, "analyzer", |_| {});
    let arguments = json!({"amount": 5});
    let good = || Holder::pop_claims(&leaf, &tenant.issuer, "transfer", &arguments);
    let present =
        async |presented: Presented<'_>| reasons(&verifier, &presented, &call("transfer", &arguments)).await;
    let ask = async |proof: &str| present(Presented::pop(&leaf, proof)).await;
    let once = worker.pop(&good());
    assert_eq!(ask(&once).await, []);
    assert_eq!(ask(&once).await, [ReasonCode::ProofInvalid], "used before");
    assert_eq!(present(Presented::bearer(&leaf)).await, [ReasonCode::ProofMissing]);
    assert_eq!(ask(&top.pop(&good())).await, [ReasonCode::ProofInvalid], "by the parent's key");
    let dpop = worker.proof("POST", CRM, Some(&leaf));
    assert_eq!(ask(&dpop).await, [ReasonCode::ProofInvalid], "a proof of another kind");
    let dpop = Presented::dpop(&leaf, &dpop, "POST", CRM);
    assert_eq!(present(dpop).await, [ReasonCode::ProofInvalid], "sent as what it is");
    for (member, value) in [
        ("aat_aud", json!(CRM)),
        ("aat_tool", json!("search")),
        ("hta", json!({"amount": 4})),
        ("aat_id", json!("another")),
        ("aat_hash", json!(holder::digest(&chain))),
        ("iat", json!(jwt::now() - 40)),
        ("iat", json!(jwt::now() + 60)),
    ] {
        let mut claims = good();
        claims[member] = value;
        assert_eq!(ask(&worker.pop(&claims)).await, [ReasonCode::ProofInvalid], "{member}");
    }
    assert_eq!(ask(&worker.pop(&good())).await, []);
});

on_both_databases!(a_chain_dies_by_any_hop_by_its_key_and_by_its_agent, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let verifier = builder(&tenant).await.start().await.expect("it starts");
    let [top, worker, other] = [Holder::ed25519(), Holder::ed25519(), Holder::ed25519()];
    let chain = root(&tenant, &client, &top).await;
    let one = top.derive(&chain, &worker, "one", |_| {});
    let below = worker.derive(&one, &other, "below", |_| {});
    let two = top.derive(&chain, &other, "two", |_| {});
    let search = async |holder: &Holder, chain: &str| {
        calls(&verifier, holder, chain, "search", json!({"query": "x"})).await
    };
    let dies = async |what: &str, holder: &Holder, chain: &str| {
        until(what, async || search(holder, chain).await == [ReasonCode::Revoked]).await
    };
    for (holder, chain) in [(&top, &chain), (&worker, &one), (&other, &below), (&other, &two)] {
        assert_eq!(search(holder, chain).await, []);
    }
    tenant.revoke(json!({"credential": holder::digest(&one)})).await;
    dies("the hop", &worker, &one).await;
    assert_eq!(search(&other, &below).await, [ReasonCode::Revoked]);
    assert_eq!((search(&top, &chain).await, search(&other, &two).await), (vec![], vec![]));
    tenant.revoke(json!({"key": other.thumbprint()})).await;
    dies("the key", &other, &two).await;
    let three = top.derive(&chain, &worker, "three", |_| {});
    assert_eq!((search(&top, &chain).await, search(&worker, &three).await), (vec![], vec![]));
    tenant.revoke(json!({"agent": "planner"})).await;
    dies("the agent", &worker, &three).await;
    assert_eq!(search(&top, &chain).await, [ReasonCode::Revoked]);
    let fresh = root(&tenant, &client, &top).await;
    let leaf = top.derive(&fresh, &worker, "one", |_| {});
    assert_eq!(search(&worker, &leaf).await, [], "issued after it");
});
