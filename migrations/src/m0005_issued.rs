//! Issued credentials, never their secret part, and the assertions that were used up.
//!
//! What a credential carries is in the event that issued it, at the same `seq`. `issued_agents` follows the log as
//! `event_terms` does.

use sea_orm_migration::prelude::*;

use crate::schema::{index, int, key, table, text, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_issued"
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
                table("issued")
                    .col(text("tenant"))
                    .col(text("id"))
                    .col(int("seq"))
                    .col(text("agent"))
                    .col(text_null("subject"))
                    .col(text("root"))
                    .col(text_null("parent"))
                    .col(int("depth"))
                    .col(int("issued_at"))
                    .col(int("expires_at"))
                    .primary_key(&mut key(&["tenant", "seq"]))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("issued_id", "issued", &["tenant", "id"]).unique().to_owned()).await?;
        manager
            .create_table(
                table("issued_agents")
                    .col(text("tenant"))
                    .col(text("agent"))
                    .col(int("expires_at"))
                    .col(int("seq"))
                    .primary_key(&mut key(&["tenant", "agent", "expires_at", "seq"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("spent_assertions")
                    .col(text("tenant"))
                    .col(text("client"))
                    .col(text("jti"))
                    .col(int("expires_at"))
                    .primary_key(&mut key(&["tenant", "client", "jti"]))
                    .to_owned(),
            )
            .await?;
        manager
            .get_connection()
            .execute_unprepared("CREATE INDEX issued_root ON issued (tenant, root) WHERE depth > 0")
            .await?;
        Ok(())
    }
}
