//! Answers that nobody asked for, that were asked for by somebody else, and that do not hold.

use deputy_tests::issuer::{Alg, Key, Token};
use deputy_tests::on_both_databases;

use super::{Place, cookie, refused, server};

/// A query with another value of a member.
fn with(query: &str, name: &str, value: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((found, _)) if found == name => format!("{name}={value}"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn member<'q>(query: &'q str, name: &str) -> &'q str {
    let found = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name);
    found.expect(name).1
}

on_both_databases!(an_answer_counts_once, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let attempt = place.begin().await;
    let query = place.query(&attempt).await;
    // What is no answer uses nothing up.
    place.come_back(Some(&attempt.cookie), &format!("{query}&state=x")).await.is(400);
    place.come_back(Some(&attempt.cookie), &query).await.is(200);
    refused(&place.come_back(Some(&attempt.cookie), &query).await, 401, "Begin again");
    // A bad answer uses the attempt up as well, so that nobody tries twice.
    let attempt = place.begin().await;
    let query = place.query(&attempt).await;
    let wrong = with(&query, "state", "another");
    refused(&place.come_back(Some(&attempt.cookie), &wrong).await, 401, "Begin again");
    refused(&place.come_back(Some(&attempt.cookie), &query).await, 401, "Begin again");
    place.attempt().await.is(200);
});

on_both_databases!(an_attempt_belongs_to_one_browser, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let (mine, other) = (place.begin().await, place.begin().await);
    let (query, others) = (place.query(&mine).await, place.query(&other).await);
    refused(&place.come_back(None, &query).await, 401, "Begin again");
    refused(&place.come_back(Some("deputy_sign_in=short"), &query).await, 401, "Begin again");
    let twice = format!("{}; {}", mine.cookie, other.cookie);
    refused(&place.come_back(Some(&twice), &query).await, 401, "Begin again");
    // Somebody is lured to the end of another person's attempt.
    refused(&place.come_back(Some(&mine.cookie), &others).await, 401, "Begin again");
    place.come_back(Some(&other.cookie), &others).await.is(200);
});

on_both_databases!(a_code_of_one_attempt_is_worth_nothing_in_another, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let (mine, other) = (place.begin().await, place.begin().await);
    let (query, others) = (place.query(&mine).await, place.query(&other).await);
    let injected = with(&query, "code", member(&others, "code"));
    refused(&place.come_back(Some(&mine.cookie), &injected).await, 401, "does not hold");
    // The attempt is that of one tenant, too.
    let elsewhere = Place::on(&server).await;
    let attempt = place.begin().await;
    let query = place.query(&attempt).await;
    refused(&elsewhere.come_back(Some(&attempt.cookie), &query).await, 401, "Begin again");
    place.come_back(Some(&attempt.cookie), &query).await.is(200);
});

on_both_databases!(an_id_token_that_does_not_hold_signs_nobody_in, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let key = Key::generate(Alg::Es256);
    type Twist = Box<dyn Fn(Token) -> Token + Send>;
    let twists: [(&str, Twist); 11] = [
        ("another nonce", Box::new(|token| token.claim("nonce", "another"))),
        ("no nonce", Box::new(|token| token.without("nonce"))),
        ("another audience", Box::new(|token| token.claim("aud", "another"))),
        ("another party", Box::new(|token| token.claim("azp", "another"))),
        ("another issuer", Box::new(|token| token.claim("iss", "https://evil.example.com"))),
        ("expired", Box::new(Token::expired)),
        ("not yet valid", Box::new(Token::not_yet_valid)),
        ("another key", Box::new(move |token| token.signed_by(&key))),
        ("unsigned", Box::new(Token::unsigned)),
        ("changed afterwards", Box::new(|token| token.tampered("sub", "00u9nobody"))),
        ("nobody", Box::new(|token| token.without("sub"))),
    ];
    for (what, twist) in twists {
        place.issuer.id_tokens(twist);
        let answer = place.attempt().await;
        assert_eq!(
            (answer.status, cookie(&answer, "deputy_session")),
            (401, None),
            "{what}: {}",
            answer.text
        );
        assert!(answer.text.contains("does not hold"), "{what}: {}", answer.text);
    }
    place.issuer.behave_well();
    place.attempt().await.is(200);
});

on_both_databases!(an_answer_of_another_issuer_is_refused, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    for iss in [Some("https://evil.example.com"), None] {
        // The provider says that it always names itself (RFC 9207 §2.4).
        place.issuer.response("iss", iss);
        refused(&place.attempt().await, 401, "does not hold");
        place.issuer.behave_well();
    }
    place.attempt().await.is(200);
});

on_both_databases!(what_the_provider_refuses_is_not_repeated, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let said = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let attempt = place.begin().await;
    let state = member(&place.query(&attempt).await, "state").to_owned();
    let iss = reqwest::Url::parse_with_params("http://x/", [("iss", place.issuer.url())]).unwrap();
    let iss = iss.query().unwrap();
    let query = format!("error=access_denied&error_description={said}&state={state}&{iss}");
    let answer = place.come_back(Some(&attempt.cookie), &query).await;
    refused(&answer, 401, "it was declined there");
    assert!(!answer.text.contains("alert(1)"));
    // With a code beside the error, too.
    let attempt = place.begin().await;
    let query = place.query(&attempt).await;
    let answer = place.come_back(Some(&attempt.cookie), &format!("{query}&error={said}")).await;
    refused(&answer, 401, "The identity provider did not sign you in.");
    assert!(!answer.text.contains("alert(1)"));
    place.attempt().await.is(200);
});

on_both_databases!(who_comes_back_wrongly_too_often_has_to_wait, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let root = place.tenant.root.clone();
        tries.spawn(async move {
            for _ in 0..100 {
                let answer = root.get("/sign-in/callback?state=s&code=c").await;
                if answer.status != 401 {
                    return Some(answer.is(429).header("retry-after").expect("how long"));
                }
            }
            None
        });
    }
    let waits = tries.join_all().await.into_iter().flatten().filter_map(|secs| secs.parse::<u64>().ok());
    let longest = waits.max().expect("somebody has to wait");
    tokio::time::sleep(std::time::Duration::from_secs(longest + 1)).await;
    place.attempt().await.is(200);
});
