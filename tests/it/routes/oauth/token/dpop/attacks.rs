//! Proofs that are not what they should be (RFC 9449 §4.3, §11), each beside one that is.

use deputy_tests::{Holder, holder::proof_claims, jwt, on_both_databases};
use serde_json::{Value, json};

use super::{READ, agent, bound, endpoint, proof};

on_both_databases!(a_proof_counts_once, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let holder = Holder::p256();
    let once = proof(&tenant, &holder);
    client.token_proved(&[READ], &[&once]).await.is(200);
    for _ in 0..2 {
        let again = client.token_proved(&[READ], &[&once]).await.is_oauth_error(400, "invalid_dpop_proof");
        assert!(again.text_of("error_description").contains("used before"), "{}", again.text);
    }
    // Another signature over the same `jti` is the same proof; the same `jti` of another key is not.
    let mut claims = proof_claims("POST", &endpoint(&tenant), None);
    claims["jti"] = json!("a\u{0}b");
    client.token_proved(&[READ], &[&holder.sign(&holder.header(), &claims)]).await.is(200);
    claims["iat"] = json!(jwt::now() - 1);
    let again = client.token_proved(&[READ], &[&holder.sign(&holder.header(), &claims)]).await;
    again.is_oauth_error(400, "invalid_dpop_proof");
    let other = Holder::p256();
    client.token_proved(&[READ], &[&other.sign(&other.header(), &claims)]).await.is(200);
});

on_both_databases!(of_many_uses_of_one_proof_one_succeeds, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let once = proof(&tenant, &Holder::ed25519());
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (client, once) = (client.clone(), once.clone());
        tries.spawn(async move { client.token_proved(&[READ], &[&once]).await.status });
    }
    let statuses = tries.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 400)), "{statuses:?}");
});

on_both_databases!(a_proof_survives_a_restart_as_used, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let holder = Holder::p256();
    let once = proof(&tenant, &holder);
    client.token_proved(&[READ], &[&once]).await.is(200);
    server.kill_9();
    server.restart();
    client.token_proved(&[READ], &[&once]).await.is_oauth_error(400, "invalid_dpop_proof");
    bound(&tenant, &client, &holder).await;
});

on_both_databases!(a_refused_request_uses_no_proof_up, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let once = proof(&tenant, &Holder::p256());
    let wrong = [("scope", "delete:everything")];
    client.token_proved(&wrong, &[&once]).await.is_oauth_error(400, "invalid_scope");
    client.with_secret("wrong").token_proved(&[READ], &[&once]).await.is_oauth_error(401, "invalid_client");
    client.token_proved(&[READ], &[&once]).await.is(200);
});

