//! How memory follows the log.
//!
//! What is loaded at first and what is read later have one form, [`Changes`]: the new state of
//! whatever was touched up to a position, read in one snapshot of the database, whole transactions
//! at a time. Applying it in one step leaves memory at exactly that position, or at a later state
//! of something whose event is still to come, which the next reading settles.

use std::collections::BTreeSet;

use deputy_mandate::Instant;
use sea_orm::{DatabaseTransaction, QueryResult, Value};

use crate::{
    Database, Group, Kind, LogHead, RevocationRow, StoreError, TenantRead, User, event::Touched,
    model::AnyRecord, sql,
};

/// State to apply to memory.
#[derive(Debug, Default)]
pub struct Changes {
    /// The position that memory is at after applying.
    pub head: LogHead,
    /// Records that are there.
    pub records: Vec<AnyRecord>,
    /// Records that are gone.
    pub gone: Vec<(Kind, String)>,
    /// People: those whom records name, and those who changed; memory holds the former alone.
    pub users: Vec<User>,
    /// Groups, with the agents and groups in them.
    pub groups: Vec<Group>,
    /// People and groups that are gone, as `user:{id}` or `group:{id}`.
    pub gone_people: Vec<String>,
    /// Revocations, in order.
    pub revocations: Vec<RevocationRow>,
    /// True when the tenant's own row changed.
    pub tenant: bool,
}

/// The whole of a tenant's state, in the form of a change from nothing.
pub type Snapshot = Changes;

impl Database {
    /// Everything that memory holds of a tenant.
    pub async fn snapshot(&self, tenant: &str, now: Instant) -> Result<Snapshot, StoreError> {
        let txn = self.begin_read().await?;
        let read = self.reads(&txn, tenant);
        let head = read.head().await?;
        let mut snapshot = Snapshot { tenant: true, ..Snapshot::default() };
        for row in read.all("SELECT kind, id, body FROM records WHERE tenant = ?", vec![]).await? {
            snapshot.records.extend(record_of(&row)?);
        }
        snapshot.users = read.users(&people_of(&snapshot.records).into_iter().collect::<Vec<_>>()).await?;
        snapshot.groups = read.groups(None).await?;
        snapshot.revocations = read.live_revocations(0, now).await?;
        snapshot.head = head;
        txn.commit().await?;
        Ok(snapshot)
    }

    /// What changed after a position; `None` when nothing that memory holds did.
    pub async fn changes(&self, tenant: &str, after: i64) -> Result<Changes, StoreError> {
        let txn = self.begin_read().await?;
        let read = self.reads(&txn, tenant);
        let head = read.head().await?;
        let mut changes = Changes::default();
        if head.change_seq > after {
            let touched: BTreeSet<Touched> = read.touched_after(after).await?.into_iter().collect();
            if touched.contains(&Touched::Revocation) {
                changes.revocations = read.revocations_between(after, head.seq).await?;
            }
            changes.tenant = touched.contains(&Touched::Tenant);
            read_touched(&read, &touched, &mut changes).await?;
        }
        changes.head = head;
        txn.commit().await?;
        Ok(changes)
    }

    fn reads<'c>(&self, txn: &'c DatabaseTransaction, tenant: &'c str) -> TenantRead<'c> {
        TenantRead::new(txn, self.backend, tenant)
    }
}

fn record_of(row: &QueryResult) -> Result<Option<AnyRecord>, StoreError> {
    let (kind, id): (String, String) = (row.try_get("", "kind")?, row.try_get("", "id")?);
    let body: String = row.try_get("", "body")?;
    Kind::parse(&kind).map(|kind| AnyRecord::decode(kind, &id, &body)).transpose()
}

/// The people whom these records name.
fn people_of(records: &[AnyRecord]) -> BTreeSet<String> {
    let mut people = BTreeSet::new();
    for record in records {
        record.each_person(|id| {
            if !people.contains(id) {
                people.insert(id.to_owned());
            }
        });
    }
    people
}

async fn read_touched(
    read: &TenantRead<'_>,
    touched: &BTreeSet<Touched>,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let mut users = Vec::new();
    let mut groups = Vec::new();
    let mut records: std::collections::BTreeMap<Kind, Vec<String>> = std::collections::BTreeMap::new();
    for one in touched {
        match one {
            Touched::Record(kind, id) => records.entry(*kind).or_default().push(id.clone()),
            Touched::User(id) => users.push(id.clone()),
            Touched::Group(id) => groups.push(id.clone()),
            Touched::Revocation | Touched::Tenant => {}
        }
    }
    changes.groups = read.groups(Some(&groups)).await?;
    let there: BTreeSet<&str> = changes.groups.iter().map(|g| g.id.as_str()).collect();
    changes
        .gone_people
        .extend(groups.iter().filter(|id| !there.contains(id.as_str())).map(|id| format!("group:{id}")));
    for (kind, ids) in records {
        let mut there = BTreeSet::new();
        for chunk in ids.chunks(sql::IN_CHUNK) {
            let text = format!(
                "SELECT kind, id, body FROM records WHERE tenant = ? AND kind = ? AND id IN {}",
                sql::marks(chunk.len())
            );
            let mut values: Vec<Value> = vec![kind.as_str().into()];
            values.extend(chunk.iter().map(|id| Value::from(id.as_str())));
            for row in read.all(&text, values).await? {
                there.insert(row.try_get::<String>("", "id")?);
                changes.records.extend(record_of(&row)?);
            }
        }
        changes.gone.extend(ids.into_iter().filter(|id| !there.contains(id)).map(|id| (kind, id)));
    }
    // Whoever a record begins to name was not in memory before.
    let named = people_of(&changes.records);
    let wanted: Vec<String> = users.iter().filter(|id| !named.contains(*id)).chain(&named).cloned().collect();
    changes.users = read.users(&wanted).await?;
    let there: BTreeSet<&str> = changes.users.iter().map(|u| u.id.as_str()).collect();
    changes
        .gone_people
        .extend(users.iter().filter(|id| !there.contains(id.as_str())).map(|id| format!("user:{id}")));
    Ok(())
}
