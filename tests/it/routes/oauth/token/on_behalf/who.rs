//! For whom an agent may act: its owners, when nothing is said; exactly those who are named, when something is.

use deputy_tests::{Client, on_both_databases};
use serde_json::{Value, json};

use super::{AUDIENCE, Company, PAT, READ, exchange};

/// Whether the agent may act for this person.
async fn may(company: &Company, agent: &Client, sub: &str) -> bool {
    let answer = exchange(agent, &company.upstream.token(sub, AUDIENCE).seal(), &[READ]).await;
    if answer.status != 200 {
        company.refused(sub, answer);
        return false;
    }
    true
}

async fn kim(company: &Company) -> String {
    let kim = company.directory.user_with("kim@example.com", json!({"externalId": "00u-kim"})).await;
    company.tenant.bind("reader", "user:kim@example.com").await;
    kim
}

on_both_databases!(its_owners_when_nothing_is_said, async |db| {
    let company = Company::new(db).await;
    let kim = kim(&company).await;
    let owned = json!({"owners": ["user:pat@example.com"]});
    let agent = company.tenant.agent_with("owned", &["read:docs"], owned, json!({})).await;
    assert!(may(&company, &agent, PAT).await);
    assert!(!may(&company, &agent, "00u-kim").await);
    // A group that owns it, and a group in that.
    let inner = company.directory.group("inner", &[&kim]).await;
    let outer = company.directory.group("outer", &[&inner, &company.pat]).await;
    let owners = json!({"owners": ["group:outer"]});
    company.tenant.api.put("/agents/owned/owners", owners).await.is(200);
    assert!(may(&company, &agent, "00u-kim").await && may(&company, &agent, PAT).await);
    company.directory.part(&inner, &kim).await;
    assert!(!may(&company, &agent, "00u-kim").await, "out of the group, and at once");
    assert!(may(&company, &agent, PAT).await);
    company.directory.part(&outer, &company.pat).await;
    company.directory.join(&inner, &kim).await;
    assert!(may(&company, &agent, "00u-kim").await && !may(&company, &agent, PAT).await);
});

on_both_databases!(exactly_those_who_are_named, async |db| {
    let company = Company::new(db).await;
    let kim = kim(&company).await;
    company.directory.group("desk", &[&kim]).await;
    let agent = &company.crawler;
    let set = async |may_act_for: Value| {
        company.tenant.api.patch("/agents/crawler", json!({"may_act_for": may_act_for})).await.is(200);
        (may(&company, agent, PAT).await, may(&company, agent, "00u-kim").await)
    };
    assert_eq!(set(json!(["user:pat@example.com"])).await, (true, false));
    assert_eq!(set(json!(["user:kim@example.com"])).await, (false, true));
    assert_eq!(set(json!(["group:desk"])).await, (false, true));
    assert_eq!(set(json!(["user:pat@example.com", "group:desk"])).await, (true, true));
    assert_eq!(set(json!([])).await, (false, false), "nobody is nobody");
    let owners = json!({"owners": ["user:pat@example.com"]});
    company.tenant.api.put("/agents/crawler/owners", owners).await.is(200);
    assert_eq!(set(json!([])).await, (false, false), "nor an owner");
    assert_eq!(set(json!(["user:kim@example.com"])).await, (false, true), "an owner is not named");
    assert_eq!(set(Value::Null).await, (true, false));
});
