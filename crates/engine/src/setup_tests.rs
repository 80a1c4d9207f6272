//! Links and sessions over a real database, with a set clock.

use std::sync::Arc;

use crate::{
    Actor, Caller, Engine, Refusal,
    started::{self, SetClock},
};

/// In milliseconds.
const MINUTE: i64 = 60_000;

async fn start(home: &std::path::Path) -> (Engine, Arc<SetClock>) {
    let clock = SetClock::at(1_700_000_000_000);
    (started::start(home, clock.clone()).await, clock)
}

#[tokio::test]
async fn a_set_up_link_makes_the_first_tenant_and_no_other() {
    let home = tempfile::tempdir().unwrap();
    let (engine, clock) = start(home.path()).await;
    let old = engine.create_setup_link().await.unwrap();
    clock.pass(16 * MINUTE);
    let use_it = async |code: &str, slug: &str| engine.use_setup_link(code, slug, None, None).await;
    assert_eq!(use_it(&old.code, "acme").await.err(), Some(Refusal::Unauthenticated), "too late");
    let (one, two) = (engine.create_setup_link().await.unwrap(), engine.create_setup_link().await.unwrap());
    assert!(matches!(use_it(&one.code, "No Slug").await, Err(Refusal::Invalid { .. })), "and still usable");
    assert!(use_it("AwzBznDIus4xw8-l7Ma9monRw3lcERJcSPznfBDJepQ", "acme").await.is_err());
    let made = use_it(&one.code, "acme").await.unwrap();
    assert!(made.admin_key.starts_with("dpy_"));
    for code in [&one.code, &two.code] {
        assert!(matches!(use_it(code, "globex").await, Err(Refusal::Conflict { .. })));
    }
    assert!(matches!(engine.create_setup_link().await, Err(Refusal::Conflict { .. })));
    let view = engine.tenant("acme").await.unwrap();
    let signed = engine.sign_in_with_link(&view, &two.code, None).await;
    assert_eq!(signed.err(), Some(Refusal::Unauthenticated), "a link does what it was made for");
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_for_its_tenant() {
    let home = tempfile::tempdir().unwrap();
    let (engine, clock) = start(home.path()).await;
    for slug in ["acme", "globex"] {
        engine.create_tenant(&Caller::system(), slug, None).await.unwrap();
    }
    let (acme, globex) = (engine.tenant("acme").await.unwrap(), engine.tenant("globex").await.unwrap());
    let link = engine.create_sign_in_link(&acme).await.unwrap();
    assert!(engine.sign_in_with_link(&globex, &link.code, None).await.is_err());
    let begun = engine.sign_in_with_link(&acme, &link.code, None).await.unwrap();
    assert!(engine.sign_in_with_link(&acme, &link.code, None).await.is_err());
    let signed = engine.session(&acme, &begun.secret, None).await.unwrap();
    assert_eq!(signed.caller.actor, Actor::Setup);
    assert!(signed.caller.require_admin().is_ok());
    assert!(engine.session(&globex, &begun.secret, None).await.is_err());
    let late = engine.create_sign_in_link(&acme).await.unwrap();
    clock.pass(16 * MINUTE);
    assert!(engine.sign_in_with_link(&acme, &late.code, None).await.is_err());
}

#[tokio::test]
async fn a_session_ends_with_its_key_its_time_or_its_sign_out() {
    let home = tempfile::tempdir().unwrap();
    let (engine, clock) = start(home.path()).await;
    let made = engine.create_tenant(&Caller::system(), "acme", None).await.unwrap();
    let view = engine.tenant("acme").await.unwrap();
    let sign_in = async || engine.sign_in_with_key(&view, &made.admin_key, None).await.unwrap().secret;
    let is_on = async |secret: &str| engine.session(&view, secret, None).await.is_ok();
    assert!(engine.sign_in_with_key(&view, "dpy_wrong", None).await.is_err());

    let (first, second) = (sign_in().await, sign_in().await);
    assert!(is_on(&first).await && is_on(&second).await);
    engine.sign_out(&view, &first, None).await.unwrap();
    assert!(!is_on(&first).await && is_on(&second).await);
    clock.pass(12 * 60 * MINUTE);
    assert!(!is_on(&second).await);

    let third = sign_in().await;
    assert!(is_on(&third).await);
    let admin = engine.authenticate(&view, &made.admin_key, None).unwrap();
    let Actor::Key(id) = &admin.actor else { panic!("{admin:?}") };
    let another = deputy_mandate::Value::parse(r#"{"role": "admin"}"#).unwrap();
    engine.create_key(&view, &admin, &another).await.unwrap();
    engine.delete_key(&view, &admin, id).await.unwrap();
    assert!(!is_on(&third).await);
    let events =
        engine.database().tenant(&view.id).events(&deputy_store::EventFilter::default(), 100).await.unwrap();
    let of = |action: &str| events.iter().filter(|event| event.action == action).count();
    assert_eq!((of("session.started"), of("session.ended")), (3, 1));
    assert!(events.iter().all(|event| !event.body.contains(&third)));
}
