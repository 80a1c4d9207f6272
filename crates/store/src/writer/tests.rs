//! The writer against a real file, alone and beside another process.

use std::sync::{Arc, Mutex};

use deputy_mandate::Instant;
use deputy_token::{access::Hop, revocation::Target};

use super::{Append, AppendError, Committed, Watcher, Writer};
use crate::{
    Database, DatabaseUrl, EventFilter, Spend, StoreError,
    clock::SystemClock,
    event::{EventDraft, GENESIS},
};

/// What was told, by position.
#[derive(Default)]
struct Told(Mutex<Vec<(i64, i64)>>);

impl Watcher for Told {
    fn committed(&self, _: &str, first: i64, last: i64, _: bool) {
        self.0.lock().unwrap().push((first, last));
    }
}

struct Process {
    database: Database,
    writer: Writer,
    told: Arc<Told>,
    tenant: Arc<str>,
}

impl Process {
    async fn start(home: &std::path::Path) -> Self {
        let database = Database::open(&DatabaseUrl::Sqlite(home.join("deputy.db"))).await.unwrap();
        database.migrate().await.unwrap();
        let told = Arc::new(Told::default());
        let (writer, _) = Writer::spawn(database.clone(), Arc::new(SystemClock), told.clone());
        Self { database, writer, told, tenant: "t".into() }
    }

    async fn append(&self, append: Append) -> Result<i64, AppendError> {
        self.writer.append(&self.tenant, append).await.map(|Committed { seq }| seq)
    }

    async fn revoke(&self, target: Target) -> i64 {
        let change = self.writer.change::<_, StoreError, _>(&self.tenant, |tx| {
            Box::pin(async move {
                tx.revoke("r".into(), target, "", EventDraft::new("revocation.created", "system"));
                Ok(())
            })
        });
        change.await.unwrap().1.seq
    }

    /// Every position in order, each event resting on the one before it.
    async fn verify_log(&self, last: i64) {
        let tenant = self.database.tenant("t");
        let mut events = tenant.events(&EventFilter::default(), 10_000).await.unwrap();
        events.sort_by_key(|event| event.seq);
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=last).collect::<Vec<_>>());
        let mut prev = GENESIS.to_owned();
        for event in &events {
            let body: serde_json::Value = serde_json::from_str(&event.body).unwrap();
            assert_eq!(body["prev"], *prev, "{}", event.seq);
            assert_eq!(crate::event::hash(&event.body), event.hash);
            prev.clone_from(&event.hash);
        }
        let head = tenant.head().await.unwrap();
        assert_eq!((head.seq, &head.hash), (last, &prev));
    }
}

fn event() -> Append {
    Append { event: EventDraft::new("token.issued", "system"), ..Append::default() }
}

/// An issue that was computed from the state at a position.
fn issue(agent: &str, read_at: i64) -> Append {
    let mut append = Append { read_at: Some(read_at), ..event() };
    append.event.chain = vec![Hop {
        agent: agent.into(),
        bind: None,
        crit: false,
        id: "c".into(),
        jkt: None,
        rt: None,
        seq: read_at,
        sub: None,
    }];
    append
}

#[tokio::test]
async fn events_follow_each_other_whoever_writes_them() {
    let home = tempfile::tempdir().unwrap();
    let (one, other) = (Process::start(home.path()).await, Process::start(home.path()).await);
    // Each remembers an end that the other moves.
    for turn in 0..20 {
        assert_eq!(one.append(event()).await.unwrap(), turn * 3 + 1);
        assert_eq!(one.append(event()).await.unwrap(), turn * 3 + 2);
        assert_eq!(other.append(event()).await.unwrap(), turn * 3 + 3);
    }
    let both = [&one, &other].map(|process| async move {
        for _ in 0..100 {
            process.append(event()).await.unwrap();
        }
    });
    let [one_ends, other_ends] = both;
    tokio::join!(one_ends, other_ends);
    one.verify_log(260).await;
    let mut told = [one.told.0.lock().unwrap().clone(), other.told.0.lock().unwrap().clone()].concat();
    told.sort_unstable();
    let told: Vec<i64> = told.into_iter().flat_map(|(first, last)| first..=last).collect();
    assert_eq!(told, (1..=260).collect::<Vec<_>>(), "each is told of by the process that wrote it");
}

#[tokio::test]
async fn an_issue_that_a_revocation_overtook_is_refused_and_others_are_not() {
    let home = tempfile::tempdir().unwrap();
    let (one, other) = (Process::start(home.path()).await, Process::start(home.path()).await);
    let read_at = one.append(event()).await.unwrap();
    assert!(one.append(issue("a", read_at)).await.is_ok());
    // By the other process: what this one remembers knows nothing of it.
    let barrier = other.revoke(Target::Agent("a".into())).await;
    assert!(matches!(one.append(issue("a", read_at)).await, Err(AppendError::Stale(at)) if at == barrier));
    assert!(one.append(issue("b", read_at)).await.is_ok());
    assert!(one.append(issue("a", barrier)).await.is_ok());
    one.verify_log(barrier + 2).await;
}

#[tokio::test]
async fn what_is_spent_once_is_spent_once() {
    let home = tempfile::tempdir().unwrap();
    let (one, other) = (Process::start(home.path()).await, Process::start(home.path()).await);
    let spending = || {
        let spend = Spend::Assertion { client: "a".into(), jti: "j".into(), until: Instant::from_secs(9) };
        Append { spend: vec![spend], ..event() }
    };
    one.append(event()).await.unwrap();
    assert!(one.append(spending()).await.is_ok());
    assert!(matches!(one.append(spending()).await, Err(AppendError::Replayed(_))));
    assert!(matches!(other.append(spending()).await, Err(AppendError::Replayed(_))));
    one.verify_log(2).await;
}
