//! Proofs of possession that were used up (RFC 9449 §11.1).
//!
//! A `jti` is the proof's maker's own text, so its digest stands here.

use sea_orm_migration::prelude::*;

use crate::schema::{index, int, key, table, text};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0008_spent_proofs"
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
                table("spent_proofs")
                    .col(text("tenant"))
                    .col(text("jkt"))
                    .col(text("jti"))
                    .col(int("expires_at"))
                    .primary_key(&mut key(&["tenant", "jkt", "jti"]))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("spent_proofs_by_expiry", "spent_proofs", &["expires_at"])).await
    }
}
