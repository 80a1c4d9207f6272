//! The provider's keys as time goes on: rotation, withdrawal, floods of unknown keys, outages, and answers that are none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deputy_tests::issuer::{Alg, Behaviour, DISCOVERY, JWKS, Key};
use deputy_tests::{Directory, Issuer, Upstream, eventually, jwt, on_both_databases, upstream};
use serde_json::json;
use tokio::task::JoinSet;

use super::{ACCESS_TOKEN, AUDIENCE, Company, PAT, READ, exchange, exchange_as, server};

/// Longer than no provider is asked again, and some.
const PATIENCE: Duration = Duration::from_secs(30);

on_both_databases!(a_rotation_is_followed_and_a_withdrawn_key_is_dead_by_its_age, async |db| {
    let company = Company::new(db).await;
    company.upstream.cache_control(JWKS, "max-age=1");
    let before = company.token().seal();
    company.ask(&before).await.is(200);
    company.upstream.rotate();
    // The set is a second old at least, and not asked for again within ten: until then it serves as it is.
    let fresh = async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        company.ask_good().await.status == 200
    };
    let took = eventually("the new key is known", PATIENCE, fresh).await;
    assert!(took < Duration::from_secs(15), "{took:?}");
    company.refused("withdrawn", company.ask(&before).await);
    assert_eq!((company.upstream.hits(DISCOVERY), company.upstream.hits(JWKS)), (2, 2));
});

on_both_databases!(a_new_key_is_asked_for_at_once_and_others_never_leave, async |db| {
    let company = Company::new(db).await;
    // The cool-down counts from the last time of asking: here, none.
    let next = company.upstream.publish_next(Alg::Es256);
    company.ask_good().await.is(200);
    company.upstream.sign_with(&next);
    company.ask_good().await.is(200);
    assert_eq!(company.upstream.hits(JWKS), 1, "both stood in the set");
});

on_both_databases!(keys_that_say_less_of_themselves, async |db| {
    for member in ["alg", "use", "kid"] {
        let company = Company::new(db).await;
        company.upstream.keys_without(member);
        let good = company.token();
        let good = if member == "kid" { good.header_without("kid") } else { good };
        company.ask(&good.clone().seal()).await.is(200);
        for (form, token) in good.confused() {
            company.refused(form, company.ask(&token.seal()).await);
        }
        company.refused("another key", company.ask(&good.signed_by(&Key::generate(Alg::Es256)).seal()).await);
    }
});

on_both_databases!(a_flood_of_unknown_keys_asks_hardly_ever, async |db| {
    let company = Arc::new(Company::new(db).await);
    company.ask_good().await.is(200);
    let mut flood = JoinSet::new();
    for number in 0..50 {
        let company = company.clone();
        flood.spawn(async move {
            let token = company.token().header("kid", format!("unknown-{number}"));
            company.refused("unknown", company.ask(&token.seal()).await);
        });
    }
    flood.join_all().await;
    assert!(company.upstream.hits(JWKS) <= 2, "{}", company.upstream.hits(JWKS));
    assert!(company.upstream.hits(DISCOVERY) <= 2);
    company.ask_good().await.is(200);
});

on_both_databases!(many_at_once_ask_once, async |db| {
    let company = Arc::new(Company::new(db).await);
    let mut asking = JoinSet::new();
    for _ in 0..20 {
        let company = company.clone();
        asking.spawn(async move { drop(company.ask_good().await.is(200)) });
    }
    asking.join_all().await;
    assert_eq!((company.upstream.hits(DISCOVERY), company.upstream.hits(JWKS)), (1, 1));
});

on_both_databases!(while_it_is_down_known_keys_serve_and_an_unknown_provider_is_a_503, async |db| {
    let company = Company::new(db).await;
    let second = Issuer::start().await;
    let entry = json!({"issuer": second.url(), "audiences": [AUDIENCE]});
    company.tenant.api.post("/identity-providers", entry).await.is(201);
    company.ask_good().await.is(200);
    company.upstream.stop().await;
    second.stop().await;
    company.ask_good().await.is(200);
    company.refused("an unknown key", company.ask(&company.token().header("kid", "other").seal()).await);
    let of_second = second.token(PAT, AUDIENCE).seal();
    for _ in 0..2 {
        let refused = company.ask(&of_second).await.is_oauth_error(503, "temporarily_unavailable");
        assert!(refused.header("retry-after").is_some());
    }
    // What needs no provider goes on.
    company.crawler.token(&[READ]).await.is(200);
    second.start_again();
    let back = async || company.ask(&of_second).await.status == 200;
    eventually("it is asked again", PATIENCE, back).await;
});

