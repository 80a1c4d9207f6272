//! Workloads authenticate with what their platform issues them (RFC 7523 §3, SPIFFE JWT-SVID §5), and agents with keys
//! that they publish.

use std::sync::Arc;
use std::time::Duration;

use deputy_tests::issuer::{Alg, DISCOVERY, JWKS, Key, SPIFFE_BUNDLE, Token};
use deputy_tests::jwt::{self, ASSERTION_TYPE, ClientKey};
use deputy_tests::{Answer, Client, Database, Issuer, Server, Tenant, eventually, on_both_databases};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const SPIFFE_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe";
const BILLING: &str = "spiffe://example.org/ns/billing/sa/runner";

/// A tenant with an agent that has no secret which a workload knows.
struct Platform {
    server: Server,
    tenant: Tenant,
    upstream: Issuer,
    runner: Client,
}

impl Platform {
    async fn new(db: Database) -> Self {
        let server = db.starting().with("OUTBOUND_ALLOW", "127.0.0.0/8").start();
        let tenant = server.tenant().await;
        let runner = tenant.agent("runner", &["read:docs"]).await;
        Self { server, tenant, upstream: Issuer::start().await, runner }
    }

    /// Trusts the issuer, with these members that say where its keys are.
    async fn trust(&self, mut keys: Value) -> Answer {
        if keys.get("issuer").is_none() {
            keys["issuer"] = json!(self.upstream.url());
        }
        self.tenant.api.post("/trusted-issuers", keys).await.is(201)
    }

    /// A credential of the agent's, for this subject of the issuer.
    async fn credential(&self, subject: &str, claims: Value) -> String {
        self.credential_of("runner", &self.upstream.url(), subject, claims).await.is(201).text_of("id")
    }

    async fn credential_of(&self, agent: &str, issuer: &str, subject: &str, claims: Value) -> Answer {
        let body = json!({"kind": "federated", "issuer": issuer, "subject": subject, "claims": claims});
        self.tenant.api.post(&format!("/agents/{agent}/credentials"), body).await
    }

    fn service_account(&self) -> Token {
        self.upstream.service_account("prod", "runner", &self.tenant.issuer)
    }

    async fn ask(&self, token: Token) -> Answer {
        ask(&self.tenant, ASSERTION_TYPE, &token.seal(), &[]).await
    }
}

/// A token request that a workload's token authenticates.
async fn ask(tenant: &Tenant, kind: &str, token: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_assertion_type", kind),
        ("client_assertion", token),
        ("scope", "read:docs"),
    ];
    fields.extend_from_slice(more);
    tenant.root.form("/oauth/token", &fields).await
}

#[track_caller]
fn refused(what: &str, answer: Answer) {
    let (status, error) = (answer.status, &answer["error"]);
    assert_eq!((status, error), (401, &json!("invalid_client")), "{what}: {}", answer.text);
}

const ACCOUNT: &str = "system:serviceaccount:prod:runner";

on_both_databases!(a_service_account_is_the_agent_that_names_it, async |db| {
    let platform = Platform::new(db).await;
    platform.trust(json!({})).await;
    refused("no credential yet", platform.ask(platform.service_account()).await);
    assert_eq!(platform.upstream.hits(DISCOVERY) + platform.upstream.hits(JWKS), 0, "nobody is asked");
    platform.credential(ACCOUNT, json!({})).await;
    let good = platform.service_account().seal();
    for _ in 0..2 {
        // A platform hands out one token for a while.
        let answer = ask(&platform.tenant, ASSERTION_TYPE, &good, &[]).await.is(200);
        let claims = jwt::claims(&answer.text_of("access_token"));
        assert_eq!(claims["client_id"], platform.runner.id);
        assert_eq!(claims["sub"], claims["agent"]["spiffe_id"]);
    }
    ask(&platform.tenant, SPIFFE_TYPE, &good, &[]).await.is(200);
    ask(&platform.tenant, ASSERTION_TYPE, &good, &[("client_id", &platform.runner.id)]).await.is(200);
    for stated in ["runner", "nobody", ACCOUNT] {
        refused(stated, ask(&platform.tenant, ASSERTION_TYPE, &good, &[("client_id", stated)]).await);
    }
    let unknown =
        ask(&platform.tenant, "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", &good, &[]);
    refused("another type", unknown.await);
    refused("a secret's client", ask(&platform.tenant, ASSERTION_TYPE, "nonsense", &[]).await);
    let events = serde_json::to_string(&platform.tenant.events().await).unwrap();
    assert!(!events.contains(&good) && !platform.server.log().contains(&good));
});

