//! What an issuer signs, judged by jose: a good token is accepted, and each spoilt one refused for its own reason.

use deputy_tests::issuer::{Alg, JWKS, Key, SPIFFE_BUNDLE, Token};
use deputy_tests::{Issuer, foreign, jwt};
use serde_json::{Value, json};

const API: &str = "https://api.example.com";

/// Whether there is a jose to ask.
fn judged(keys: &str, issuer: &str, tokens: &[(&str, &str, String)]) -> bool {
    let tokens: Vec<Value> = tokens
        .iter()
        .map(|(name, code, token)| json!({"name": name, "code": code, "token": token}))
        .collect();
    let tokens = Value::from(tokens).to_string();
    let input = [("ISSUER", issuer), ("AUDIENCE", API), ("JWKS_URI", keys), ("TOKENS", &tokens)];
    let Some(outcome) = foreign::node("jose_verify.mjs", &input) else { return false };
    outcome.passed();
    true
}

#[tokio::test]
async fn a_token_is_good_and_a_spoilt_one_is_bad_in_every_algorithm() {
    for alg in [Alg::Rs256, Alg::Es256, Alg::EdDsa] {
        let issuer = Issuer::start_with(alg).await;
        let token = || issuer.token("alice", API);
        let (claim, signature) = ("ERR_JWT_CLAIM_VALIDATION_FAILED", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
        let mut tokens = vec![
            ("good", "accepted", token().seal()),
            ("of two audiences", "accepted", issuer.token("alice", vec![API, "other"]).seal()),
            ("more in the header", "accepted", token().header("jku", "https://evil.example.com/jwks").seal()),
            ("expired", "ERR_JWT_EXPIRED", token().expired().seal()),
            ("not yet valid", claim, token().not_yet_valid().seal()),
            ("for another", claim, issuer.token("alice", vec!["other"]).seal()),
            ("of another", claim, token().claim("iss", "https://other.example.com").seal()),
            ("of nobody", claim, token().without("iss").seal()),
            ("changed", signature, token().tampered("sub", "mallory").seal()),
            ("signed by a stranger", signature, token().signed_by(&Key::generate(alg)).seal()),
            ("unsigned", "ERR_JOSE_ALG_NOT_ALLOWED", token().unsigned().seal()),
            ("under a lie", "ERR_JWKS_NO_MATCHING_KEY", token().header("kid", "another").seal()),
            (
                "critical",
                "ERR_JOSE_NOT_SUPPORTED",
                token().header("crit", json!(["x"])).header("x", 1).seal(),
            ),
        ];
        for (form, confused) in token().confused() {
            tokens.push((form, "ERR_JOSE_ALG_NOT_ALLOWED", confused.seal()));
        }
        if !judged(&issuer.at(JWKS), &issuer.url(), &tokens) {
            return;
        }
        let old = token().seal();
        issuer.rotate();
        let after = [("withdrawn", "ERR_JWKS_NO_MATCHING_KEY", old), ("new", "accepted", token().seal())];
        judged(&issuer.at(JWKS), &issuer.url(), &after);
    }
}

#[tokio::test]
async fn tokens_of_each_kind_are_what_their_specifications_say() {
    let issuer = Issuer::start().await;
    let kinds: [(&str, Token); 5] = [
        ("logout token", issuer.logout_token(API, Some("alice"), Some("s1"))),
        ("identity assertion", issuer.id_jag("alice", "agent", API).claim("scope", "read:docs")),
        ("service account", issuer.service_account("billing", "crawler", API)),
        ("job", issuer.github_actions("octo-org/octo-repo", "refs/heads/main", API)),
        ("job in an environment", issuer.github_environment("octo-org/octo-repo", "production", API)),
    ];
    let kinds = kinds.map(|(name, token)| (name, "accepted", token.seal()));
    let [logout, jag, pod, job, environment] = &kinds;
    assert_eq!(jwt::header(&logout.2)["typ"], "logout+jwt");
    assert_eq!(
        jwt::claims(&logout.2)["events"],
        json!({"http://schemas.openid.net/event/backchannel-logout": {}})
    );
    assert_eq!(jwt::claims(&issuer.logout_token(API, None, Some("s1")).seal()).get("sub"), None);
    assert_eq!(jwt::header(&jag.2)["typ"], "oauth-id-jag+jwt");
    assert_eq!(jwt::claims(&jag.2)["client_id"], "agent");
    let claims = jwt::claims(&pod.2);
    assert_eq!(claims["sub"], "system:serviceaccount:billing:crawler");
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);
    assert_eq!(claims["kubernetes.io"]["serviceaccount"]["name"], "crawler");
    assert_eq!(jwt::claims(&job.2)["sub"], "repo:octo-org/octo-repo:ref:refs/heads/main");
    assert_eq!(jwt::claims(&environment.2)["sub"], "repo:octo-org/octo-repo:environment:production");
    assert_eq!(jwt::claims(&environment.2)["environment"], "production");
    judged(&issuer.at(JWKS), &issuer.url(), &kinds);

    let svid = issuer.jwt_svid("spiffe://example.org/ns/billing/sa/crawler", API).seal();
    assert_eq!(jwt::claims(&svid).get("iss"), None);
    // jose knows `use: sig` only, so the twin of the key is asked.
    judged(&issuer.at(JWKS), "", &[("JWT-SVID", "accepted", svid)]);
    let bundle = super::read(&issuer.at(SPIFFE_BUNDLE)).await;
    assert_eq!(bundle["keys"][1]["kid"], issuer.key().kid());
}
