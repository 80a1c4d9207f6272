//! Time passes over a real database: what is too old goes, and what is left still verifies.

use std::collections::BTreeSet;

use deputy_store::{Append, AppendError, Spend, clock::Clock as _, model::ApiRole};
use deputy_token::{freshness::Once, keys::JwkSet};

use crate::{
    Actor, Caller, Engine, EventQuery, NewRevocation, Start, TargetInput,
    started::{SetClock, start},
    verify_log,
    view::TenantView,
};

const DAY: i64 = 86_400_000;

fn caller(actor: Actor, role: Option<ApiRole>) -> Caller {
    Caller { actor, role, audiences: BTreeSet::new(), person: None, request_id: None }
}

async fn revoke(engine: &Engine, view: &TenantView, admin: &Caller, times: usize) -> i64 {
    let mut seq = 0;
    for number in 0..times {
        let target = TargetInput::Credential(format!("c{number}"));
        let new = NewRevocation { target, reason: "test".into() };
        seq = engine.revoke(view, admin, new).await.unwrap().seq;
    }
    seq
}

#[tokio::test]
async fn what_is_too_old_goes_and_the_rest_still_verifies() {
    let home = tempfile::tempdir().unwrap();
    let clock = SetClock::at(1_700_000_000_000);
    let engine = start(home.path(), clock.clone()).await;
    let pass = |days: i64| clock.pass(days * DAY);
    engine.create_tenant(&caller(Actor::Platform("p".into()), None), "acme", None).await.unwrap();
    let view = engine.tenant("acme").await.unwrap();
    let admin = caller(Actor::Key("k".into()), Some(ApiRole::Admin));

    let signed = revoke(&engine, &view, &admin, 5).await;
    assert_eq!(engine.checkpoint_all().await, Ok(1));
    assert_eq!(engine.checkpoint_all().await, Ok(0), "an idle log gets no other");
    pass(10);
    let last = revoke(&engine, &view, &admin, 3).await;
    pass(169);
    assert_eq!(engine.forget(&view, clock.now()).await, Ok(0), "nothing is 180 days old");
    pass(3);
    assert_eq!(engine.forget(&view, clock.now()).await.map(i64::try_from), Ok(Ok(signed)));
    assert_eq!(engine.forget(&view, clock.now()).await, Ok(0));

    let mut export = engine.export_events(&view, &admin, &EventQuery::default()).await.unwrap();
    let mut log = String::new();
    while let Some(lines) = export.next_lines().await.unwrap() {
        log.push_str(&lines);
    }
    let checkpoints = engine.checkpoints(&view, &admin, &crate::Paging::default()).await.unwrap();
    let keys = JwkSet { keys: engine.audit_keys(&view) };
    let found = verify_log(&log, checkpoints.items.iter().map(|one| one.jws.as_str()), &keys).unwrap();
    assert_eq!((found.start, found.first), (Start::Checkpoint, signed + 1));
    assert_eq!(found.last, last + 1, "and an event says what went");
    let revocations = engine.revocations(&view, &admin, &crate::Paging::default()).await.unwrap();
    assert_eq!(revocations.items.len(), 3);
}

#[tokio::test]
async fn a_used_proof_is_forgotten_once_no_clock_could_accept_it() {
    let home = tempfile::tempdir().unwrap();
    let clock = SetClock::at(1_700_000_000_000);
    let engine = start(home.path(), clock.clone()).await;
    engine.create_tenant(&caller(Actor::Platform("p".into()), None), "acme", None).await.unwrap();
    let view = engine.tenant("acme").await.unwrap();
    let once = Once { jkt: "thumbprint".into(), jti: "a\0b".into(), until: clock.now().plus_secs(60) };
    let spend = async || {
        let event = Caller::system().event("test.done");
        let append = Append { event, spend: vec![Spend::Proof(once.clone())], ..Append::default() };
        match engine.inner.writer.append(&view.id, append).await {
            Ok(_) => true,
            Err(AppendError::Replayed(Spend::Proof(of))) if of == once => false,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(spend().await && !spend().await);
    for (seconds, forgotten) in [(300, false), (61, true)] {
        clock.pass(seconds * 1000);
        engine.inner.database.forget_spent(clock.now()).await.unwrap();
        assert_eq!(spend().await, forgotten, "after {seconds} s more");
    }
}
