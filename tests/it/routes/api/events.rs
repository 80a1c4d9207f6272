//! `/t/{tenant}/api/v1/events`: the log is gap-free and chained, filtered, exported and followed.

use std::io::Write as _;

use deputy_tests::stream::EventStream;
use deputy_tests::{Server, Tenant, on_both_databases};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// The export as it came.
async fn export(tenant: &Tenant) -> String {
    let request =
        tenant.api.request(reqwest::Method::GET, "/events").header("accept", "application/x-ndjson");
    let answer = tenant.api.send(request).await.is(200);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/x-ndjson"));
    answer.text
}

/// `deputy audit verify` on an export, with the tenant's checkpoints and keys: what it says, and whether it agrees.
async fn verify(server: &Server, tenant: &Tenant, export: &str) -> (bool, String) {
    let checkpoints = tenant.api.get("/checkpoints?limit=1000").await.is(200).text;
    let keys = tenant.root.get("/audit-keys.json").await.is(200).text;
    let file = |name: &str, text: &str| {
        let path = server.store().home().join(name);
        std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        path.display().to_string()
    };
    let (log, checkpoints, keys) =
        (file("log.ndjson", export), file("checkpoints.json", &checkpoints), file("keys.json", &keys));
    let output = server.cli(&["audit", "verify", &log, "--checkpoints", &checkpoints, "--keys", &keys]);
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

on_both_databases!(two_hundred_writers_leave_one_unbroken_log, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let mut writers = JoinSet::new();
    for number in 0..200 {
        let (tenant, client) = (tenant.clone(), client.clone());
        writers.spawn(async move {
            match number % 2 {
                0 => drop(client.access_token("read:docs").await),
                _ => drop(tenant.revoke(json!({"credential": format!("c{number}")})).await),
            }
        });
    }
    writers.join_all().await;
    let signed = tenant.api.post("/checkpoints", json!({})).await.is(201);
    let export = export(&tenant).await;
    let events: Vec<Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |action: &str| events.iter().filter(|event| event["action"] == action).count();
    assert_eq!((of("token.issued"), of("revocation.created")), (100, 100));
    let seqs: Vec<i64> = events.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
    assert_eq!(signed["seq"].as_i64(), seqs.last().copied());
    let (holds, said) = verify(&server, &tenant, &export).await;
    assert!(holds, "{said}");

    let mut changed = export.clone().into_bytes();
    let middle = changed.len() / 2;
    changed[middle] = if changed[middle] == b'0' { b'1' } else { b'0' };
    let (holds, said) = verify(&server, &tenant, &String::from_utf8(changed).unwrap()).await;
    assert!(!holds, "a changed byte is found: {said}");
    let lines: Vec<&str> = export.lines().collect();
    let (holds, said) = verify(&server, &tenant, &lines[..lines.len() - 1].join("\n")).await;
    assert!(!holds, "a missing end is found: {said}");
    let (holds, said) = verify(&server, &tenant, &[&lines[..5], &lines[6..]].concat().join("\n")).await;
    assert!(!holds, "a missing event is found: {said}");
});

on_both_databases!(a_page_is_what_was_asked_for, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (one, two) = (tenant.agent("one", &["read:docs"]).await, tenant.agent("two", &["read:docs"]).await);
    one.access_token("read:docs").await;
    two.access_token("read:docs").await;
    two.access_token("read:docs").await;
    let get = async |query: &str| tenant.api.get(&format!("/events?{query}")).await.is(200);
    let by_name = get("agent=two&action=token.issued").await;
    assert_eq!(by_name.items().len(), 2);
    assert_eq!(get(&format!("agent={}&action=token.*", two.id)).await.json, by_name.json);
    let credential = by_name.items()[0]["credential"].as_str().unwrap();
    assert_eq!(get(&format!("credential={credential}")).await.items(), &by_name.items()[..1]);
    assert!(get("agent=nobody").await.items().is_empty());
    assert!(get("to=2001-01-01T00:00:00Z").await.items().is_empty());
    assert_eq!(get("from=2001-01-01T00:00:00Z&action=token.issued").await.items().len(), 3);

    let newest = get("order=newest&limit=2&action=token.issued").await;
    assert_eq!(newest.items()[0], by_name.items()[1]);
    let rest =
        get(&format!("order=newest&limit=2&action=token.issued&cursor={}", newest.text_of("next_cursor")))
            .await;
    assert_eq!((rest.items().len(), &rest["next_cursor"]), (1, &Value::Null));
    let mut all = Vec::new();
    let mut query = "limit=3".to_owned();
    loop {
        let page = get(&query).await;
        all.extend(page.items().to_vec());
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(all, tenant.events().await);
    for wrong in ["from=yesterday", "action=%25", "order=best", "agnt=one"] {
        tenant.api.get(&format!("/events?{wrong}")).await.is_problem(400);
    }
});

on_both_databases!(nothing_secret_and_nothing_foreign_is_in_it, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    foreign.agent("stranger", &["read:docs"]).await;
    let text = export(&tenant).await;
    for secret in [token.as_str(), &client.secret, tenant.admin_key()] {
        assert!(!text.contains(secret), "a secret is in the log");
    }
    assert!(text.contains(&client.id) && !text.contains("stranger"));
    foreign.api.with_key(tenant.admin_key()).get("/events").await.is_problem(401);
    server
        .anonymous()
        .with_key(tenant.admin_key())
        .get("/t/no-such-tenant/api/v1/events")
        .await
        .is_problem(401);
});

on_both_databases!(a_stream_tells_what_happens_and_goes_on_where_it_broke_off, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let mut stream = EventStream::open(&tenant.api, "/events/stream", None).await;
    client.access_token("read:docs").await;
    let told = stream.next_of("message").await;
    assert_eq!((&told.data["action"], &told.data["agent"]), (&json!("token.issued"), &json!(client.id)));
    assert_eq!(told.id, told.data["seq"].as_i64());
    drop(stream);

    tenant.revoke(json!({"credential": "one"})).await;
    tenant.revoke(json!({"credential": "two"})).await;
    let mut resumed = EventStream::open(&tenant.api, "/events/stream", told.id).await;
    let missed: Vec<Value> =
        [resumed.next_of("message").await, resumed.next_of("message").await].map(|told| told.data).to_vec();
    assert_eq!(missed[0]["seq"].as_i64().unwrap(), told.id.unwrap() + 1);
    assert_eq!(missed[1]["credential"], "two");
    let mut filtered =
        EventStream::open(&tenant.api, "/events/stream?after=0&action=revocation.created", None).await;
    assert_eq!(filtered.next_of("message").await.data, missed[0]);
    assert!(server.stop().success(), "open streams do not hold it");
    assert_eq!(resumed.next().await, None, "it ends when the server drains");
});

on_both_databases!(a_stream_ends_with_its_key, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let made = tenant.api.post("/keys", json!({"role": "auditor"})).await.is(201);
    let auditor = tenant.api.with_key(&made.text_of("key"));
    let mut stream = EventStream::open(&auditor, "/events/stream", None).await;
    tenant.revoke(json!({"credential": "one"})).await;
    assert_eq!(stream.next_of("message").await.data["credential"], "one");
    let ended = tenant.api.delete(&format!("/keys/{}", made.text_of("id"))).await;
    assert!(ended.status < 300, "{}", ended.text);
    tenant.revoke(json!({"credential": "two"})).await;
    assert_eq!(stream.next().await, None);
});
