//! `POST /t/{tenant}/api/v1/uses`.

use deputy_tests::{Answer, Api, jwt, on_both_databases};
use serde_json::{Value, json};

async fn report(api: &Api, lines: &[Value]) -> Answer {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let request = api.request(reqwest::Method::POST, "/uses");
    api.send(request.header("content-type", "application/x-ndjson").body(text)).await
}

on_both_databases!(uses_that_were_decided_offline_reach_the_log_once, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let credential = jwt::claims(&client.access_token("read:docs").await)["jti"].clone();
    let audience = tenant.issuer.clone();
    let used = |id: &str, decision: &str, reasons: Value| {
        json!({
            "id": id, "credential": credential, "agent": format!("{}/analyzer", client.id), "audience": audience,
            "tool": "search", "decision": decision, "reasons": reasons, "time": "2026-01-02T03:04:05Z"
        })
    };
    let verifier = tenant.verifier(&[&tenant.issuer]).await;
    let verifier = tenant.api.with_key(verifier.key().unwrap());
    let two = [used("u1", "allow", json!([])), used("u2", "deny", json!(["tool_blocked"]))];
    let told = report(&verifier, &two).await.is(200);
    assert_eq!((told["accepted"].clone(), told["repeated"].clone()), (json!(2), json!(0)));
    let told = report(&verifier, &[two[0].clone(), used("u3", "allow", json!([]))]).await.is(200);
    assert_eq!((told["accepted"].clone(), told["repeated"].clone()), (json!(1), json!(1)));

    let page = tenant.api.get("/events?action=use.reported").await.is(200);
    let items = page.items();
    let ids: Vec<_> = items.iter().map(|event| event["detail"]["use_id"].clone()).collect();
    assert_eq!(ids, ["u1", "u2", "u3"]);
    assert_eq!((&items[1]["decision"], &items[1]["reasons"]), (&json!("deny"), &json!(["tool_blocked"])));
    assert_eq!((&items[0]["agent"], &items[0]["credential"]), (&json!(client.id), &credential));
    assert_eq!(items[0]["detail"]["agent"], format!("{}/analyzer", client.id));
    let by_agent = tenant.api.get("/events?agent=crawler&action=use.reported").await.is(200);
    assert_eq!(by_agent.items().len(), 3, "they are the agent's");
});

on_both_databases!(a_report_is_all_or_nothing, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let good = json!({
        "id": "u1", "credential": "c", "agent": client.id, "audience": tenant.issuer, "scope": "read:docs",
        "decision": "allow", "time": "2026-01-02T03:04:05Z"
    });
    let with = |member: &str, value: Value| {
        let mut line = good.clone();
        line[member] = value;
        line
    };
    let wrong = [
        with("agent", json!("nobody")),
        with("decision", json!("maybe")),
        with("decision", json!("deny")),
        with("reasons", json!(["because"])),
        with("scope", json!("two scopes")),
        with("scope", json!(null)),
        with("time", json!("yesterday")),
        with("time", json!("2999-01-01T00:00:00Z")),
        with("id", json!("")),
        with("id", json!("nul\u{0}")),
        with("surprise", json!(true)),
    ];
    for line in wrong {
        let refused = report(&tenant.api, &[good.clone(), line.clone()]).await.is_problem(400);
        assert_eq!(refused["errors"][0]["line"], 2, "{line}: {}", refused.text);
    }
    report(&tenant.api, &[]).await.is_problem(400);
    let many: Vec<Value> = (0..1_001).map(|n| with("id", json!(format!("u{n}")))).collect();
    report(&tenant.api, &many).await.is_problem(400);
    let foreign = tenant.verifier(&["https://elsewhere.example.com/"]).await;
    report(&tenant.api.with_key(foreign.key().unwrap()), std::slice::from_ref(&good)).await.is_problem(403);
    assert!(tenant.api.get("/events?action=use.reported").await.is(200).items().is_empty());
    assert_eq!(report(&tenant.api, &many[..1_000]).await.is(200)["accepted"], 1_000);
});
