//! Who answers for agents, as an identity provider changes it: by each way in which the last live owner can go, and
//! what is left in force after that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deputy_tests::{Directory, Tenant, capability, on_both_databases};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const DOCS: &[(&str, &str)] = &[("scope", "read:docs")];

/// Whether the agent has no live owner, as the management API and SCIM say it.
async fn is_orphan(tenant: &Tenant, directory: &Directory, agent: &str) -> bool {
    let shown = tenant.api.get(&format!("/agents/{agent}")).await.is(200);
    let provisioned = directory.scim.get(&format!("/Agents/{}", shown.text_of("id"))).await.is(200);
    let lifecycle = &provisioned["urn:deputy:scim:schemas:extension:2.0:Agent"]["lifecycle"];
    assert_eq!(shown["orphaned"] == true, lifecycle == "orphaned", "{agent}");
    shown["orphaned"] == true
}

async fn set_owners(tenant: &Tenant, agent: &str, owners: &[&str]) {
    tenant.api.put(&format!("/agents/{agent}/owners"), json!({"owners": owners})).await.is(200);
}

on_both_databases!(every_way_of_leaving_orphans_and_coming_back_restores, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    let crawler = tenant.agent("crawler", &["read:docs"]).await;
    let alice = directory.find("alice@example.com").await;
    let put = async |active: bool| {
        let body = json!({"schemas": [USER], "userName": "alice@example.com", "active": active});
        directory.scim.put(&format!("/Users/{alice}"), body).await.is(200);
    };
    for leaves_by_put in [true, false] {
        let token = crawler.access_token("read:docs").await;
        if leaves_by_put {
            put(false).await
        } else {
            directory.set_active(&alice, false).await
        }
        assert!(is_orphan(&tenant, &directory, "crawler").await);
        assert!(!tenant.is_active(&token).await);
        crawler.token(DOCS).await.is_oauth_error(401, "invalid_client");
        tenant.api.post("/agents/crawler/reactivate", json!({})).await.is_problem(409);
        if leaves_by_put {
            put(true).await
        } else {
            directory.set_active(&alice, true).await
        }
        assert!(!is_orphan(&tenant, &directory, "crawler").await);
        assert!(!tenant.is_active(&token).await, "what died stays dead");
        assert!(tenant.is_active(&crawler.access_token("read:docs").await).await);
    }
    // What a client leaves out activates and deactivates nobody.
    directory
        .scim
        .put(&format!("/Users/{alice}"), json!({"schemas": [USER], "userName": "alice@example.com"}))
        .await
        .is(200);
    assert!(!is_orphan(&tenant, &directory, "crawler").await);
    let token = crawler.access_token("read:docs").await;
    directory.scim.delete(&format!("/Users/{alice}")).await.is(204);
    assert!(is_orphan(&tenant, &directory, "crawler").await && !tenant.is_active(&token).await);
    let told = tenant.api.get(&format!("/events?subject=user:{alice}&action=user.deleted")).await.is(200);
    assert_eq!(told.items().len(), 1, "the log knows people who are gone");
    // Somebody of the same name is somebody else.
    let again = directory.user("alice@example.com").await;
    assert_ne!(again, alice);
    assert!(is_orphan(&tenant, &directory, "crawler").await);
    tenant.api.post("/orphans/crawler/assign", json!({"owner": "user:alice@example.com"})).await.is(200);
    assert!(!is_orphan(&tenant, &directory, "crawler").await);
});

on_both_databases!(a_group_answers_while_somebody_active_is_in_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    let crawler = tenant.agent("crawler", &["read:docs"]).await;
    let (bob, carol) = (directory.user("bob@example.com").await, directory.user("carol@example.com").await);
    let inner = directory.group("inner", &[&bob]).await;
    let outer = directory.group("outer", &[&inner]).await;
    set_owners(&tenant, "crawler", &["group:outer"]).await;
    let token = crawler.access_token("read:docs").await;
    let orphaned = async || is_orphan(&tenant, &directory, "crawler").await;

    assert!(!orphaned().await);
    directory.join(&inner, &carol).await;
    directory.set_active(&bob, false).await;
    assert!(!orphaned().await && tenant.is_active(&token).await, "carol is left");
    directory.part(&inner, &carol).await;
    assert!(orphaned().await && !tenant.is_active(&token).await, "nobody active is left in the inner group");
    directory.join(&outer, &carol).await;
    assert!(!orphaned().await, "the outer group has one of its own");
    directory.scim.delete(&format!("/Users/{carol}")).await.is(204);
    assert!(orphaned().await);
    directory.set_active(&bob, true).await;
    assert!(!orphaned().await, "through two groups");
    directory.part(&outer, &inner).await;
    assert!(orphaned().await);
    directory.join(&outer, &inner).await;
    assert!(!orphaned().await);
    directory.scim.delete(&format!("/Groups/{inner}")).await.is(204);
    assert!(orphaned().await);
    // Agents in a group answer for nobody.
    let id = tenant.api.get("/agents/crawler").await.is(200).text_of("id");
    directory.join(&outer, &id).await;
    assert!(orphaned().await);
    let circle = json!([{"op": "add", "path": "members", "value": [{"value": outer}]}]);
    directory.patch(&format!("/Groups/{outer}"), circle).await.is_scim_error(400, Some("invalidValue"));
});

