//! What an agent gets: its own authority within the person's entitlements, who it says that it acts for, and what the
//! log tells of it.

use deputy_tests::{OWNER, jwt, on_both_databases};
use serde_json::{Value, json};

use super::{ACCESS_TOKEN, AUDIENCE, Company, ID_TOKEN, JWT, PAT, READ, exchange, exchange_as};

on_both_databases!(a_person_is_acted_for_within_what_all_allow, async |db| {
    let company = Company::new(db).await;
    let tenant = &company.tenant;
    // Role: docs, mail, calendar. Cap: docs, mail, files. The person: docs, mail.
    let role = ["read:docs", "read:mail", "read:calendar"];
    let cap = json!({
        "may_act_for": ["user:pat@example.com"],
        "allowed_scopes": ["read:docs", "read:mail", "read:files"],
    });
    let agent = tenant.agent_with("assistant", &role, cap, json!({})).await;
    let subject = company.token().seal();
    let asked = "read:docs read:calendar read:files write:docs";
    let answer = exchange(&agent, &subject, &[("scope", asked)]).await.is(200);
    assert_eq!(answer["scope"], "read:docs", "asked for, and allowed by all");
    assert_eq!(answer["issued_token_type"], ACCESS_TOKEN);
    let removed = answer["removed"].as_array().unwrap();
    let by = |what: &str| {
        removed.iter().find(|one| one["what"] == what).map(|one| one["by"].clone()).unwrap_or_default()
    };
    assert_eq!(removed.len(), 3, "{}", answer.text);
    assert_eq!(by("scope:read:calendar"), "allowed_scopes");
    assert_eq!(by("scope:read:files"), "role_bindings");
    assert_eq!(by("scope:write:docs"), "role_bindings");
    // What only the person may not have done is removed by her entitlements.
    let answer = exchange(&company.crawler, &subject, &[("scope", "read:docs write:docs")]).await.is(200);
    assert_eq!(answer["removed"], json!([{"what": "scope:write:docs", "by": "entitlements"}]));
    assert_eq!(company.crawler.token(&[("scope", "write:docs")]).await.is(200)["scope"], "write:docs");
    let nothing = exchange(&company.crawler, &subject, &[("scope", "write:docs")]).await;
    nothing.is_oauth_error(400, "invalid_scope");
});

on_both_databases!(the_token_says_for_whom_and_the_log_who_vouched, async |db| {
    let company = Company::new(db).await;
    let (tenant, pat) = (&company.tenant, &company.pat);
    let token = company.on_behalf().await;
    let claims = jwt::claims(&token);
    assert_eq!(claims["sub"], format!("user:{pat}"));
    assert_eq!(claims["act"], json!({"sub": claims["agent"]["spiffe_id"]}));
    assert_eq!((&claims["chain"][0]["sub"], &claims["client_id"]), (&json!(pat), &json!(company.crawler.id)));
    assert_eq!(claims["agent"]["owners"], json!([OWNER]), "who answers for it is another matter");
    let told = tenant.introspect(&token).await.is(200);
    assert_eq!((&told["active"], &told["sub"], &told["act"]), (&json!(true), &claims["sub"], &claims["act"]));
    // Its own tokens name nobody.
    let own = jwt::claims(&company.crawler.access_token("read:docs").await);
    assert_eq!((&own["act"], &own["chain"][0]["sub"]), (&Value::Null, &Value::Null));
    assert_eq!(own["sub"], own["agent"]["spiffe_id"]);

    for subject in [format!("user:{pat}"), "pat@example.com".to_owned()] {
        let found =
            tenant.api.get(&format!("/events?subject={subject}&action=token.exchanged")).await.is(200);
        assert_eq!(found.items().len(), 1, "{subject}: {}", found.text);
        let event = &found.items()[0];
        assert_eq!(event["credential"], claims["jti"]);
        assert_eq!(event["detail"]["person_vouched_by"], company.upstream.url());
        assert_eq!(event["detail"]["scope"], "read:docs");
        assert!(event["subject"].as_str().is_some_and(|subject| subject.ends_with(pat)), "{event}");
    }
    let others = tenant.api.get("/events?subject=alice@example.com&action=token.exchanged").await.is(200);
    assert!(others.items().is_empty(), "{}", others.text);
});

on_both_databases!(each_type_that_a_persons_token_may_be_called_by, async |db| {
    let company = Company::new(db).await;
    let subject = company.token().seal();
    for kind in [ID_TOKEN, ACCESS_TOKEN, JWT] {
        let answer = exchange_as(&company.crawler, kind, &subject, &[READ]).await.is(200);
        let claims = jwt::claims(&answer.text_of("access_token"));
        assert_eq!(claims["sub"], format!("user:{}", company.pat), "{kind}");
    }
    let capability = deputy_tests::capability::TOKEN_TYPE;
    company.refused("capability", exchange_as(&company.crawler, capability, &subject, &[READ]).await);
    for kind in ["urn:ietf:params:oauth:token-type:saml2", "urn:ietf:params:oauth:token-type:refresh_token"] {
        let answer = exchange_as(&company.crawler, kind, &subject, &[READ]).await;
        answer.is_oauth_error(400, "invalid_request");
    }
    // One of this tenant's own is no ID token of anybody.
    let own = company.crawler.access_token("read:docs").await;
    company.refused("own", exchange_as(&company.crawler, ID_TOKEN, &own, &[READ]).await);
    exchange_as(&company.crawler, ACCESS_TOKEN, &own, &[READ]).await.is(200);
});

