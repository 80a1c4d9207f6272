//! Metered credentials are the issuer's to count.

use deputy_verifier::{Presented, ReasonCode, Request, Scope, Value, Verifier};
use serde_json::{Value as Json, json};

use crate::issuer::{EVALUATION, Issuer, USES, check, search};

async fn codes(verifier: &Verifier, token: &str) -> Vec<ReasonCode> {
    check(verifier, token).await.codes().collect()
}

#[tokio::test]
async fn without_the_meter_a_metered_credential_is_denied() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().start().await.unwrap();
    let metered = issuer.token_by(&issuer.key, Some(1));
    assert_eq!(codes(&verifier, &metered).await, [ReasonCode::OnlineCheckRequired]);
    assert_eq!(codes(&verifier, &issuer.token()).await, []);
    assert!(issuer.came(EVALUATION).is_empty());
}

#[tokio::test]
async fn the_issuer_counts_and_its_answer_is_the_answer() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().online_meter().start().await.unwrap();
    let metered = issuer.token_by(&issuer.key, Some(1));
    assert_eq!(codes(&verifier, &metered).await, []);
    let denied = json!({"decision": false, "context": {"reason": "uses_exhausted", "reasons": [
        {"code": "uses_exhausted", "field": "uses", "limit": 1, "message": "Used up."}]}});
    issuer.answers(EVALUATION, 200, denied);
    let verdict = check(&verifier, &metered).await;
    let reason = &verdict.reasons()[0];
    assert_eq!((reason.code, reason.message.as_str()), (ReasonCode::UsesExhausted, "Used up."));
    assert_eq!(serde_json::to_value(reason).unwrap()["limit"], 1);
    for (status, body) in [
        (500, json!({"decision": true})),
        (200, json!({"decision": "true"})),
        (200, json!({"decision": false})),
        (200, json!({})),
        (200, json!({"decision": false, "context": {"reasons": [{"code": "new_code", "message": "?"}]}})),
    ] {
        issuer.answers(EVALUATION, status, body.clone());
        assert_eq!(codes(&verifier, &metered).await, [ReasonCode::OnlineCheckRequired], "{status} {body}");
    }
    assert_eq!(codes(&verifier, &issuer.token()).await, [], "who is not metered is not asked about");
    assert!(verifier.flush(std::time::Duration::from_secs(5)).await);
    let reported: Vec<_> = issuer
        .came(USES)
        .iter()
        .flat_map(|came| came.body.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(reported.len(), 1, "what the issuer decided is in its log already");
}

#[tokio::test]
async fn the_issuer_is_told_all_that_was_judged() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().online_meter().start().await.unwrap();
    let metered = issuer.token_by(&issuer.key, Some(1));
    let request = Request {
        scope: Some(Scope::try_from("read:docs").unwrap()),
        context: Value::parse(r#"{"env": "staging"}"#).unwrap(),
        subject: Some("spiffe://deputy.example/t/acme/agent/planner".into()),
        ..search()
    };
    let presented = Presented::bearer(&metered).use_id("use-1");
    assert!(verifier.check(&presented, &request).await.is_allow());
    let sent: Json = serde_json::from_str(&issuer.came(EVALUATION)[0].body).unwrap();
    assert_eq!(sent["subject"]["properties"]["token"], metered);
    assert_eq!(sent["action"], json!({"name": "search", "properties": {"arguments": {"q": "churn"}}}));
    assert_eq!(
        sent["context"],
        json!({"audience": "https://crm.example.com/", "scope": "read:docs", "env": "staging",
            "subject": "spiffe://deputy.example/t/acme/agent/planner", "use_id": "use-1"})
    );

    // A request that the issuer would read in another way is not put to it.
    let context = Value::parse(r#"{"dry_run": true}"#).unwrap();
    let verdict = verifier.check(&presented, &Request { context, ..search() }).await;
    assert_eq!(verdict.codes().collect::<Vec<_>>(), [ReasonCode::OnlineCheckRequired]);
    // Nor one that is denied here.
    let other = Request { tool: Some("shell".into()), ..search() };
    assert!(!verifier.check(&presented, &other).await.is_allow());
    assert_eq!(issuer.came(EVALUATION).len(), 1);
}
