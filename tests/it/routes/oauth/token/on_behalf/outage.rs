//! The database is away: no person can be found, so nothing is issued for one, and nothing needs a restart.

use std::time::Duration;

use deputy_tests::{Database, Wire, eventually};

use super::{AUDIENCE, Company};

// The wire must carry while the start of the server is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_a_person_is_a_503() {
    if !Database::has_postgres() {
        return;
    }
    let starting = Database::Postgres.starting().with("OUTBOUND_ALLOW", "127.0.0.0/8");
    let (wire, url) = Wire::to(starting.store().url()).await;
    let company = Company::without_provider(starting.with("DATABASE_URL", &url).start()).await;
    company.provider(serde_json::json!({"audiences": [AUDIENCE]})).await;
    let token = company.on_behalf().await;
    wire.cut();
    let refused = company.ask_good().await;
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (503, true), "{}", refused.text);
    let context = serde_json::json!({"scope": "read:docs"});
    let decided = company.tenant.decide(&token, "", serde_json::json!({}), context).await.is(200);
    assert_eq!(decided["decision"], true, "what memory knows still holds");
    wire.mend();
    let back = async || company.ask_good().await.status == 200;
    eventually("people are found again", Duration::from_secs(30), back).await;
    assert!(company.tenant.is_active(&token).await);
}
