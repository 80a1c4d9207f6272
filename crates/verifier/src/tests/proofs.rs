//! Sender constraint: who holds the key, for this very call, once.

use deputy_mandate::{Narrowing, ReasonCode};
use deputy_token::aat::{Pop, seal_pop};
use deputy_token::dpop;
use deputy_token::keys::Alg;

use super::*;
use crate::Proof;

const URI: &str = "https://crm.example.com/transfer";

fn bound(holder: &SigningKey) -> AccessClaims {
    let jkt = holder.jwk().thumbprint();
    let mut claims = claims();
    claims.chain[0].jkt = Some(jkt.clone());
    claims.cnf = Some(Cnf { jkt });
    claims
}

fn proof(holder: &SigningKey, token: &str, jti: &str, iat: Instant) -> String {
    let proof = dpop::Proof { method: "POST", uri: URI, jti, iat, token: Some(token), nonce: None };
    dpop::seal(&proof, holder).unwrap()
}

fn codes(verifier: &Fixture, presented: Presented<'_>) -> Vec<ReasonCode> {
    verifier.check(presented, &call()).codes().collect()
}

#[test]
fn a_bound_credential_needs_its_holders_proof() {
    let (issuer, holder, thief) = (Issuer::new(), key("h", Alg::Es256), key("t", Alg::Es256));
    let verifier = issuer.verifier();
    let claims = bound(&holder);
    for (i, token) in [issuer.access(&claims), issuer.capability(&claims)].iter().enumerate() {
        let jti = |name: &str| format!("{name}-{i}");
        assert_eq!(codes(&verifier, Presented::bearer(token)), [ReasonCode::ProofMissing]);
        let good = proof(&holder, token, &jti("good"), NOW);
        assert_eq!(codes(&verifier, Presented::dpop(token, &good, "POST", URI)), []);
        let invalid = |proof: &str, method: &str, uri: &str| {
            let found = codes(&verifier, Presented::dpop(token, proof, method, uri));
            assert_eq!(found, [ReasonCode::ProofInvalid], "{method} {uri}");
        };
        let fresh = |name: &str| proof(&holder, token, &jti(name), NOW);
        invalid(&fresh("method"), "GET", URI);
        invalid(&fresh("uri"), "POST", "https://crm.example.com/other");
        invalid(&proof(&thief, token, &jti("thief"), NOW), "POST", URI);
        invalid(&proof(&holder, "another", &jti("ath"), NOW), "POST", URI);
        invalid(&proof(&holder, token, &jti("old"), NOW.plus_secs(-60)), "POST", URI);
        invalid(&proof(&holder, token, &jti("ahead"), NOW.plus_secs(6)), "POST", URI);
        invalid("garbage", "POST", URI);
        let query = format!("{URI}?page=2");
        assert_eq!(codes(&verifier, Presented::dpop(token, &fresh("query"), "POST", &query)), []);
    }
}

#[test]
fn a_proof_counts_once_and_a_denied_request_does_not_use_it_up() {
    let (issuer, holder) = (Issuer::new(), key("h", Alg::EdDsa));
    let verifier = issuer.verifier();
    let token = issuer.access(&bound(&holder));
    let proof = proof(&holder, &token, "1", NOW);
    let presented = Presented::dpop(&token, &proof, "POST", URI);
    let denied: Vec<ReasonCode> = verifier.check(presented, &transfer(501)).codes().collect();
    assert_eq!(denied, [ReasonCode::ConstraintViolated]);
    assert_eq!(codes(&verifier, presented), []);
    assert_eq!(codes(&verifier, presented), [ReasonCode::ProofInvalid]);
    assert_eq!(verifier.check(presented, &call()).reasons()[0].message, "The proof was used before.");
    let full = Fixture { replays: InProcess::new(0), ..issuer.verifier() };
    assert_eq!(
        codes(&full, presented),
        [ReasonCode::ProofInvalid],
        "what cannot be remembered does not count"
    );
}

