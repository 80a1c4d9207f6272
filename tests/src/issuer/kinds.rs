//! The tokens that identity providers and workload issuers sign, each as its specification has it.

use serde_json::{Value, json};

use super::{Issuer, Token};
use crate::jwt::{nonce, now};

impl Issuer {
    /// `iss`, `sub`, `aud`, and five minutes.
    pub fn token(&self, sub: &str, aud: impl Into<Value>) -> Token {
        let (now, aud) = (now(), aud.into());
        self.of(json!({"iss": self.url(), "sub": sub, "aud": aud, "iat": now, "nbf": now, "exp": now + 300}))
    }

    /// Exactly these claims, signed under an ordinary header.
    pub fn sign(&self, claims: Value) -> String {
        self.of(claims).seal()
    }

    /// Exactly these claims, not sealed yet.
    pub fn of(&self, claims: Value) -> Token {
        Token::new(self.key(), claims)
    }

    /// A logout token for a client (OpenID Connect Back-Channel Logout 1.0 §2.4); of `sub` and `sid` at least
    /// one is there in a good one.
    pub fn logout_token(&self, client_id: &str, sub: Option<&str>, sid: Option<&str>) -> Token {
        let now = now();
        let mut claims = json!({
            "iss": self.url(), "aud": client_id, "iat": now, "exp": now + 120, "jti": nonce(),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        for (name, value) in [("sub", sub), ("sid", sid)] {
            if let Some(value) = value {
                claims[name] = json!(value);
            }
        }
        self.of(claims).header("typ", "logout+jwt")
    }

    /// An identity assertion for another domain's authorization server
    /// (draft-ietf-oauth-identity-assertion-authz-grant §3); `scope` and `resource` are for the test to add.
    pub fn id_jag(&self, sub: &str, client_id: &str, aud: &str) -> Token {
        let now = now();
        let claims = json!({
            "iss": self.url(), "sub": sub, "aud": aud, "client_id": client_id, "jti": nonce(),
            "iat": now, "exp": now + 300,
        });
        self.of(claims).header("typ", "oauth-id-jag+jwt")
    }

    /// A projected service account token of Kubernetes: one hour, bound to a pod.
    pub fn service_account(&self, namespace: &str, name: &str, aud: &str) -> Token {
        let now = now();
        self.of(json!({
            "iss": self.url(), "sub": format!("system:serviceaccount:{namespace}:{name}"), "aud": [aud],
            "iat": now, "nbf": now, "exp": now + 3600, "jti": nonce(),
            "kubernetes.io": {
                "namespace": namespace,
                "node": {"name": "node-1", "uid": "5d6a2c1e-95f4-4a2f-9c0e-8d2b61a7c0d1"},
                "pod": {"name": format!("{name}-5f4b7d9c6b-x2x7k"), "uid": "0e6a9c62-2e8f-4f6c-9d6a-5a4f2f0b7a11"},
                "serviceaccount": {"name": name, "uid": "a9c3b1de-4b1f-4c5f-8a53-2c8d7f9e6b20"},
            },
        }))
    }

    /// An ID token of a GitHub Actions job: `repository` as `octo-org/octo-repo`, `git_ref` as `refs/heads/main`.
    pub fn github_actions(&self, repository: &str, git_ref: &str, aud: &str) -> Token {
        let now = now();
        let owner = repository.split('/').next().unwrap_or_default();
        let workflow = format!("{repository}/.github/workflows/deploy.yml@{git_ref}");
        self.of(json!({
            "iss": self.url(), "sub": format!("repo:{repository}:ref:{git_ref}"), "aud": aud,
            "iat": now, "nbf": now - 600, "exp": now + 300, "jti": nonce(),
            "ref": git_ref, "ref_type": "branch", "ref_protected": "true",
            "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e",
            "repository": repository, "repository_id": "74", "repository_visibility": "private",
            "repository_owner": owner, "repository_owner_id": "65",
            "actor": "octocat", "actor_id": "12", "event_name": "push",
            "workflow": "deploy", "workflow_ref": workflow, "workflow_sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e",
            "job_workflow_ref": workflow, "job_workflow_sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e",
            "run_id": "1908", "run_number": "10", "run_attempt": "2", "runner_environment": "github-hosted",
        }))
    }

    /// The same in an environment, whose name then replaces the branch in `sub`.
    pub fn github_environment(&self, repository: &str, environment: &str, aud: &str) -> Token {
        self.github_actions(repository, "refs/heads/main", aud)
            .claim("sub", format!("repo:{repository}:environment:{environment}"))
            .claim("environment", environment)
    }

    /// A JWT-SVID (SPIFFE JWT-SVID §3): who issued it is the trust domain in `sub`, and there is no `iss`.
    pub fn jwt_svid(&self, spiffe_id: &str, aud: &str) -> Token {
        let now = now();
        self.of(json!({"sub": spiffe_id, "aud": [aud], "iat": now, "exp": now + 300})).header("typ", "JWT")
    }
}
