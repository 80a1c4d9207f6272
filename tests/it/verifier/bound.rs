//! Credentials bound to a key (RFC 9449), at the verifier that resource servers embed: the holder's proof, for
//! this request, once.

use deputy_tests::{Client, Holder, Tenant, capability, holder, on_both_databases};
use deputy_verifier::{Presented, ReasonCode, Verifier};
use serde_json::json;

use super::capability::{CRM, EVERYTHING, audience_key, crawler};
use super::{builder_for, call, reasons, scope};

const URL: &str = "https://crm.example.com/pay";

/// An access token and a capability, both bound to the key of `holder`.
async fn both(tenant: &Tenant, client: &Client, holder: &Holder, fields: &[(&str, &str)]) -> [String; 2] {
    let issued = async |more: &[(&str, &str)]| {
        let proof = holder.proof("POST", &format!("{}/oauth/token", tenant.issuer), None);
        let fields: Vec<_> = fields.iter().chain(more).copied().collect();
        client.token_proved(&fields, &[&proof]).await.is(200).text_of("access_token")
    };
    let kind = [("requested_token_type", capability::TOKEN_TYPE)];
    [issued(&[]).await, issued(&kind).await]
}

async fn pays(verifier: &Verifier, presented: &Presented<'_>) -> Vec<ReasonCode> {
    reasons(verifier, presented, &call("pay", &json!({"amount": 5}))).await
}

on_both_databases!(a_bound_credential_needs_its_holders_proof_for_this_request, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = crawler(&tenant).await;
    let key = audience_key(&tenant, CRM).await;
    let verifier = builder_for(&tenant, CRM).await.capability_key(key).start().await.expect("it starts");
    let thief = Holder::p256();
    for holder in [Holder::p256(), Holder::ed25519()] {
        let [token, top] = both(&tenant, &client, &holder, &EVERYTHING).await;
        let leaf = capability::narrowed(&top, "analyzer", json!({}));
        for token in [&token, &top, &leaf] {
            let ask = async |proof: &str| pays(&verifier, &Presented::dpop(token, proof, "POST", URL)).await;
            let good = || holder.proof("POST", URL, Some(token));
            let once = good();
            assert_eq!(ask(&once).await, []);
            assert_eq!(ask(&once).await, [ReasonCode::ProofInvalid], "used before");
            assert_eq!(pays(&verifier, &Presented::bearer(token)).await, [ReasonCode::ProofMissing]);
            for (what, proof) in [
                ("another key", thief.proof("POST", URL, Some(token))),
                ("another URL", holder.proof("POST", "https://crm.example.com/read", Some(token))),
                ("another method", holder.proof("GET", URL, Some(token))),
                ("another token", holder.proof("POST", URL, Some("another"))),
                ("no token", holder.proof("POST", URL, None)),
            ] {
                assert_eq!(ask(&proof).await, [ReasonCode::ProofInvalid], "{what}");
            }
            let mut old = holder::proof_claims("POST", URL, Some(token));
            old["iat"] = json!(old["iat"].as_u64().unwrap() - 120);
            assert_eq!(ask(&holder.sign(&holder.header(), &old)).await, [ReasonCode::ProofInvalid], "old");
            assert_eq!(ask(&good()).await, []);
            // What is denied for another reason does not use the proof up.
            let kept = good();
            let presented = Presented::dpop(token, &kept, "POST", URL);
            let deleting = reasons(&verifier, &presented, &scope("delete:docs")).await;
            assert_eq!(deleting, [ReasonCode::ScopeMissing]);
            assert_eq!(pays(&verifier, &presented).await, []);
        }
    }
});

on_both_databases!(an_offline_hop_may_bind_what_was_free, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = crawler(&tenant).await;
    let key = audience_key(&tenant, CRM).await;
    let verifier = builder_for(&tenant, CRM).await.capability_key(key).start().await.expect("it starts");
    let worker = Holder::ed25519();
    let top = client.capability(&EVERYTHING).await;
    assert_eq!(pays(&verifier, &Presented::bearer(&top)).await, []);
    let tied = capability::narrowed(&top, "worker", json!({"cnf": {"jkt": worker.thumbprint()}}));
    assert_eq!(pays(&verifier, &Presented::bearer(&tied)).await, [ReasonCode::ProofMissing]);
    let proof = worker.proof("POST", URL, Some(&tied));
    assert_eq!(pays(&verifier, &Presented::dpop(&tied, &proof, "POST", URL)).await, []);
    // Bound once is bound for good.
    let thief = Holder::ed25519();
    let again = capability::narrowed(&tied, "thief", json!({"cnf": {"jkt": thief.thumbprint()}}));
    let proof = thief.proof("POST", URL, Some(&again));
    let stolen = pays(&verifier, &Presented::dpop(&again, &proof, "POST", URL)).await;
    assert_eq!(stolen, [ReasonCode::NotAttenuated]);
});

on_both_databases!(the_server_counts_uses_that_are_proved, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = crawler(&tenant).await;
    let key = audience_key(&tenant, CRM).await;
    let builder = async || builder_for(&tenant, CRM).await.capability_key(key.clone());
    let offline = builder().await.start().await.expect("it starts");
    let online = builder().await.online_meter().start().await.expect("it starts");
    let (holder, thief) = (Holder::p256(), Holder::ed25519());
    let details = r#"[{"type":"deputy_mandate","tools":{"pay":{}},"uses":2}]"#;
    let fields = [("resource", CRM), ("authorization_details", details)];
    for token in &both(&tenant, &client, &holder, &fields).await {
        let proof = |key: &Holder| key.proof("POST", URL, Some(token));
        let ask = async |verifier: &Verifier, proof: &str, id: &str| {
            pays(verifier, &Presented::dpop(token, proof, "POST", URL).use_id(id)).await
        };
        let asked = ask(&offline, &proof(&holder), "use-1").await;
        assert_eq!(asked, [ReasonCode::OnlineCheckRequired]);
        let once = proof(&holder);
        assert_eq!(ask(&online, &once, "use-1").await, []);
        assert!(ask(&online, &once, "use-1").await.contains(&ReasonCode::ProofInvalid), "used before");
        assert!(ask(&online, &proof(&thief), "use-2").await.contains(&ReasonCode::ProofInvalid));
        let bearer = Presented::bearer(token).use_id("use-2");
        assert!(pays(&online, &bearer).await.contains(&ReasonCode::ProofMissing));
        // None of these was a use, and the first one under a fresh proof is still the first one.
        assert_eq!(ask(&online, &proof(&holder), "use-1").await, []);
        assert_eq!(ask(&online, &proof(&holder), "use-2").await, []);
        assert_eq!(ask(&online, &proof(&holder), "use-3").await, [ReasonCode::UsesExhausted]);
    }
});
