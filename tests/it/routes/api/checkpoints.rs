//! `/t/{tenant}/api/v1/checkpoints` and `/t/{tenant}/audit-keys.json`: what makes the log provable.

use std::time::Duration;

use deputy_tests::{Server, jwt, on_both_databases};
use serde_json::json;

/// Stops the server as an operator does, and starts it again.
async fn again(server: &mut Server) {
    assert!(server.stop().success());
    server.restart();
    // The client must see that its old connection has ended before it asks again.
    tokio::time::sleep(Duration::from_millis(200)).await;
}

on_both_databases!(a_checkpoint_signs_the_head_with_a_published_key, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let made = tenant.api.post("/checkpoints", json!({})).await.is(201);
    let head = tenant.events().await.last().unwrap().clone();
    assert_eq!(made["seq"], head["seq"]);
    let signed = jwt::claims(&made.text_of("jws"));
    assert_eq!((&signed["hash"], &signed["tenant"]), (&head["hash"], &json!(tenant.slug)));
    let header = jwt::header(&made.text_of("jws"));
    assert_eq!((&header["alg"], &header["kid"]), (&json!("EdDSA"), &made["kid"]));
    let keys = tenant.root.get("/audit-keys.json").await.is(200);
    assert_eq!(keys["keys"][0]["kid"], made["kid"]);
    assert!(keys["keys"][0].get("d").is_none(), "the public part only");
    assert_ne!(foreign.root.get("/audit-keys.json").await.is(200)["keys"], keys["keys"]);
    assert_eq!(tenant.api.get("/checkpoints").await.is(200).items()[0], made.json);
    assert!(foreign.api.get("/checkpoints").await.is(200).items().is_empty());
    server.anonymous().get("/t/no-such-tenant/audit-keys.json").await.is_problem(404);
});

on_both_databases!(one_is_made_when_the_server_stops_and_none_for_an_idle_log, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    assert!(tenant.api.get("/checkpoints").await.is(200).items().is_empty());
    again(&mut server).await;
    let made = tenant.api.get("/checkpoints").await.is(200);
    assert_eq!(made.items().len(), 1, "{}", made.text);
    assert_eq!(made.items()[0]["seq"], tenant.events().await.last().unwrap()["seq"]);
    again(&mut server).await;
    assert_eq!(tenant.api.get("/checkpoints").await.is(200).json, made.json);
});