on_both_databases!(who_says_only_who_says_it_for_the_person, async |db| {
    let company = Company::new(db).await;
    let answer = exchange(&company.crawler, &company.token().seal(), &[("scope", "identity")]).await.is(200);
    let token = answer.text_of("access_token");
    let claims = jwt::claims(&token);
    assert_eq!(
        (&answer["scope"], &claims["sub"]),
        (&json!("identity"), &json!(format!("user:{}", company.pat)))
    );
    let decided = company.tenant.decide(&token, "", json!({}), json!({"scope": "read:docs"})).await.is(200);
    assert_eq!(decided["decision"], false);
    company.directory.set_active(&company.pat, false).await;
    assert!(!company.tenant.is_active(&token).await);
});

on_both_databases!(it_ends_with_the_persons_token, async |db| {
    let company = Company::new(db).await;
    let answer = company.ask(&company.token().lives(60).seal()).await.is(200);
    let token = answer.text_of("access_token");
    let claims = jwt::claims(&token);
    let left = answer["expires_in"].as_i64().unwrap();
    assert!((50..=60).contains(&left), "{left}");
    let below = company.crawler.exchange(&token, &[READ, ("expires_in", "3000")]).await.is(200);
    let child = jwt::claims(&below.text_of("access_token"));
    assert!(child["exp"].as_u64() <= claims["exp"].as_u64(), "{child}");
    // Longer than the tenant gives is not longer; shorter is.
    let long = company.ask(&company.token().lives(86_400).seal()).await.is(200);
    let own = company.crawler.token(&[READ]).await.is(200);
    assert_eq!(long["expires_in"], own["expires_in"]);
    let short = exchange(&company.crawler, &company.token().seal(), &[READ, ("expires_in", "20")]).await;
    assert_eq!(short.is(200)["expires_in"], 20);
    // Within the leeway it is accepted, and leaves nothing to live.
    let now = jwt::now();
    let ended = company.token().claim("iat", now - 60).claim("nbf", now - 60).claim("exp", now - 5).seal();
    company.refused("ended a moment ago", company.ask(&ended).await);
});

on_both_databases!(no_worker_is_named_and_an_actor_token_is_the_clients_own, async |db| {
    let company = Company::new(db).await;
    let (crawler, subject) = (&company.crawler, company.token().seal());
    let named = exchange(crawler, &subject, &[READ, ("delegate_name", "worker")]).await;
    named.is_oauth_error(400, "invalid_request");
    let proof = exchange(crawler, &subject, &[READ, ("subject_token_proof", "a.b.c")]).await;
    proof.is_oauth_error(400, "invalid_request");
    exchange(crawler, &subject, &[READ]).await.is(200);

    let other = company.tenant.agent("other", &["read:docs"]).await;
    let (own, foreign) = (crawler.access_token("read:docs").await, other.access_token("read:docs").await);
    let acting = async |actor: &str, kind: &str| {
        exchange(crawler, &subject, &[READ, ("actor_token", actor), ("actor_token_type", kind)]).await
    };
    let answer = acting(&own, ACCESS_TOKEN).await.is(200);
    let claims = jwt::claims(&answer.text_of("access_token"));
    assert_eq!(claims["act"], json!({"sub": claims["agent"]["spiffe_id"]}));
    for (actor, kind) in [
        (foreign.as_str(), ACCESS_TOKEN),
        ("nonsense", ACCESS_TOKEN),
        (&own, ID_TOKEN),
        (&own, JWT),
        (&subject, ID_TOKEN),
    ] {
        company.refused(kind, acting(actor, kind).await);
    }
    company.tenant.revoke(json!({"credential": jwt::claims(&own)["jti"]})).await;
    company.refused("a dead actor", acting(&own, ACCESS_TOKEN).await);
    exchange(crawler, &subject, &[READ, ("actor_token", &own)]).await.is_oauth_error(400, "invalid_request");
});

on_both_databases!(the_persons_token_is_nowhere_afterwards, async |db| {
    let company = Company::new(db).await;
    let before = company.tenant.events().await.len();
    let good = company.token().claim("email", "pat.private@example.net").seal();
    let bad = company.upstream.token("somebody-private", AUDIENCE).seal();
    company.ask(&good).await.is(200);
    company.refused("unknown", company.ask(&bad).await);
    let events = serde_json::to_string(&company.tenant.events().await[before..]).unwrap();
    let log = company.server.log();
    assert!(events.contains(&company.pat), "who it was is told");
    assert!(log.contains("a token names nobody"), "the log says why");
    for secret in [good.as_str(), &bad, good.rsplit('.').next().unwrap(), "pat.private@example.net"] {
        assert!(!events.contains(secret) && !log.contains(secret), "{secret}");
    }
    for claim in ["somebody-private", PAT] {
        assert!(!events.contains(claim), "{claim}: {events}");
    }
});
