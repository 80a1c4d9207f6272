//! Dashboard sessions and one-time set-up links, both stored as digests.

use sea_orm_migration::prelude::*;

use crate::schema::{int, int_null, key, table, text, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_sessions"
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
                table("sessions")
                    .col(text("id"))
                    .col(text_null("tenant"))
                    .col(text("actor"))
                    .col(text("role"))
                    .col(text("csrf"))
                    .col(int("created_at"))
                    .col(int("expires_at"))
                    .primary_key(&mut key(&["id"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("setup_links")
                    .col(text("id"))
                    .col(int("created_at"))
                    .col(int("expires_at"))
                    .col(int_null("used_at"))
                    .primary_key(&mut key(&["id"]))
                    .to_owned(),
            )
            .await?;
        Ok(())
    }
}
