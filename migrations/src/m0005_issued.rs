//! Issued credentials, never their secret part, and the assertions that were used up.

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
                    .col(text("body"))
                    .primary_key(&mut key(&["tenant", "id"]))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("issued_agent", "issued", &["tenant", "agent", "expires_at"])).await?;
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