on_both_databases!(what_is_wrong_with_a_workloads_token_is_told_to_nobody, async |db| {
    let platform = Platform::new(db).await;
    platform.trust(json!({})).await;
    platform.credential(ACCOUNT, json!({})).await;
    let good = || platform.service_account();
    let (issuer, now) = (platform.tenant.issuer.as_str(), jwt::now());
    platform.ask(good()).await.is(200);
    platform.ask(good().claim("aud", issuer)).await.is(200);
    platform.ask(good().header("typ", "JWT")).await.is(200);
    platform.ask(good().without("iat")).await.is(200);
    let other = platform.server.tenant().await;
    let stranger = Issuer::start().await;
    for (what, token) in [
        ("for another tenant", good().claim("aud", other.issuer.as_str())),
        ("for two", good().claim("aud", json!([issuer, "https://kubernetes.default.svc"]))),
        ("for two of ours", good().claim("aud", json!([issuer, other.issuer]))),
        ("for the token endpoint", good().claim("aud", format!("{issuer}/oauth/token"))),
        ("for nobody", good().without("aud")),
        ("over an hour", good().claim("exp", now + 3700)),
        ("lived over an hour", good().claim("iat", now - 3600).claim("exp", now + 60)),
        ("expired", good().expired()),
        ("not yet valid", good().not_yet_valid()),
        ("no exp", good().without("exp")),
        ("another subject", good().claim("sub", "system:serviceaccount:prod:other")),
        ("another case", good().claim("sub", ACCOUNT.to_uppercase())),
        ("no subject", good().without("sub")),
        ("an agent", good().claim("sub", platform.runner.id.as_str())),
        ("another issuer", stranger.service_account("prod", "runner", issuer)),
        (
            "another's keys",
            stranger.service_account("prod", "runner", issuer).claim("iss", platform.upstream.url()),
        ),
        ("no issuer", good().without("iss")),
        (
            "bound to a key",
            good().claim("cnf", json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})),
        ),
        ("an access token", good().header("typ", "at+jwt")),
        ("an ID-JAG", good().header("typ", "oauth-id-jag+jwt")),
        ("unsigned", good().unsigned()),
        ("a key of its own", good().signed_by(&Key::generate(Alg::Es256))),
        ("tampered", good().tampered("jti", "another")),
        ("a kid of nobody's", good().header("kid", "nobody")),
    ] {
        refused(what, platform.ask(token).await);
    }
    for (form, token) in good().confused() {
        refused(form, platform.ask(token).await);
    }
    assert_eq!(stranger.hits(DISCOVERY), 0);
    platform.ask(good()).await.is(200);
});

on_both_databases!(required_claims_are_there_and_equal, async |db| {
    let platform = Platform::new(db).await;
    let tenant = &platform.tenant;
    platform.trust(json!({})).await;
    let required = json!({
        "repository_owner": "octo-org", "ref": "refs/heads/main", "ref_protected": "true",
        "runner_environment": "github-hosted",
    });
    let repo = "octo-org/octo-repo";
    platform.credential("repo:octo-org/octo-repo:ref:refs/heads/main", required).await;
    let good = || platform.upstream.github_actions(repo, "refs/heads/main", &tenant.issuer);
    platform.ask(good()).await.is(200);
    for (what, token) in [
        ("another branch", platform.upstream.github_actions(repo, "refs/heads/x", &tenant.issuer)),
        ("an environment", platform.upstream.github_environment(repo, "prod", &tenant.issuer)),
        ("another ref claimed", good().claim("ref", "refs/heads/x")),
        ("absent", good().without("repository_owner")),
        ("a truth value", good().claim("ref_protected", true)),
        ("another case", good().claim("runner_environment", "GitHub-hosted")),
        ("a list", good().claim("repository_owner", json!(["octo-org"]))),
        ("null", good().claim("ref", Value::Null)),
    ] {
        refused(what, platform.ask(token).await);
    }
    // Nested claims by pointer, and values of each type.
    let nested =
        json!({"/kubernetes.io/namespace": "prod", "/kubernetes.io/pod/uid": "u-1", "n": 3, "b": true});
    platform.credential(ACCOUNT, nested).await;
    let good = || {
        platform
            .service_account()
            .claim("n", 3)
            .claim("b", true)
            .claim("kubernetes.io", json!({"namespace": "prod", "pod": {"uid": "u-1"}}))
    };
    platform.ask(good()).await.is(200);
    platform.ask(good().claim("n", 3.0)).await.is(200);
    for (what, token) in [
        (
            "another namespace",
            good().claim("kubernetes.io", json!({"namespace": "dev", "pod": {"uid": "u-1"}})),
        ),
        ("another pod", good().claim("kubernetes.io", json!({"namespace": "prod", "pod": {"uid": "u-2"}}))),
        ("no pod", good().claim("kubernetes.io", json!({"namespace": "prod"}))),
        ("flat", good().without("kubernetes.io").claim("/kubernetes.io/namespace", "prod")),
        ("text", good().claim("n", "3")),
        ("false", good().claim("b", false)),
    ] {
        refused(what, platform.ask(token).await);
    }
});

