//! Exchanging bound tokens: the parent's key is proved, whoever exchanges, and the child is bound too.

use deputy_tests::{Client, Holder, Tenant, jwt, on_both_databases};
use serde_json::json;

use super::{READ, agent, bound, endpoint, proof};

/// A proof that the holder of a token makes for its exchange by somebody else.
fn handed(tenant: &Tenant, holder: &Holder, token: &str) -> String {
    holder.proof("POST", &endpoint(tenant), Some(token))
}

async fn family(tenant: &Tenant) -> (Client, Client) {
    let planner = agent(tenant, "planner", json!({})).await;
    (planner, agent(tenant, "researcher", json!({"parent": "planner"})).await)
}

on_both_databases!(its_own_client_narrows_it_with_the_key_it_is_bound_to, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (planner, _) = family(&tenant).await;
    let (holder, other) = (Holder::ed25519(), Holder::ed25519());
    let token = bound(&tenant, &planner, &holder).await;
    let answer = planner.exchange_proved(&token, &[READ], &[&proof(&tenant, &holder)]).await.is(200);
    assert_eq!(answer["token_type"], "DPoP");
    let child = jwt::claims(&answer.text_of("access_token"));
    assert_eq!(child["cnf"]["jkt"], holder.thumbprint());
    assert_eq!(child["chain"][1]["jkt"], holder.thumbprint());
    // Without the key, and with another one.
    let missing = planner.exchange(&token, &[READ]).await.is_oauth_error(400, "invalid_grant");
    assert!(missing.text_of("error_description").contains("proof_missing"), "{}", missing.text);
    let wrong = planner.exchange_proved(&token, &[READ], &[&proof(&tenant, &other)]).await;
    let wrong = wrong.is_oauth_error(400, "invalid_grant");
    assert!(wrong.text_of("error_description").contains("proof_invalid"), "{}", wrong.text);
});

on_both_databases!(a_child_agent_brings_its_own_key_and_a_proof_by_the_holder, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (planner, researcher) = family(&tenant).await;
    let (above, below) = (Holder::p256(), Holder::ed25519());
    let token = bound(&tenant, &planner, &above).await;
    let given = handed(&tenant, &above, &token);
    let fields = [READ, ("subject_token_proof", given.as_str())];
    let own = proof(&tenant, &below);
    let answer = researcher.exchange_proved(&token, &fields, &[&own]).await.is(200);
    let child = jwt::claims(&answer.text_of("access_token"));
    assert_eq!(child["chain"][0]["jkt"], above.thumbprint());
    assert_eq!(
        (&child["chain"][1]["jkt"], &child["cnf"]["jkt"]),
        (&json!(below.thumbprint()), &json!(below.thumbprint()))
    );
    // The holder's proof counts once, too.
    let again = researcher.exchange_proved(&token, &fields, &[&proof(&tenant, &below)]).await;
    again.is_oauth_error(400, "invalid_grant");
    // A stolen token: the thief is a child agent, has a key, and not the one that counts.
    let refuse = async |proof: Option<String>, own: Option<&Holder>| {
        let mut fields = vec![READ];
        fields.extend(proof.as_deref().map(|proof| ("subject_token_proof", proof)));
        let own: Vec<String> = own.into_iter().map(|own| super::proof(&tenant, own)).collect();
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        researcher.exchange_proved(&token, &fields, &own).await.is_oauth_error(400, "invalid_grant");
    };
    refuse(None, Some(&below)).await;
    refuse(None, None).await;
    refuse(Some(handed(&tenant, &below, &token)), Some(&below)).await;
    // Made for no token, for another, and one that would make the child a bearer's.
    refuse(Some(proof(&tenant, &above)), Some(&below)).await;
    let other = bound(&tenant, &planner, &above).await;
    refuse(Some(handed(&tenant, &above, &other)), Some(&below)).await;
    refuse(Some(handed(&tenant, &above, &token)), None).await;
    refuse(Some("nonsense".to_owned()), Some(&below)).await;
    let given = handed(&tenant, &above, &token);
    let fields = [READ, ("subject_token_proof", given.as_str())];
    researcher.exchange_proved(&token, &fields, &[&proof(&tenant, &below)]).await.is(200);
});

on_both_databases!(a_worker_gets_a_key_of_its_own, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (planner, _) = family(&tenant).await;
    let (above, below) = (Holder::p256(), Holder::p256());
    let token = bound(&tenant, &planner, &above).await;
    let given = handed(&tenant, &above, &token);
    let fields = [READ, ("delegate_name", "analyzer"), ("subject_token_proof", given.as_str())];
    let answer = planner.exchange_proved(&token, &fields, &[&proof(&tenant, &below)]).await.is(200);
    let child = jwt::claims(&answer.text_of("access_token"));
    assert_eq!(
        (&child["agent"]["name"], &child["cnf"]["jkt"]),
        (&json!("planner/analyzer"), &json!(below.thumbprint()))
    );
    tenant.revoke(json!({"key": above.thumbprint()})).await;
    assert!(!tenant.is_active(&answer.text_of("access_token")).await, "a key above it is revoked");
});

on_both_databases!(below_a_bearers_token_a_child_may_be_bound, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (planner, researcher) = family(&tenant).await;
    let token = planner.access_token("read:docs").await;
    let holder = Holder::ed25519();
    let answer = researcher.exchange_proved(&token, &[READ], &[&proof(&tenant, &holder)]).await.is(200);
    assert_eq!(answer["token_type"], "DPoP");
    let own = proof(&tenant, &holder);
    let needless = [READ, ("subject_token_proof", own.as_str())];
    let answer = researcher.exchange_proved(&token, &needless, &[&proof(&tenant, &holder)]).await;
    answer.is_oauth_error(400, "invalid_request");
    // A child that must be bound.
    tenant.api.patch("/agents/researcher", json!({"require_dpop": true})).await.is(200);
    researcher.exchange(&token, &[READ]).await.is_oauth_error(400, "invalid_request");
    researcher.exchange_proved(&token, &[READ], &[&proof(&tenant, &holder)]).await.is(200);
});

on_both_databases!(an_actor_token_that_is_bound_is_the_clients_own_by_its_key, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (planner, researcher) = family(&tenant).await;
    let (holder, other) = (Holder::p256(), Holder::p256());
    let subject = planner.access_token("read:docs").await;
    let actor = bound(&tenant, &researcher, &holder).await;
    let kind = ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token");
    let fields = [READ, ("actor_token", actor.as_str()), kind];
    researcher.exchange_proved(&subject, &fields, &[&proof(&tenant, &holder)]).await.is(200);
    researcher.exchange(&subject, &fields).await.is_oauth_error(400, "invalid_grant");
    let wrong = researcher.exchange_proved(&subject, &fields, &[&proof(&tenant, &other)]).await;
    wrong.is_oauth_error(400, "invalid_grant");
});
