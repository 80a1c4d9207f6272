//! `GET /healthz` and `/readyz`, and what every answer carries.

use deputy_tests::on_both_databases;

on_both_databases!(a_server_that_listens_is_healthy_and_ready, async |db| {
    let server = db.server();
    for path in ["/healthz", "/readyz"] {
        let answer = server.anonymous().get(path).await.is(200);
        assert!(answer.header("x-request-id").is_some_and(|id| !id.is_empty()), "{path}");
    }
});

on_both_databases!(every_answer_has_a_request_id_of_its_own, async |db| {
    let server = db.server();
    let mut seen = std::collections::BTreeSet::new();
    for path in ["/healthz", "/nothing-here", "/api/v1/tenants", "/t/nobody/jwks.json"] {
        let answer = server.anonymous().get(path).await;
        assert!(seen.insert(answer.header("x-request-id").expect(path)), "{path}");
    }
});

on_both_databases!(an_unknown_path_is_a_problem_document, async |db| {
    let server = db.server();
    server.anonymous().get("/api/v1/nothing-here").await.is_problem(404);
});

on_both_databases!(a_stopped_server_starts_again_with_what_it_had, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    assert!(server.stop().success(), "SIGTERM ends it in order");
    server.restart();
    assert!(tenant.is_active(&token).await);
    client.access_token("read:docs").await;
});
