//! `GET /.well-known/authzen-configuration/t/{tenant}`.

use deputy_tests::on_both_databases;
use serde_json::json;

on_both_databases!(the_decision_point_says_where_it_is, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let path = format!("/.well-known/authzen-configuration/t/{}", tenant.slug);
    let answer = server.anonymous().get(&path).await.is(200);
    let issuer = &tenant.issuer;
    assert_eq!(
        answer.json,
        json!({
            "policy_decision_point": issuer,
            "access_evaluation_endpoint": format!("{issuer}/access/v1/evaluation"),
            "access_evaluations_endpoint": format!("{issuer}/access/v1/evaluations"),
        })
    );
    server.anonymous().get("/.well-known/authzen-configuration/t/nobody").await.is_problem(404);
});