#[test]
fn a_proof_goes_with_a_bound_credential_of_its_kind() {
    let (issuer, holder) = (Issuer::new(), key("h", Alg::EdDsa));
    let verifier = issuer.verifier();
    let (free, tied) = (issuer.access(&claims()), issuer.access(&bound(&holder)));
    let proof = proof(&holder, &free, "1", NOW);
    assert_eq!(codes(&verifier, Presented::bearer(&free)), []);
    assert_eq!(codes(&verifier, Presented::dpop(&free, &proof, "POST", URI)), [ReasonCode::ProofInvalid]);
    assert_eq!(codes(&verifier, Presented::pop(&tied, &proof)), [ReasonCode::ProofInvalid]);
    let chain = issuer.aat(&holder);
    let dpop = Presented {
        proof: Some(Proof::Dpop { proof: &proof, method: "POST", uri: URI }),
        ..Presented::bearer(&chain)
    };
    assert_eq!(codes(&verifier, dpop), [ReasonCode::ProofInvalid]);
}

#[test]
fn the_key_of_an_offline_hop_binds_it() {
    let (issuer, worker) = (Issuer::new(), key("w", Alg::EdDsa));
    let verifier = issuer.verifier();
    let root = issuer.capability(&claims());
    assert_eq!(codes(&verifier, Presented::bearer(&root)), []);
    let cnf = Some(Cnf { jkt: worker.jwk().thumbprint() });
    let step = Attenuation { name: "worker".into(), narrowing: Narrowing::default(), cnf };
    let tied = attenuate(&root, &step, [1; 16]).unwrap();
    assert_eq!(codes(&verifier, Presented::bearer(&tied)), [ReasonCode::ProofMissing]);
    let proof = proof(&worker, &tied, "1", NOW);
    assert_eq!(codes(&verifier, Presented::dpop(&tied, &proof, "POST", URI)), []);
}

#[test]
fn an_attenuating_agent_token_is_used_by_its_holder_alone() {
    let (issuer, holder, worker) = (Issuer::new(), key("h", Alg::EdDsa), key("w", Alg::EdDsa));
    let verifier = issuer.verifier();
    let root = issuer.aat(&holder);
    let chain = derived(&root, &holder, &worker);
    let request = call();
    for (i, (token, key)) in [(&root, &holder), (&chain, &worker)].into_iter().enumerate() {
        assert_eq!(codes(&verifier, Presented::bearer(token)), [ReasonCode::ProofMissing]);
        let pop = |jti: &str, audience: &str, tool: &str, iat: Instant| {
            let jti = format!("{jti}-{i}");
            let arguments = &request.arguments;
            let pop = Pop { jti: &jti, iat, audience, tool, arguments, nonce: None };
            seal_pop(token, &pop, key).unwrap()
        };
        let good = pop("good", CRM, "transfer", NOW);
        assert_eq!(codes(&verifier, Presented::pop(token, &good)), []);
        assert_eq!(codes(&verifier, Presented::pop(token, &good)), [ReasonCode::ProofInvalid], "used before");
        for (what, bad) in [
            ("audience", pop("audience", "https://mail.example.com/", "transfer", NOW)),
            ("tool", pop("tool", CRM, "search", NOW)),
            ("old", pop("old", CRM, "transfer", NOW.plus_secs(-30))),
            ("ahead", pop("ahead", CRM, "transfer", NOW.plus_secs(31))),
        ] {
            let found = codes(&verifier, Presented::pop(token, &bad));
            assert_eq!(found, [ReasonCode::ProofInvalid], "{what}");
        }
        let other =
            verifier.check(Presented::pop(token, &pop("other", CRM, "transfer", NOW)), &transfer(121));
        assert_eq!(other.codes().collect::<Vec<_>>(), [ReasonCode::ProofInvalid], "other arguments");
    }
    // The parent's holder cannot use the child's token.
    let arguments = &request.arguments;
    let pop = Pop { jti: "x", iat: NOW, audience: CRM, tool: "transfer", arguments, nonce: None };
    assert!(seal_pop(&chain, &pop, &holder).is_err());
    let of_root = seal_pop(&root, &pop, &holder).unwrap();
    assert_eq!(codes(&verifier, Presented::pop(&chain, &of_root)), [ReasonCode::ProofInvalid]);
}
