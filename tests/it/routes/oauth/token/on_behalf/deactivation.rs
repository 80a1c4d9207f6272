//! The person leaves: what acts for them dies with the PATCH that says so, in every form, though the agents are
//! somebody else's and go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deputy_tests::{Database, Holder, capability, eventually, on_both_databases};
use serde_json::json;
use tokio::task::JoinSet;

use super::below::{attenuating_of, capability_of, proof, searcher};
use super::{Company, EXCHANGE, ID_TOKEN, PAT, READ, exchange};

/// Tokens on the person's behalf, of each form, with what they are.
async fn forms(company: &Company) -> Vec<(&'static str, String)> {
    let crawler = &company.crawler;
    let root = company.on_behalf().await;
    let child = crawler.exchange(&root, &[READ, ("delegate_name", "worker")]).await.is(200);
    let child = child.text_of("access_token");
    let grandchild = crawler.exchange(&child, &[READ]).await.is(200).text_of("access_token");
    let top = capability_of(company).await;
    let offline = capability::narrowed(&top, "worker", json!({}));
    let deeper = capability::narrowed(&offline, "parser", json!({}));
    let online = crawler.exchange_capability(&offline, &[READ]).await.is(200).text_of("access_token");
    let below = [READ, ("requested_token_type", capability::TOKEN_TYPE)];
    let sealed = crawler.exchange(&root, &below).await.is(200).text_of("access_token");
    let sealed_offline = capability::narrowed(&sealed, "worker", json!({}));
    vec![
        ("root", root),
        ("child", child),
        ("grandchild", grandchild),
        ("capability", top),
        ("offline", offline),
        ("deeper offline", deeper),
        ("brought online", online),
        ("capability below", sealed),
        ("offline below", sealed_offline),
    ]
}

on_both_databases!(a_leaver_takes_every_form_with_them_and_nothing_comes_back, async |db| {
    let company = Company::new(db).await;
    let tenant = &company.tenant;
    let searcher = searcher(&company).await;
    let [top, worker] = [Holder::ed25519(), Holder::ed25519()];
    let mut tokens = forms(&company).await;
    let attenuating = attenuating_of(&company, &searcher, &top).await.is(200).text_of("access_token");
    tokens.push(("attenuating, offline", top.derive(&attenuating, &worker, "worker", |_| {})));
    tokens.push(("attenuating", attenuating));
    let bound = {
        let (key, subject) = (Holder::p256(), company.token().seal());
        let fields =
            [("grant_type", EXCHANGE), ("subject_token", &*subject), ("subject_token_type", ID_TOKEN), READ];
        let proved = proof(tenant, &key);
        let answer = company.crawler.post_proved("/oauth/token", &fields, &[&proved]).await;
        answer.is(200).text_of("access_token")
    };
    tokens.push(("bound", bound));
    let own = company.crawler.access_token("read:docs").await;
    for (what, token) in &tokens {
        assert!(tenant.is_active(token).await, "{what}");
    }
    company.directory.set_active(&company.pat, false).await;
    for (what, token) in &tokens {
        assert!(!tenant.is_active(token).await, "{what} is alive after the answer");
        let context = json!({"scope": "read:docs"});
        assert_eq!(tenant.decide(token, "", json!({}), context).await.is(200)["decision"], false, "{what}");
    }
    // What was not there yet when she left.
    let late = capability::narrowed(&tokens[3].1, "late", json!({}));
    assert!(!tenant.is_active(&late).await);
    company.refused("root", company.crawler.exchange(&tokens[0].1, &[READ]).await);
    company.refused("offline", company.crawler.exchange_capability(&tokens[4].1, &[READ]).await);
    company.refused("herself", company.ask_good().await);
    // It is she who is gone, not the agent, nor its owner.
    assert!(tenant.is_active(&own).await);
    assert_eq!(tenant.api.get("/agents/crawler").await.is(200)["orphaned"], false);
    company.crawler.token(&[READ]).await.is(200);
    company.directory.set_active(&company.pat, true).await;
    for (what, token) in &tokens {
        assert!(!tenant.is_active(token).await, "{what} came back");
    }
    assert!(!tenant.is_active(&capability::narrowed(&tokens[3].1, "later", json!({}))).await);
    assert!(tenant.is_active(&company.on_behalf().await).await, "what is issued from now on lives");
});

