//! Records: what a tenant's administrators manage, one typed JSON body a row.
//!
//! `name` is the record's natural key within its kind, so a used name stays used while its row stays.
//! `record_links` says which records point at a thing (`user:…`, `role:…`), so that "whose" is one indexed look-up.

use sea_orm_migration::prelude::*;

use crate::schema::{index, int, key, table, text};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_records"
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
                table("records")
                    .col(text("tenant"))
                    .col(text("kind"))
                    .col(text("id"))
                    .col(text("name"))
                    .col(text("body"))
                    .col(int("created_at"))
                    .col(int("updated_at"))
                    .primary_key(&mut key(&["tenant", "kind", "id"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("records_name", "records", &["tenant", "kind", "name"]).unique().to_owned())
            .await?;
        manager
            .create_table(
                table("record_links")
                    .col(text("tenant"))
                    .col(text("kind"))
                    .col(text("id"))
                    .col(text("link"))
                    .primary_key(&mut key(&["tenant", "kind", "id", "link"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("record_links_link", "record_links", &["tenant", "link", "kind", "id"]))
            .await?;
        Ok(())
    }
}
