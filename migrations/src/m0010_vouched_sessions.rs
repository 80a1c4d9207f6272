//! Sessions that an identity provider began: who is signed in there, so that they end when it says so.

use sea_orm_migration::prelude::*;

use crate::schema::{index, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0010_vouched_sessions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["issuer", "subject", "sid"] {
            let column = text_null(column);
            manager.alter_table(Table::alter().table("sessions").add_column(column).to_owned()).await?;
        }
        manager.create_index(index("sessions_vouched", "sessions", &["tenant", "issuer"])).await
    }
}