on_both_databases!(what_a_proof_says_must_be_so, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let (holder, other) = (Holder::p256(), Holder::ed25519());
    let uri = endpoint(&tenant);
    let refuse = async |what: &str, proof: String| {
        let answer = client.token_proved(&[READ], &[&proof]).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
        answer.is_oauth_error(400, "invalid_dpop_proof");
    };
    let claimed = |member: &str, value: Value| {
        let mut claims = proof_claims("POST", &uri, None);
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(member)),
            value => claims[member] = value,
        }
        holder.sign(&holder.header(), &claims)
    };
    let headed = |member: &str, value: Value| {
        let mut header = holder.header();
        match value {
            Value::Null => drop(header.as_object_mut().unwrap().remove(member)),
            value => header[member] = value,
        }
        holder.sign(&header, &proof_claims("POST", &uri, None))
    };
    let now = jwt::now();
    for (member, value) in [
        ("htm", json!("GET")),
        ("htm", json!("post")),
        ("htu", json!(format!("{}/oauth/revoke", tenant.issuer))),
        ("htu", json!("https://evil.example.com/oauth/token")),
        ("htu", json!("/oauth/token")),
        ("iat", json!(now - 61)),
        ("iat", json!(now + 30)),
        ("iat", json!(now.to_string())),
        ("jti", json!("")),
        ("jti", json!("j".repeat(257))),
        ("htm", Value::Null),
        ("htu", Value::Null),
        ("iat", Value::Null),
        ("jti", Value::Null),
    ] {
        refuse(member, claimed(member, value)).await;
    }
    let mut leaked = holder.jwk();
    leaked["d"] = json!("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U");
    let secret = json!({"kty": "oct", "k": "c2VjcmV0"});
    for (member, value) in [
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("EdDSA")),
        ("alg", json!("RS256")),
        ("jwk", leaked),
        ("jwk", secret),
        ("jwk", other.jwk()),
        ("jwk", Value::Null),
        ("jku", json!("https://evil.example.com/jwks.json")),
        ("crit", json!(["exp"])),
    ] {
        refuse(member, headed(member, value)).await;
    }
    for nonsense in ["", "nonsense", "a.b.c", "eyJhbGciOiJFUzI1NiJ9..", "two, proofs"] {
        refuse("nonsense", nonsense.to_owned()).await;
    }
    refuse("too long", claimed("padding", json!("p".repeat(9000)))).await;
    // The twins: members of one's own, a `nonce` that nobody asked for, other spellings of the same URI.
    for (member, value) in [
        ("own", json!("member")),
        ("nonce", json!("unasked")),
        ("htu", json!(format!("{uri}?query#fragment"))),
        ("htu", json!(uri.replace("http://", "HTTP://"))),
        ("iat", json!(now - 50)),
        ("iat", json!(now + 3)),
    ] {
        let proof = claimed(member, value);
        client.token_proved(&[READ], &[&proof]).await.is(200);
    }
    client.token_proved(&[READ], &[&headed("kid", json!("k"))]).await.is(200);
});

on_both_databases!(one_header_and_no_more, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let (one, other) = (Holder::p256(), Holder::ed25519());
    let proofs = [proof(&tenant, &one), proof(&tenant, &other)];
    let two = [proofs[0].as_str(), &proofs[1]];
    let answer = client.token_proved(&[READ], &two).await.is_oauth_error(400, "invalid_dpop_proof");
    assert!(answer.text_of("error_description").contains("more than one"), "{}", answer.text);
    client.token_proved(&[READ], &[&proofs[0], &proofs[0]]).await.is_oauth_error(400, "invalid_dpop_proof");
    let joined = format!("{}, {}", proofs[0], proofs[1]);
    client.token_proved(&[READ], &[&joined]).await.is_oauth_error(400, "invalid_dpop_proof");
    client.token_proved(&[READ], &[&proofs[0]]).await.is(200);
});

on_both_databases!(the_uri_is_the_published_one_whatever_the_host_header_says, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let holder = Holder::p256();
    let ask = async |proof: &str| {
        let request = tenant.root.request(reqwest::Method::POST, "/oauth/token");
        let request = request.basic_auth(&client.id, Some(&client.secret)).header("DPoP", proof);
        let request = request.header("host", "evil.example.com");
        tenant.root.send(request.form(&[("grant_type", "client_credentials"), READ])).await
    };
    let path = format!("/t/{}/oauth/token", tenant.slug);
    let misled = holder.proof("POST", &format!("http://evil.example.com{path}"), None);
    ask(&misled).await.is_oauth_error(400, "invalid_dpop_proof");
    ask(&proof(&tenant, &holder)).await.is(200);
    // Nor does a proof for one tenant's endpoint count at another's.
    let other = server.tenant().await;
    let foreign = proof(&other, &holder);
    ask(&foreign).await.is_oauth_error(400, "invalid_dpop_proof");
});

on_both_databases!(a_bound_token_opens_nothing_as_a_bearers, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let token = bound(&tenant, &client, &Holder::p256()).await;
    let thief = tenant.root.with_key(&token);
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        assert_eq!(thief.form(path, &[("token", &token)]).await.status, 401, "{path}");
    }
    thief.get("/api/v1/agents").await.is(401);
    let denied = tenant.decide(&token, "", json!({}), json!({"scope": "read:docs"})).await.is(200);
    assert_eq!(denied["context"]["reason"], "proof_missing");
    assert_eq!(client.introspect(&token).await.is(200)["active"], true);
});