on_both_databases!(answers_that_are_none_are_refused_in_bounded_time, async |db| {
    let company = Company::without_provider(server(db)).await;
    let tenant = &company.tenant;
    let redirected = Behaviour::Redirect(company.upstream.at(JWKS));
    let private = Issuer::start().await;
    let mut asked = JoinSet::new();
    for (what, path, behaviour) in [
        ("hangs", JWKS, Behaviour::Hang),
        ("hangs at once", DISCOVERY, Behaviour::Hang),
        ("drips", JWKS, Behaviour::Drip(Duration::from_millis(200))),
        ("huge", JWKS, Behaviour::Huge),
        ("endless", JWKS, Behaviour::Endless),
        ("endless discovery", DISCOVERY, Behaviour::Endless),
        ("redirects", JWKS, redirected.clone()),
        ("redirects at once", DISCOVERY, redirected),
        ("500", JWKS, Behaviour::Status(500)),
        ("404", DISCOVERY, Behaviour::Status(404)),
        ("no JSON", JWKS, Behaviour::Text("<html>".to_owned())),
        ("no keys", JWKS, Behaviour::Text(r#"{"keys":[]}"#.to_owned())),
        ("closes", JWKS, Behaviour::Close),
    ] {
        let issuer = Issuer::start().await;
        issuer.behave(path, behaviour);
        let entry = json!({"issuer": issuer.url(), "audiences": [AUDIENCE]});
        tenant.api.post("/identity-providers", entry).await.is(201);
        let crawler = company.crawler.clone();
        asked.spawn(async move {
            let start = Instant::now();
            let answer = exchange(&crawler, &issuer.token(PAT, AUDIENCE).seal(), &[READ]).await;
            (what, answer, start.elapsed())
        });
    }
    // A document that speaks for somebody else, or sends the server to where it may not go.
    for (what, member, value) in [
        ("another issuer", "issuer", json!("https://id.example.com")),
        ("keys in a private network", "jwks_uri", json!("http://10.1.2.3/jwks.json")),
        ("keys in a file", "jwks_uri", json!("file:///etc/passwd")),
        ("keys by http", "jwks_uri", json!("http://id.example.com/jwks.json")),
    ] {
        let issuer = Issuer::start().await;
        issuer.discovery(member, value);
        let entry = json!({"issuer": issuer.url(), "audiences": [AUDIENCE]});
        tenant.api.post("/identity-providers", entry).await.is(201);
        let crawler = company.crawler.clone();
        asked.spawn(async move {
            let start = Instant::now();
            let answer = exchange(&crawler, &issuer.token(PAT, AUDIENCE).seal(), &[READ]).await;
            (what, answer, start.elapsed())
        });
    }
    // Meanwhile other providers, agents and tenants are served.
    company.provider(json!({"audiences": [AUDIENCE]})).await;
    let start = Instant::now();
    company.ask_good().await.is(200);
    company.crawler.token(&[READ]).await.is(200);
    let other = company.server.tenant().await;
    let entry = json!({"issuer": private.url(), "audiences": [AUDIENCE]});
    other.api.post("/identity-providers", entry).await.is(201);
    let directory = Directory::of(&other).await;
    directory.user_with("pat@example.com", json!({"externalId": PAT})).await;
    other.role("reader", &["read:docs"]).await;
    other.bind("reader", "user:pat@example.com").await;
    let may = json!({"may_act_for": ["user:pat@example.com"]});
    let agent = other.agent_with("crawler", &["read:docs"], may, json!({})).await;
    exchange(&agent, &private.token(PAT, AUDIENCE).seal(), &[READ]).await.is(200);
    assert!(start.elapsed() < Duration::from_secs(4), "held up for {:?}", start.elapsed());
    for (what, answer, took) in asked.join_all().await {
        assert_eq!(answer.status, 503, "{what}: {}", answer.text);
        assert!(answer.header("retry-after").is_some(), "{what}");
        assert!(took < Duration::from_secs(20), "{what} took {took:?}");
    }
});

on_both_databases!(a_provider_that_we_did_not_write_rotates_and_is_away_for_a_while, async |db| {
    let accounts = json!({"pat": {"groups": ["crm"], "department": "R&D"}});
    let Some(provider) = Upstream::start(json!([]), accounts) else { return };
    let company = Company::without_provider(server(db)).await;
    company
        .directory
        .patch(
            &format!("/Users/{}", company.pat),
            json!([{"op": "replace", "path": "externalId", "value": "pat"}]),
        )
        .await
        .is(200);
    let api = "https://api.example.com";
    let entry = json!({
        "issuer": provider.issuer(), "audiences": [upstream::OWN_CLIENT, upstream::OWN_CLIENT_ES256, api],
        "claim_mappings": [{"claim": "groups", "contains": "crm", "role": "crawler-role"}],
    });
    company.tenant.api.post("/identity-providers", entry).await.is(201);
    let both = [("scope", "read:docs write:docs")];
    for token in [provider.id_token("pat").await, provider.id_token_es256("pat").await] {
        let answer = exchange(&company.crawler, &token, &both).await.is(200);
        assert_eq!(answer["scope"], "read:docs write:docs", "by her group, as the ID token says it");
        assert_eq!(jwt::claims(&answer.text_of("access_token"))["sub"], format!("user:{}", company.pat));
    }
    let access = provider.access_token("pat", api).await;
    assert_eq!(jwt::header(&access)["typ"], "at+jwt");
    exchange_as(&company.crawler, ACCESS_TOKEN, &access, &[READ]).await.is(200);
    let other = provider.id_token("kim").await;
    company.refused("somebody else", exchange(&company.crawler, &other, &[READ]).await);

    provider.stop();
    exchange(&company.crawler, &access, &[READ]).await.is(200);
    provider.answer();
    provider.rotate_keys();
    let fresh = provider.id_token("pat").await;
    let known = async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        exchange(&company.crawler, &fresh, &[READ]).await.status == 200
    };
    eventually("the new keys are known", PATIENCE, known).await;
    company.refused("the old key", exchange(&company.crawler, &access, &[READ]).await);
});