on_both_databases!(keys_are_where_the_issuer_says, async |db| {
    let platform = Platform::new(db).await;
    let tenant = &platform.tenant;
    let jwks = json!({"keys": [platform.upstream.key().jwk()]});
    for (number, keys) in [
        json!({"jwks": jwks, "issuer": "kubernetes/serviceaccount"}),
        json!({"jwks_uri": platform.upstream.at(JWKS), "issuer": "https://oidc.cluster.invalid"}),
        json!({}),
    ]
    .into_iter()
    .enumerate()
    {
        let issuer =
            keys.get("issuer").and_then(Value::as_str).map_or(platform.upstream.url(), str::to_owned);
        let made = platform.trust(keys).await;
        assert_eq!(made["audience"], tenant.issuer);
        assert_eq!(made["keys_from"], ["jwks", "jwks_uri", "discovery"][number]);
        platform.credential_of("runner", &issuer, ACCOUNT, json!({})).await.is(201);
        let hits = (platform.upstream.hits(DISCOVERY), platform.upstream.hits(JWKS));
        let good = || platform.service_account().claim("iss", issuer.as_str());
        platform.ask(good()).await.is(200);
        platform.ask(good().header_without("kid")).await.is(200);
        refused("another key", platform.ask(good().signed_by(&Key::generate(Alg::Es256))).await);
        let after = (platform.upstream.hits(DISCOVERY) - hits.0, platform.upstream.hits(JWKS) - hits.1);
        assert_eq!(after, [(0, 0), (0, 1), (1, 1)][number]);
    }
    // Keys that were given stay as they are, whatever the issuer does.
    platform.upstream.rotate();
    let fixed = platform.service_account().claim("iss", "kubernetes/serviceaccount");
    refused("a key that was not given", platform.ask(fixed.clone()).await);
    let jwks = json!({"jwks": {"keys": [platform.upstream.key().jwk()]}});
    tenant.api.patch("/trusted-issuers/kubernetes%2Fserviceaccount", jwks).await.is(200);
    platform.ask(fixed).await.is(200);
});

