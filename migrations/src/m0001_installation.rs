//! Tenants, installation-wide values and platform keys.

use sea_orm_migration::prelude::*;

use crate::schema::{index, int, int_null, key, table, text, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_installation"
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
                table("tenants")
                    .col(text("id"))
                    .col(text("slug"))
                    .col(text("name"))
                    .col(text("status"))
                    .col(int("created_at"))
                    .primary_key(&mut key(&["id"]))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("tenants_slug", "tenants", &["slug"]).unique().to_owned()).await?;
        manager
            .create_table(
                table("installation")
                    .col(text("name"))
                    .col(text("value"))
                    .primary_key(&mut key(&["name"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                table("platform_keys")
                    .col(text("id"))
                    .col(text("hash"))
                    .col(text("prefix"))
                    .col(text_null("holder"))
                    .col(int("created_at"))
                    .col(int_null("expires_at"))
                    .col(int_null("ended_at"))
                    .primary_key(&mut key(&["id"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("platform_keys_hash", "platform_keys", &["hash"]).unique().to_owned())
            .await?;
        Ok(())
    }
}
