//! Decisions about bound tokens: the proof in `context.dpop` (RFC 9449 §7).

use deputy_tests::{Holder, Tenant, holder::proof_claims, jwt, on_both_databases};
use serde_json::{Value, json};

use super::super::{agent, allowed, codes, denied, evaluation};

const URI: &str = "https://crm.example.com/contacts";

/// A token for the scope and the tool `search`, bound to the key.
async fn bound(tenant: &Tenant, client: &deputy_tests::Client, holder: &Holder, more: Value) -> String {
    let proof = holder.proof("POST", &format!("{}/oauth/token", tenant.issuer), None);
    let mut details = json!({"type": "deputy_mandate", "tools": {"search": {}, "brain_query": {}}});
    details.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let details = json!([details]).to_string();
    let fields = [("scope", "read:docs"), ("authorization_details", details.as_str())];
    client.token_proved(&fields, &[&proof]).await.is(200).text_of("access_token")
}

fn shown(proof: &str) -> Value {
    json!({"dpop": {"proof": proof, "htm": "GET", "htu": URI}})
}

on_both_databases!(a_bound_token_is_allowed_with_a_proof_by_its_key, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let (holder, thief) = (Holder::p256(), Holder::p256());
    let token = bound(&tenant, &client, &holder, json!({})).await;
    let decide = async |context: Value| tenant.decide(&token, "search", json!({}), context).await;
    allowed(decide(shown(&holder.proof("GET", URI, Some(&token)))).await);
    assert_eq!(denied(decide(json!({})).await), ["proof_missing"]);
    let other = bound(&tenant, &client, &holder, json!({})).await;
    let at = |seconds: i64| {
        let mut claims = proof_claims("GET", URI, Some(&token));
        claims["iat"] = json!(jwt::now().cast_signed() + seconds);
        holder.sign(&holder.header(), &claims)
    };
    for (what, proof) in [
        ("by another key", thief.proof("GET", URI, Some(&token))),
        ("for another method", holder.proof("POST", URI, Some(&token))),
        ("for another URI", holder.proof("GET", "https://crm.example.com/", Some(&token))),
        ("for no token", holder.proof("GET", URI, None)),
        ("for another token", holder.proof("GET", URI, Some(&other))),
        ("too old", at(-61)),
        ("from the future", at(30)),
        ("none", "nonsense".to_owned()),
    ] {
        assert_eq!(denied(decide(shown(&proof)).await), ["proof_invalid"], "{what}");
    }
    assert_eq!(denied(decide(json!({"dpop": {"proof": "p"}})).await), ["proof_invalid"], "seen on nothing");
    for unclear in
        [json!("proof"), json!({"proof": "p", "htm": "GET"}), json!({"proof": 1, "htm": "GET", "htu": URI})]
    {
        let codes = denied(decide(json!({"dpop": unclear})).await);
        assert_eq!(codes, ["malformed", "proof_missing"], "{unclear}");
    }
    allowed(decide(shown(&at(-50))).await);
    // A bearer's token goes with no proof.
    let bearer = client.access_token("read:docs").await;
    let scope = |proof: Option<String>| {
        let mut context = proof.map_or(json!({}), |proof| shown(&proof));
        context["scope"] = json!("read:docs");
        context
    };
    let proof = holder.proof("GET", URI, Some(&bearer));
    assert_eq!(denied(tenant.decide(&bearer, "", json!({}), scope(Some(proof))).await), ["proof_invalid"]);
    allowed(tenant.decide(&bearer, "", json!({}), scope(None)).await);
});