on_both_databases!(a_spiffe_id_is_judged_by_its_trust_domain, async |db| {
    for given in [true, false] {
        let platform = Platform::new(db).await;
        let tenant = &platform.tenant;
        let bundle = json!({"keys": [
            {"kty": "EC", "crv": "P-256", "use": "x509-svid", "x": platform.upstream.key().jwk()["x"],
             "y": platform.upstream.key().jwk()["y"]},
            bundled(&platform.upstream.key().jwk()),
        ]});
        let keys = if given {
            json!({"issuer": "spiffe://example.org", "bundle": bundle})
        } else {
            json!({"issuer": "spiffe://example.org", "bundle_uri": platform.upstream.at(SPIFFE_BUNDLE)})
        };
        platform.trust(keys).await;
        let asked = async |kind, token: Token| ask(tenant, kind, &token.seal(), &[]).await;
        let good = || platform.upstream.jwt_svid(BILLING, &tenant.issuer);
        refused("no credential", asked(SPIFFE_TYPE, good()).await);
        assert_eq!(platform.upstream.hits(SPIFFE_BUNDLE), 0);
        platform.credential_of("runner", "spiffe://example.org", BILLING, json!({})).await.is(201);
        for kind in [SPIFFE_TYPE, ASSERTION_TYPE] {
            let answer = asked(kind, good()).await.is(200);
            assert_eq!(jwt::claims(&answer.text_of("access_token"))["client_id"], platform.runner.id);
        }
        asked(SPIFFE_TYPE, good().header_without("typ")).await.is(200);
        asked(SPIFFE_TYPE, good().header("typ", "JOSE")).await.is(200);
        asked(SPIFFE_TYPE, good().claim("iss", "https://spire.example.org")).await.is(200);
        let other = Issuer::start().await;
        for (what, token) in [
            ("another workload", platform.upstream.jwt_svid("spiffe://example.org/ns/x", &tenant.issuer)),
            (
                "another domain",
                platform.upstream.jwt_svid("spiffe://example.com/ns/billing/sa/runner", &tenant.issuer),
            ),
            ("for another", platform.upstream.jwt_svid(BILLING, "https://crm.example.com")),
            ("for two", good().claim("aud", json!([tenant.issuer, "https://crm.example.com"]))),
            ("over an hour", good().lives(3700)),
            ("expired", good().expired()),
            ("no exp", good().without("exp")),
            ("another's key", other.jwt_svid(BILLING, &tenant.issuer)),
            ("no SPIFFE ID", good().claim("sub", "runner")),
            ("not normal", good().claim("sub", "spiffe://example.org/ns/../ns/billing/sa/runner")),
            ("at+jwt", good().header("typ", "at+jwt")),
            ("unsigned", good().unsigned()),
        ] {
            refused(what, asked(SPIFFE_TYPE, token).await);
        }
        // An issuer that is trusted for its own workloads has no say about the domain's.
        let entry = json!({"issuer": other.url()});
        tenant.api.post("/trusted-issuers", entry).await.is(201);
        platform.credential_of("runner", &other.url(), "ci", json!({})).await.is(201);
        asked(ASSERTION_TYPE, other.token("ci", tenant.issuer.as_str())).await.is(200);
        let posing = other.token(BILLING, tenant.issuer.as_str());
        refused("an OIDC issuer of a SPIFFE ID", asked(ASSERTION_TYPE, posing).await);
        tenant.api.delete("/trusted-issuers/spiffe%3A%2F%2Fexample.org").await.is(204);
        refused("no longer trusted", asked(SPIFFE_TYPE, good()).await);
        if given {
            assert_eq!(platform.upstream.hits(SPIFFE_BUNDLE), 0);
        }
    }
});

/// A key as a bundle has it.
fn bundled(jwk: &Value) -> Value {
    let mut jwk = jwk.clone();
    jwk["use"] = json!("jwt-svid");
    jwk
}

on_both_databases!(trust_ends_with_the_issuer_the_credential_or_the_agent, async |db| {
    let platform = Platform::new(db).await;
    let tenant = &platform.tenant;
    let trusted = platform.trust(json!({})).await.text_of("id");
    let credential = platform.credential(ACCOUNT, json!({})).await;
    let token = platform.ask(platform.service_account()).await.is(200).text_of("access_token");
    tenant.api.delete(&format!("/trusted-issuers/{trusted}")).await.is(204);
    refused("not trusted", platform.ask(platform.service_account()).await);
    assert!(tenant.is_active(&token).await, "what was issued lives on");
    platform.trust(json!({})).await;
    platform.ask(platform.service_account()).await.is(200);
    tenant.api.delete(&format!("/agents/runner/credentials/{credential}")).await.is(204);
    refused("no credential", platform.ask(platform.service_account()).await);
    let credential = platform.credential(ACCOUNT, json!({})).await;
    platform.ask(platform.service_account()).await.is(200);
    tenant.api.post("/agents/runner/suspend", json!({"reason": "test"})).await.is(200);
    refused("suspended", platform.ask(platform.service_account()).await);
    tenant.api.post("/agents/runner/reactivate", json!({})).await.is(200);
    platform.ask(platform.service_account()).await.is(200);
    let shown = tenant.api.get("/agents/runner/credentials").await.is(200);
    let one = shown.items().iter().find(|one| one["id"] == credential.as_str()).unwrap();
    assert_eq!((&one["kind"], one["hint"].as_str().unwrap().contains(ACCOUNT)), (&json!("federated"), true));
});