on_both_databases!(each_way_of_leaving_kills, async |db| {
    let company = Company::new(db).await;
    let path = format!("/Users/{}", company.pat);
    let urn = "urn:ietf:params:scim:schemas:core:2.0:User";
    let (root, offline) =
        (company.on_behalf().await, capability::narrowed(&capability_of(&company).await, "a", json!({})));
    let put = json!({"schemas": [urn], "userName": "pat@example.com", "externalId": PAT, "active": false});
    company.directory.scim.put(&path, put).await.is(200);
    assert!(!company.tenant.is_active(&root).await && !company.tenant.is_active(&offline).await, "PUT");
    company.directory.set_active(&company.pat, true).await;
    let (root, offline) =
        (company.on_behalf().await, capability::narrowed(&capability_of(&company).await, "a", json!({})));
    assert!(company.tenant.is_active(&root).await && company.tenant.is_active(&offline).await);
    company.directory.scim.delete(&path).await.is(204);
    assert!(!company.tenant.is_active(&root).await && !company.tenant.is_active(&offline).await, "DELETE");
});

on_both_databases!(nothing_is_accepted_after_the_answer, async |db| {
    let company = Arc::new(Company::new(db).await);
    let root = company.on_behalf().await;
    let offline = capability::narrowed(&capability_of(&company).await, "worker", json!({}));
    let own = company.crawler.access_token("read:docs").await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut asking = JoinSet::new();
    for (what, token) in [("root", root), ("offline", offline), ("own", own)] {
        let (company, stop) = (company.clone(), stop.clone());
        asking.spawn(async move {
            let mut accepted = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let asked = Instant::now();
                let context = json!({"scope": "read:docs", "dry_run": true});
                let decided = company.tenant.decide(&token, "", json!({}), context).await.is(200);
                if decided["decision"] == true {
                    accepted.push(asked);
                }
            }
            (what, accepted)
        });
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    company.directory.set_active(&company.pat, false).await;
    let answered = Instant::now();
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.store(true, Ordering::Relaxed);
    for (what, accepted) in asking.join_all().await {
        assert!(accepted.len() > 3, "the {what} was in use");
        let after = accepted.iter().filter(|asked| **asked > answered).count();
        assert_eq!(after > 0, what == "own", "{what}: {after} accepted after the answer");
    }
});

#[tokio::test]
async fn what_one_server_is_told_the_other_keeps_to() {
    if !Database::has_postgres() {
        return;
    }
    let company = Company::new(Database::Postgres).await;
    let replica = company.server.replica();
    let there = company.tenant.through(&replica);
    let crawler = company.crawler.through(&there);
    let ask = async || exchange(&crawler, &company.token().seal(), &[READ]).await;
    let known = async || ask().await.status == 200;
    eventually("the provider is known there", Duration::from_secs(5), known).await;
    let offline = capability::narrowed(&capability_of(&company).await, "worker", json!({}));
    let tokens = [ask().await.is(200).text_of("access_token"), company.on_behalf().await, offline];
    company.directory.set_active(&company.pat, false).await;
    company.refused("at once, wherever it is asked", ask().await);
    for token in &tokens {
        assert!(!company.tenant.is_active(token).await);
        eventually("dead there", Duration::from_secs(5), async || !there.is_active(token).await).await;
    }
    company.directory.set_active(&company.pat, true).await;
    eventually("she is back", Duration::from_secs(5), known).await;
    for token in &tokens {
        assert!(!there.is_active(token).await && !company.tenant.is_active(token).await);
    }
}

/// How many exchanges run against the deactivation.
const EXCHANGES: usize = 200;

on_both_databases!(a_race_leaves_no_survivor, async |db| {
    let company = Arc::new(Company::new(db).await);
    company.ask_good().await.is(200);
    let kind = ("requested_token_type", capability::TOKEN_TYPE);
    let mut exchanges = JoinSet::new();
    for number in 0..EXCHANGES {
        let company = company.clone();
        exchanges.spawn(async move {
            // Some come early, some late.
            tokio::time::sleep(Duration::from_millis(number as u64 % 40 * 5)).await;
            let fields = if number.is_multiple_of(2) { vec![READ] } else { vec![READ, kind] };
            exchange(&company.crawler, &company.token().seal(), &fields).await
        });
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    company.directory.set_active(&company.pat, false).await;
    let (mut made, mut refused) = (0, 0);
    for answer in exchanges.join_all().await {
        if answer.status == 200 {
            made += 1;
            assert!(!company.tenant.is_active(&answer.text_of("access_token")).await, "a survivor");
        } else {
            refused += 1;
            company.refused("late", answer);
        }
    }
    assert!(made > 0 && refused > 0, "{made} before, {refused} after");
    let path = format!("/tokens?live=true&agent={}", company.crawler.id);
    assert!(company.tenant.api.get(&path).await.is(200).items().is_empty());
});
