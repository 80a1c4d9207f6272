//! A tenant with many people, agents and a large group: what is found is right, whatever the size.
//!
//! The test run makes a small one; `cargo xtask bench --people 1000000` makes a large one of the same statements, and
//! prints what each request costs. Nothing here depends on a time.

use std::time::{Duration, Instant};

use deputy_tests::{Database, Directory, Server, Tenant, on_both_databases, setup};
use serde_json::json;

/// How many people there are, and how many agents.
fn size() -> (u32, u32) {
    let set = |name: &str| setup::variable(name).and_then(|text| text.parse().ok());
    let people = set("DEPUTY_SCALE_PEOPLE").unwrap_or(3_000);
    (people, set("DEPUTY_SCALE_AGENTS").unwrap_or(people / 10))
}

/// The numbers from 0 as `n(i)`, and `i` with leading zeros, in the words of a database.
fn numbers(database: Database, count: u32) -> (String, &'static str) {
    match database {
        Database::Sqlite => (
            format!("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) "),
            "printf('%08d', i)",
        ),
        Database::Postgres => {
            (format!("WITH n(i) AS (SELECT generate_series(0, {count} - 1)) "), "lpad(i::text, 8, '0')")
        }
    }
}

/// Fills the tenant while no server looks: people, one group of everybody up to 100,000, agents owned by the first.
async fn fill(server: &Server, people: u32, agents: u32) {
    let database = server.database();
    let id = |kind: char, padded: &str| format!("{padded} || '-0000-7000-8000-00000000000{kind}'");
    let (numbers_of_people, i) = numbers(database, people);
    let user = id('1', i);
    let document = |active: &str| {
        format!(
            "'{{\"userName\":\"user' || i || '@example.com\",\"externalId\":\"ext-' || i || '\",\"active\":{active},\
             \"name\":{{\"familyName\":\"f' || (i % 1000) || '\",\"givenName\":\"g\"}},\"emails\":[{{\"primary\":{active},\
             \"type\":\"work\",\"value\":\"user' || i || '@example.com\"}}]}}'"
        )
    };
    let (body, search) = (document("true"), document("1"));
    let users = format!(
        "{numbers_of_people} INSERT INTO users (tenant, id, user_name, user_folded, email, email_folded, active, \
         placeholder, external_id, created_at, updated_at, version, body, search) \
         SELECT t.id, {user}, 'user' || i || '@example.com', 'user' || i || '@example.com', \
         'user' || i || '@example.com', 'user' || i || '@example.com', 1, 0, 'ext-' || i, i, i, 1, {body}, {search} \
         FROM n, tenants t"
    );
    let emails = format!(
        "{numbers_of_people} INSERT INTO user_emails (tenant, user_id, place, value_folded, type_folded, is_primary) \
         SELECT t.id, {user}, 0, 'user' || i || '@example.com', 'work', 1 FROM n, tenants t"
    );
    let group = "INSERT INTO groups (tenant, id, name, name_folded, placeholder, created_at, updated_at) \
                 SELECT id, 'everybody', 'Everybody', 'everybody', 0, 0, 0 FROM tenants";
    let (numbers_of_members, _) = numbers(database, people.min(100_000));
    let members = format!(
        "{numbers_of_members} INSERT INTO group_members (tenant, group_id, member) \
         SELECT t.id, 'everybody', 'user:' || {user} FROM n, tenants t"
    );
    let (numbers_of_agents, _) = numbers(database, agents);
    let agent = id('2', i);
    let records = format!(
        "{numbers_of_agents} INSERT INTO records (tenant, kind, id, name, body, created_at, updated_at) \
         SELECT t.id, 'agent', {agent}, 'agent-' || i, '{{\"id\":\"' || {agent} || '\",\"name\":\"agent-' || i || \
         '\",\"state\":\"active\",\"owners\":[\"user:' || {user} || '\"],\"created_at\":0,\"updated_at\":0}}', 0, 0 \
         FROM n, tenants t"
    );
    let links = format!(
        "{numbers_of_agents} INSERT INTO record_links (tenant, kind, id, link) \
         SELECT t.id, 'agent', {agent}, 'user:' || {user} FROM n, tenants t"
    );
    for statement in [&users, &emails, group, &members, &records, &links] {
        server.store().execute(statement).await;
    }
    server.store().execute("ANALYZE").await;
}

/// What a kind of request costs: the middle and the slowest but one in a hundred.
async fn cost<F: Future<Output = ()>>(what: &str, times: u32, ask: impl Fn(u32) -> F) {
    let mut taken: Vec<Duration> = Vec::new();
    for n in 0..times {
        let began = Instant::now();
        ask(n).await;
        taken.push(began.elapsed());
    }
    taken.sort();
    let at = |part: usize| taken[(taken.len() * part / 100).min(taken.len() - 1)].as_secs_f64() * 1_000.0;
    println!("{what:<58} p50 {:>8.2} ms   p99 {:>8.2} ms", at(50), at(99));
}

