//! Offline decisions reach the issuer's log.

use std::time::Duration;

use deputy_verifier::{Outcome, Request, UseLine};
use serde_json::json;

use crate::eventually;
use crate::issuer::{CRM, Issuer, KEY, USES, check, search};

fn lines(body: &str) -> Vec<UseLine> {
    body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn what_was_decided_is_reported() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().start().await.unwrap();
    let token = issuer.token();
    assert!(check(&verifier, &token).await.is_allow());
    let other = Request { tool: Some("shell".into()), ..search() };
    let presented = deputy_verifier::Presented::bearer(&token);
    assert!(!verifier.check(&presented, &other).await.is_allow());
    assert!(!check(&verifier, "garbage").await.is_allow());
    assert_eq!(verifier.status().reports_waiting, 2);
    assert!(verifier.flush(Duration::from_secs(5)).await);
    assert_eq!((verifier.status().reports_waiting, verifier.status().reports_lost), (0, 0));
    let came = &issuer.came(USES)[0];
    assert_eq!(came.authorization, Some(format!("Bearer {KEY}")));
    let told = lines(&came.body);
    assert_eq!((told[0].decision, told[1].decision, told.len()), (Outcome::Allow, Outcome::Deny, 2));
    assert_eq!((told[0].agent.as_str(), told[0].audience.as_str()), ("a1", CRM));
    assert_ne!(told[0].id, told[1].id);
}

#[tokio::test]
async fn a_report_without_an_answer_is_sent_again_as_it_was() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().start().await.unwrap();
    issuer.answers(USES, 503, json!(""));
    check(&verifier, &issuer.token()).await;
    eventually("it is tried again", async || issuer.came(USES).len() >= 2).await;
    issuer.answers(USES, 200, json!({}));
    assert!(verifier.flush(Duration::from_secs(10)).await);
    let bodies: Vec<String> = issuer.came(USES).into_iter().map(|came| came.body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn of_a_refused_report_only_what_is_meant_is_given_up() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().start().await.unwrap();
    issuer.answers(USES, 400, json!(""));
    let token = issuer.token();
    for _ in 0..4 {
        check(&verifier, &token).await;
    }
    assert!(verifier.flush(Duration::from_secs(5)).await);
    assert_eq!(verifier.status().reports_lost, 4);
    let sizes: Vec<usize> = issuer.came(USES).iter().map(|came| lines(&came.body).len()).collect();
    assert_eq!(sizes, [4, 2, 1, 1, 2, 1, 1]);
}

#[tokio::test]
async fn reports_can_be_turned_off() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().without_reports().start().await.unwrap();
    assert!(check(&verifier, &issuer.token()).await.is_allow());
    assert!(verifier.flush(Duration::from_secs(1)).await);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(issuer.came(USES).is_empty());
}