on_both_databases!(a_workload_is_one_agent_of_one_tenant, async |db| {
    let platform = Platform::new(db).await;
    platform.trust(json!({})).await;
    platform.credential(ACCOUNT, json!({})).await;
    platform.tenant.agent("other", &["read:docs"]).await;
    for agent in ["other", "runner"] {
        let again = platform.credential_of(agent, &platform.upstream.url(), ACCOUNT, json!({"a": "b"})).await;
        again.is_problem(409);
    }
    platform.credential_of("other", &platform.upstream.url(), "another", json!({})).await.is(201);
    platform.ask(platform.service_account()).await.is(200);

    let elsewhere = platform.server.tenant().await;
    let agent = elsewhere.agent("runner", &["read:docs"]).await;
    elsewhere.api.post("/trusted-issuers", json!({"issuer": platform.upstream.url()})).await.is(201);
    let here = platform.service_account().seal();
    let there = platform.upstream.service_account("prod", "runner", &elsewhere.issuer).seal();
    refused("no credential there", ask(&elsewhere, ASSERTION_TYPE, &there, &[]).await);
    let body = json!({"kind": "federated", "issuer": platform.upstream.url(), "subject": ACCOUNT});
    elsewhere.api.post("/agents/runner/credentials", body).await.is(201);
    let answer = ask(&elsewhere, ASSERTION_TYPE, &there, &[]).await.is(200);
    assert_eq!(jwt::claims(&answer.text_of("access_token"))["client_id"], agent.id);
    refused("made for the other tenant", ask(&elsewhere, ASSERTION_TYPE, &here, &[]).await);
    refused("made for the other tenant", ask(&platform.tenant, ASSERTION_TYPE, &there, &[]).await);
});

on_both_databases!(it_introspects_and_revokes_with_its_token_too, async |db| {
    let platform = Platform::new(db).await;
    let root = &platform.tenant.root;
    platform.trust(json!({})).await;
    platform.credential(ACCOUNT, json!({})).await;
    let assertion = platform.service_account().seal();
    let answer = ask(&platform.tenant, ASSERTION_TYPE, &assertion, &[]).await.is(200);
    let token = answer.text_of("access_token");
    let form = |assertion: &str| {
        [
            ("token", token.clone()),
            ("client_assertion", assertion.to_owned()),
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
        ]
    };
    let post = async |path: &str, assertion: &str| {
        let form = form(assertion);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, &**value)).collect();
        root.form(path, &form).await
    };
    let expired = platform.service_account().expired().seal();
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        refused(path, post(path, &expired).await);
    }
    assert_eq!(post("/oauth/introspect", &assertion).await.is(200)["active"], true);
    post("/oauth/revoke", &assertion).await.is(200);
    assert_eq!(post("/oauth/introspect", &assertion).await.is(200)["active"], false);
});

on_both_databases!(while_the_issuer_is_down_nobody_has_failed, async |db| {
    let platform = Platform::new(db).await;
    platform.trust(json!({})).await;
    platform.credential(ACCOUNT, json!({})).await;
    platform.upstream.stop().await;
    let answer = platform.ask(platform.service_account()).await;
    let answer = answer.is_oauth_error(503, "temporarily_unavailable");
    assert!(answer.header("retry-after").is_some());
    platform.runner.token(&[]).await.is_oauth_error(400, "invalid_scope");
    platform.upstream.start_again();
    let back = async || platform.ask(platform.service_account()).await.status == 200;
    eventually("it is asked again", Duration::from_secs(30), back).await;
});

on_both_databases!(an_agent_publishes_its_keys, async |db| {
    let platform = Platform::new(db).await;
    let (tenant, id) = (&platform.tenant, platform.runner.id.as_str());
    let uri = platform.upstream.at(JWKS);
    let body = json!({"kind": "public_key", "jwks_uri": uri});
    tenant.api.post("/agents/runner/credentials", body).await.is(201);
    let of = |client: &str| {
        let now = jwt::now();
        platform.upstream.of(json!({
            "iss": client, "sub": client, "aud": tenant.issuer, "iat": now, "exp": now + 60, "jti": jwt::nonce(),
        }))
    };
    platform.ask(of(id)).await.is(200);
    let once = of(id).seal();
    ask(tenant, ASSERTION_TYPE, &once, &[]).await.is(200);
    refused("used twice", ask(tenant, ASSERTION_TYPE, &once, &[]).await);
    refused("another key", platform.ask(of(id).signed_by(&Key::generate(Alg::Es256))).await);
    refused("for another", platform.ask(of(id).claim("aud", "https://as.example.com")).await);
    let other = tenant.agent("other", &["read:docs"]).await;
    refused("another agent's", platform.ask(of(&other.id)).await);
    let before = platform.upstream.key();
    platform.upstream.rotate();
    // Not too often: each failure counts against the address.
    let known = async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        platform.ask(of(id)).await.status == 200
    };
    eventually("the new key is known", Duration::from_secs(30), known).await;
    let old = of(id).header("kid", before.kid()).signed_by(&before);
    refused("the old key", platform.ask(old).await);
    assert_eq!(platform.upstream.hits(JWKS), 2, "and nobody was asked more often");
    let listed = tenant.api.get("/agents/runner/credentials").await.is(200);
    let credential = listed.items().iter().find(|one| one["hint"] == uri).unwrap()["id"].as_str().unwrap();
    tenant.api.delete(&format!("/agents/runner/credentials/{credential}")).await.is(204);
    refused("deleted", platform.ask(of(id)).await);
});

