//! The event log, its heads, checkpoints and revocations.
//!
//! `log_heads` is the lock and the counter: `seq` is gap-free per tenant because it is allotted under that row's
//! lock. `change_seq` is the last event that changed state, `barrier_seq` the last that took authority away,
//! `indexed_seq` the last that is in `event_terms`. The log itself has no index that is not written at its end: one
//! over agents would dirty a page for each event of a commit.

use sea_orm_migration::prelude::*;

use crate::schema::{index, int, int_null, key, table, text, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_log"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table("log_heads")
                    .col(text("tenant"))
                    .col(int("seq"))
                    .col(text("hash"))
                    .col(int("change_seq"))
                    .col(int("barrier_seq"))
                    .col(int("halt_seq"))
                    .col(int("indexed_seq"))
                    .primary_key(&mut key(&["tenant"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("events")
                    .col(text("tenant"))
                    .col(int("seq"))
                    .col(int("time"))
                    .col(text("action"))
                    .col(text_null("agent"))
                    .col(text_null("subject"))
                    .col(text_null("credential"))
                    .col(text_null("touched"))
                    .col(text("body"))
                    .col(text("hash"))
                    .primary_key(&mut key(&["tenant", "seq"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("event_terms")
                    .col(text("tenant"))
                    .col(text("term"))
                    .col(int("seq"))
                    .primary_key(&mut key(&["tenant", "term", "seq"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("revocations")
                    .col(text("tenant"))
                    .col(int("seq"))
                    .col(text("id"))
                    .col(text("kind"))
                    .col(text("value"))
                    .col(text_null("body"))
                    .col(text("reason"))
                    .col(int("created_at"))
                    .col(int_null("kept_until"))
                    .primary_key(&mut key(&["tenant", "seq"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("revocations_id", "revocations", &["tenant", "id"]).unique().to_owned())
            .await?;
        manager
            .create_table(
                table("checkpoints")
                    .col(text("tenant"))
                    .col(int("seq"))
                    .col(int("time"))
                    .col(text("kid"))
                    .col(text("jws"))
                    .primary_key(&mut key(&["tenant", "seq"]))
                    .to_owned(),
            )
            .await?;
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE INDEX events_touched ON events (tenant, seq) WHERE touched IS NOT NULL",
            )
            .await?;
        Ok(())
    }
}