on_both_databases!(a_large_tenant_is_searched_paged_and_patched, async |db| {
    let (people, agents) = size();
    let times = if people > 100_000 { 200 } else { 5 };
    let mut server = db.server();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    server.stop();
    fill(&server, people, agents).await;
    let began = Instant::now();
    server.restart();
    let tenant = tenant.through(&server);
    let directory = Directory { scim: tenant.root.below("/scim/v2").with_key(directory.scim.key().unwrap()) };
    directory.scim.get("/Agents?count=1").await.is(200);
    println!("{db:?}: {people} people, {agents} agents; first answer after {:?}", began.elapsed());

    let some = |n: u32| (n.wrapping_mul(7_919) + 13) % people;
    let looked_up = async |filter: String| {
        let found = directory.scim.get(&format!("/Users?filter={filter}")).await.is(200);
        assert_eq!(found["totalResults"], 1, "{filter}");
    };
    cost("userName eq", times, |n| looked_up(format!("userName%20eq%20%22USER{}@example.com%22", some(n))))
        .await;
    cost("externalId eq", times, |n| looked_up(format!("externalId%20eq%20%22ext-{}%22", some(n)))).await;
    cost("emails[type eq \"work\"].value eq", times, |n| {
        let filter = "emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22user";
        looked_up(format!("{filter}{}@example.com%22", some(n)))
    })
    .await;
    agents_are_found(&directory, agents, times).await;
    pages(&directory, people, times).await;
    everybody(&tenant, &directory, people, times).await;
});

async fn agents_are_found(directory: &Directory, agents: u32, times: u32) {
    cost("agentUserName eq", times, async |n| {
        let name = (n * 31) % agents;
        let path = format!("/Agents?filter=agentUserName%20eq%20%22agent-{name}%22");
        assert_eq!(directory.scim.get(&path).await.is(200)["totalResults"], 1);
    })
    .await;
    cost("agents, a filter over all", times.min(5), async |_| {
        let path = "/Agents?filter=description%20pr&count=1";
        assert_eq!(directory.scim.get(path).await.is(200)["totalResults"], 0);
    })
    .await;
}

/// The first pages and the last ones, by index and by cursor, all without attributes that nobody needs.
async fn pages(directory: &Directory, people: u32, times: u32) {
    let page = async |start: u32| {
        let path = format!("/Users?startIndex={start}&count=100&attributes=userName");
        let found = directory.scim.get(&path).await.is(200);
        assert_eq!(
            (&found["totalResults"], &found["itemsPerPage"]),
            (&json!(people), &json!(100)),
            "{start}"
        );
        found
    };
    cost("page of 100 at the start, by index", times, async |_| drop(page(1).await)).await;
    let last = people - 1_000;
    cost("page of 100 near the end, by index, out of the blue", times.min(20), async |n| {
        drop(page(last - n * 7 + 1).await);
    })
    .await;
    // A client that goes on where it was.
    page(last - 499).await;
    cost("page of 100 near the end, by index, one after the other", 5, async |n| {
        let found = page(last - 399 + n * 100).await;
        let expected = format!("user{}@example.com", last - 400 + n * 100);
        assert_eq!(found["Resources"][0]["userName"], expected);
    })
    .await;
    let mut cursor = String::new();
    let mut seen = 0_u32;
    let began = Instant::now();
    loop {
        let path = format!("/Users?cursor={cursor}&count=1000&attributes=userName");
        let found = directory.scim.get(&path).await.is(200);
        seen += u32::try_from(found["Resources"].as_array().unwrap().len()).unwrap();
        match found["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, people);
    println!("{:<58} {:?} a page of 1,000", "everybody, by cursor", began.elapsed() / people.div_ceil(1_000));
}

async fn everybody(tenant: &Tenant, directory: &Directory, people: u32, times: u32) {
    let newcomer = directory.user("newcomer@example.com").await;
    cost("one in and out of the group of everybody", times.min(50), async |_| {
        directory.join("everybody", &newcomer).await;
        directory.part("everybody", &newcomer).await;
    })
    .await;
    cost("the group without its members", times, async |_| {
        directory.scim.get("/Groups/everybody?excludedAttributes=members").await.is(200);
    })
    .await;
    let whole = directory.scim.get("/Groups/everybody").await.is(200);
    let members = usize::try_from(people.min(100_000)).unwrap();
    assert_eq!(whole["members"].as_array().unwrap().len(), members);
    tenant.api.put("/agents/agent-0/owners", json!({"owners": ["group:everybody"]})).await.is(200);
    cost("one who owns through that group deactivated and back", times.min(20), async |n| {
        let user = format!("{:08}-0000-7000-8000-000000000001", n + 1);
        directory.set_active(&user, false).await;
        directory.set_active(&user, true).await;
    })
    .await;
    assert_eq!(tenant.api.get("/agents/agent-0").await.is(200)["orphaned"], false);
    cost("POST a person", times.min(50), async |n| {
        drop(directory.user(&format!("new{n}@example.com")).await);
    })
    .await;
    // Fewer than a client's burst, so that its limit of writes is not what is measured.
    let began = Instant::now();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..16 {
        let directory = directory.clone();
        writers.spawn(async move {
            for n in 0..10 {
                directory.user(&format!("writer{writer}-{n}@example.com")).await;
            }
        });
    }
    writers.join_all().await;
    println!("{:<58} {:.0} a second", "POST a person, 16 at a time", 160.0 / began.elapsed().as_secs_f64());
}