on_both_databases!(keys_at_hand_come_before_those_that_are_published, async |db| {
    let platform = Platform::new(db).await;
    let (tenant, id) = (&platform.tenant, platform.runner.id.as_str());
    let key = ClientKey::generate();
    let path = "/agents/runner/credentials";
    for place in ["http://runner.example.com/jwks", "https://10.1.2.3/jwks", "https://169.254.169.254/"] {
        let refused = tenant.api.post(path, json!({"kind": "public_key", "jwks_uri": place})).await;
        assert_eq!(refused.is_problem(400)["field"], "jwks_uri", "{place}");
    }
    tenant.api.post(path, json!({"kind": "public_key", "jwk": key.jwk()})).await.is(201);
    let body = json!({"kind": "public_key", "jwks_uri": platform.upstream.at(JWKS)});
    tenant.api.post(path, body).await.is(201);
    platform.upstream.stop().await;
    let asked = async |assertion: &str| ask(tenant, ASSERTION_TYPE, assertion, &[]).await;
    asked(&key.assertion(id, &tenant.issuer)).await.is(200);
    let other = ClientKey::generate().assertion(id, &tenant.issuer);
    let answer = asked(&other).await.is_oauth_error(503, "temporarily_unavailable");
    assert!(answer.header("retry-after").is_some());
});

on_both_databases!(strangers_cannot_make_this_server_ask, async |db| {
    let platform = Arc::new(Platform::new(db).await);
    platform.trust(json!({})).await;
    platform.credential(ACCOUNT, json!({})).await;
    platform.ask(platform.service_account()).await.is(200);
    let stranger = Key::generate(Alg::Es256);
    let mut flood = JoinSet::new();
    for number in 0..50 {
        let (platform, stranger) = (platform.clone(), stranger.clone());
        flood.spawn(async move {
            let token = platform.service_account().signed_by(&stranger);
            refused("a stranger's", platform.ask(token.header("kid", format!("unknown-{number}"))).await);
        });
    }
    flood.join_all().await;
    let hits = (platform.upstream.hits(DISCOVERY), platform.upstream.hits(JWKS));
    assert!(hits.0 <= 2 && hits.1 <= 2, "{hits:?}");
    platform.ask(platform.service_account()).await.is(200);
});

on_both_databases!(a_manifest_brings_workloads, async |db| {
    let platform = Platform::new(db).await;
    platform.trust(json!({})).await;
    let yaml = format!(
        r#"apiVersion: deputy/v1
kind: Fleet
roles:
  - {{name: reader, scopes: [read:docs]}}
agents:
  - name: imported
    owner: user:alice@example.com
    allowed_scopes: [read:docs]
    roles: [reader]
    credentials:
      - {{federated: {{issuer: "{}", subject: "{ACCOUNT}", claims: {{"/kubernetes.io/namespace": prod}}}}}}
"#,
        platform.upstream.url()
    );
    let done = platform.tenant.import(&yaml, "?create_owners=true").await.is(200);
    let made = &done["credentials"][0];
    assert_eq!((&made["kind"], made.get("client_secret")), (&json!("federated"), None), "{}", done.text);
    let answer = platform.ask(platform.service_account()).await.is(200);
    assert_eq!(jwt::claims(&answer.text_of("access_token"))["client_id"], made["client_id"]);
    let elsewhere = platform.service_account().claim("kubernetes.io", json!({"namespace": "dev"}));
    refused("another namespace", platform.ask(elsewhere).await);
    // Another claim is asked for by the next import, and at once.
    let changed = yaml.replace("namespace\": prod", "namespace\": dev");
    platform.tenant.import(&changed, "").await.is(200);
    refused("the namespace of before", platform.ask(platform.service_account()).await);
    let moved = platform.service_account().claim("kubernetes.io", json!({"namespace": "dev"}));
    platform.ask(moved).await.is(200);
});