on_both_databases!(a_proof_allows_once_and_a_denial_uses_nothing_up, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let holder = Holder::ed25519();
    let token = bound(&tenant, &client, &holder, json!({})).await;
    let once = shown(&holder.proof("GET", URI, Some(&token)));
    let ask = async |tool: &str, context: Value| tenant.decide(&token, tool, json!({}), context).await;
    let mut dry = once.clone();
    dry["dry_run"] = json!(true);
    assert_eq!(denied(ask("read_db", once.clone()).await), ["tool_not_allowed"]);
    allowed(ask("search", dry.clone()).await);
    allowed(ask("search", once.clone()).await);
    for context in [&once, &dry] {
        assert_eq!(denied(ask("search", context.clone()).await), ["proof_invalid"]);
    }
    // The event of a denial is on disk within 100 ms of its answer.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let events = tenant.events().await;
    let last = events.iter().rev().find(|event| event["action"] == "decision.made").unwrap();
    assert_eq!((&last["decision"], &last["reasons"]), (&json!("deny"), &json!(["proof_invalid"])));
    // Of many at once, one.
    let once = shown(&holder.proof("GET", URI, Some(&token)));
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (tenant, token, once) = (tenant.clone(), token.clone(), once.clone());
        tries.spawn(async move { tenant.decide(&token, "search", json!({}), once).await.is(200).json });
    }
    let answers = tries.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer["decision"] == true).count(), 1);
});

on_both_databases!(a_used_proof_is_used_after_a_restart, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let holder = Holder::p256();
    let token = bound(&tenant, &client, &holder, json!({})).await;
    let once = shown(&holder.proof("GET", URI, Some(&token)));
    allowed(tenant.decide(&token, "search", json!({}), once.clone()).await);
    server.kill_9();
    server.restart();
    assert_eq!(denied(tenant.decide(&token, "search", json!({}), once).await), ["proof_invalid"]);
    let fresh = shown(&holder.proof("GET", URI, Some(&token)));
    allowed(tenant.decide(&token, "search", json!({}), fresh).await);
});

on_both_databases!(a_metered_use_and_its_proof_are_used_up_together, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let holder = Holder::p256();
    let token = bound(&tenant, &client, &holder, json!({"uses": 2})).await;
    let ask = async |proof: &str, id: &str| {
        let mut context = shown(proof);
        context["use_id"] = json!(id);
        tenant.decide(&token, "search", json!({}), context).await
    };
    let fresh = || holder.proof("GET", URI, Some(&token));
    let once = fresh();
    allowed(ask(&once, "a").await);
    assert_eq!(denied(ask(&once, "b").await), ["proof_invalid"], "and no use is counted");
    assert_eq!(denied(ask(&once, "a").await), ["proof_invalid"], "also when the use is repeated");
    allowed(ask(&fresh(), "a").await);
    allowed(ask(&fresh(), "c").await);
    assert_eq!(denied(ask(&fresh(), "d").await), ["uses_exhausted"]);
});

on_both_databases!(the_proof_comes_before_chain_and_time_in_the_reasons, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let holder = Holder::p256();
    let token = bound(&tenant, &client, &holder, json!({})).await;
    tenant.revoke(json!({"credential": jwt::claims(&token)["jti"]})).await;
    let decide = async |context: Value| tenant.decide(&token, "shell", json!({}), context).await;
    let rest = ["revoked", "tool_blocked", "tool_not_allowed"];
    assert_eq!(denied(decide(json!({})).await), [&["proof_missing"][..], &rest].concat());
    assert_eq!(denied(decide(shown(&holder.proof("GET", URI, Some(&token)))).await), rest);
});

on_both_databases!(the_questions_of_one_call_rest_on_one_proof, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let holder = Holder::p256();
    let token = bound(&tenant, &client, &holder, json!({})).await;
    let call = |proof: &str| {
        let mut body = evaluation(&token, "search", json!({}), shown(proof));
        let of = |tool: &str| json!({"action": {"name": tool}});
        body["evaluations"] = json!([of("search"), of("read_db"), of("brain_query")]);
        body
    };
    let api = tenant.root.with_key(tenant.admin_key());
    let once = holder.proof("GET", URI, Some(&token));
    let answer = api.post("/access/v1/evaluations", call(&once)).await.is(200);
    let decisions: Vec<_> =
        answer["evaluations"].as_array().unwrap().iter().map(|one| one["decision"].clone()).collect();
    assert_eq!(decisions, [true, false, true]);
    let again = api.post("/access/v1/evaluations", call(&once)).await.is(200);
    assert_eq!(codes(&again["evaluations"][0]), ["proof_invalid"]);
});