on_both_databases!(one_of_several_owners_is_enough_and_heirs_follow_their_parent, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    for name in ["bob@example.com", "carol@example.com"] {
        directory.user(name).await;
    }
    let top = tenant.agent("top", &["read:docs"]).await;
    set_owners(&tenant, "top", &["user:bob@example.com", "user:carol@example.com"]).await;
    for (name, parent) in [("heir", "top"), ("grandheir", "heir")] {
        tenant.api.post("/agents", json!({"name": name, "parent": parent})).await.is(201);
    }
    let own = json!({"name": "independent", "parent": "top", "owners": ["user:alice@example.com"]});
    tenant.api.post("/agents", own).await.is(201);
    tenant.api.post("/agents", json!({"name": "nobodys"})).await.is_problem(400);
    let token = top.access_token("read:docs").await;
    let orphans = async || -> Vec<String> {
        let found = tenant.api.get("/orphans").await.is(200);
        let mut names: Vec<String> =
            found.items().iter().map(|one| one["agent"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    directory.leaves("bob@example.com").await;
    assert!(orphans().await.is_empty() && tenant.is_active(&token).await);
    directory.leaves("carol@example.com").await;
    assert_eq!(orphans().await, ["grandheir", "heir", "top"]);
    assert!(!tenant.is_active(&token).await);
    let orphan = tenant.api.get("/orphans").await.is(200);
    let why = "user:bob@example.com is not active; user:carol@example.com is not active";
    let heir = orphan.items().iter().find(|one| one["agent"] == "heir").unwrap();
    assert_eq!(heir["why"], why);
    set_owners(&tenant, "heir", &["user:alice@example.com"]).await;
    assert_eq!(orphans().await, ["top"], "the grandheir follows the heir");
    // An agent that is provisioned without an owner is an orphan from its beginning.
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Agent"], "agentUserName": "stray"});
    directory.scim.post("/Agents", body).await.is(201);
    assert_eq!(orphans().await, ["stray", "top"]);
});

on_both_databases!(a_person_who_was_only_named_answers_until_the_sync_says_otherwise, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    let crawler = tenant.agent("crawler", &["read:docs"]).await;
    let owners = tenant.api.get("/agents/crawler/owners").await.is(200);
    assert_eq!((&owners.items()[0]["live"], &owners.items()[0]["unconfirmed"]), (&json!(true), &json!(true)));
    let named = owners.items()[0]["id"].as_str().unwrap().to_owned();
    let token = crawler.access_token("read:docs").await;
    let adopted = directory.user_with("alice@example.com", json!({"active": false})).await;
    assert_eq!(adopted, named);
    assert!(is_orphan(&tenant, &directory, "crawler").await && !tenant.is_active(&token).await);
    directory.set_active(&adopted, true).await;
    let owners = tenant.api.get("/agents/crawler/owners").await.is(200);
    assert_eq!(
        (&owners.items()[0]["live"], &owners.items()[0]["unconfirmed"]),
        (&json!(true), &json!(false))
    );
});

/// Asks again and again until it is told to stop; the instants at which an accepted question was asked.
fn ask<F: Future<Output = bool>>(
    stop: &Arc<AtomicBool>,
    accepted: impl Fn() -> F + 'static,
) -> impl Future<Output = Vec<Instant>> {
    let stop = stop.clone();
    async move {
        let mut instants = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let asked = Instant::now();
            if accepted().await {
                instants.push(asked);
            }
        }
        instants
    }
}

on_both_databases!(nothing_of_a_leaver_is_accepted_after_the_answer_and_one_query_tells_why, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    let may = json!({"may_delegate": true});
    let crawler = tenant.agent_with("crawler", &["read:docs"], json!({}), may).await;
    let kept = tenant
        .agent_with("kept", &["read:docs"], json!({"owners": ["user:kept@example.com"]}), json!({}))
        .await;
    let root = crawler.access_token("read:docs").await;
    let child = crawler
        .exchange(&root, &[("delegate_name", "worker"), ("scope", "read:docs")])
        .await
        .is(200)
        .text_of("access_token");
    let offline = capability::narrowed(&crawler.capability(DOCS).await, "offline", json!({}));
    let other = kept.access_token("read:docs").await;
    let alice = directory.find("alice@example.com").await;

    let stop = Arc::new(AtomicBool::new(false));
    let decided = |token: &str| {
        let (tenant, token) = (tenant.clone(), token.to_owned());
        move || {
            let (tenant, token) = (tenant.clone(), token.clone());
            async move {
                let context = json!({"scope": "read:docs", "dry_run": true});
                tenant.decide(&token, "", json!({}), context).await.is(200)["decision"] == true
            }
        }
    };
    let leave = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        directory.set_active(&alice, false).await;
        let answered = Instant::now();
        tokio::time::sleep(Duration::from_millis(300)).await;
        stop.store(true, Ordering::Relaxed);
        answered
    };
    let (by_root, by_child, by_offline, by_other, answered) = tokio::join!(
        ask(&stop, decided(&root)),
        ask(&stop, decided(&child)),
        ask(&stop, decided(&offline)),
        ask(&stop, decided(&other)),
        leave,
    );
    for (what, accepted) in [("root", by_root), ("child", by_child), ("offline child", by_offline)] {
        assert!(accepted.len() > 3, "the {what} was in use");
        assert!(accepted.iter().all(|asked| *asked < answered), "the {what} was accepted after the answer");
    }
    assert!(by_other.iter().any(|asked| *asked > answered), "somebody else's goes on");
    crawler.token(DOCS).await.is_oauth_error(401, "invalid_client");

    let told = tenant.api.get("/events?subject=alice@example.com&order=oldest").await.is(200);
    let told: Vec<(&Value, &Value)> =
        told.items().iter().map(|event| (&event["action"], &event["request_id"])).collect();
    let request = told.last().unwrap().1;
    let of_request: Vec<&str> =
        told.iter().filter(|(_, id)| *id == request).filter_map(|(action, _)| action.as_str()).collect();
    assert_eq!(
        of_request,
        ["user.deactivated", "revocation.created", "agent.orphaned", "revocation.created"],
        "one request, one transaction, one answer"
    );
});
