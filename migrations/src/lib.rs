//! One migration tree for SQLite and PostgreSQL.
//!
//! Invariant: a migration that has landed is never edited. Every statement is written once, in
//! sea-query, and means the same on both databases: text ids, instants as 64-bit milliseconds,
//! JSON as text. Every tenant table begins its primary key with `tenant`.

use sea_orm_migration::prelude::*;

mod m0001_installation;
mod m0002_records;
mod m0003_people;
mod m0004_log;
mod m0005_issued;
mod m0006_sessions;
mod m0007_uses;
mod m0008_spent_proofs;
mod m0009_provisioning;
mod m0010_vouched_sessions;
mod schema;

/// The tree, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_installation::Migration),
            Box::new(m0002_records::Migration),
            Box::new(m0003_people::Migration),
            Box::new(m0004_log::Migration),
            Box::new(m0005_issued::Migration),
            Box::new(m0006_sessions::Migration),
            Box::new(m0007_uses::Migration),
            Box::new(m0008_spent_proofs::Migration),
            Box::new(m0009_provisioning::Migration),
            Box::new(m0010_vouched_sessions::Migration),
        ]
    }
}
