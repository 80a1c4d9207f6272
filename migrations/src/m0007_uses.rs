//! Meters of credentials that may be exercised a number of times, and the keys that make a repeated use one.

use sea_orm_migration::prelude::*;

use crate::schema::{index, int, key, table, text};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_uses"
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
                table("meters")
                    .col(text("tenant"))
                    .col(text("credential"))
                    .col(int("used"))
                    .col(int("expires_at"))
                    .primary_key(&mut key(&["tenant", "credential"]))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("meters_by_expiry", "meters", &["tenant", "expires_at"])).await?;
        manager
            .create_table(
                table("use_keys")
                    .col(text("tenant"))
                    .col(text("credential"))
                    .col(text("id"))
                    .col(text("request"))
                    .col(int("expires_at"))
                    .primary_key(&mut key(&["tenant", "credential", "id"]))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("use_keys_by_expiry", "use_keys", &["tenant", "expires_at"])).await
    }
}
