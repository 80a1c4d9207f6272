//! What identity providers provision: the whole of a person or a group, addresses to find people by, and how each
//! key's synchronisation goes.
//!
//! `body` is a person in the form in which SCIM answers, `search` the form in which filters compare; `version`
//! counts writes. Pages continue by id and by name, which PostgreSQL must then compare by bytes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::schema::{index, int, int_null, key, table, text, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0009_provisioning"
    }
}

/// Members that are no people are few: memory reads them without reading the people.
const NOT_PEOPLE: &str = "CREATE INDEX group_members_not_people ON group_members (tenant, group_id, member) \
                          WHERE substr(member, 1, 5) <> 'user:'";

/// The orders of pages.
const BY_BYTES: [&str; 4] = [
    "CREATE INDEX users_id_bytes ON users (tenant, id COLLATE \"C\")",
    "CREATE INDEX users_name_bytes ON users (tenant, user_folded COLLATE \"C\", id COLLATE \"C\")",
    "CREATE INDEX groups_id_bytes ON groups (tenant, id COLLATE \"C\")",
    "CREATE INDEX groups_name_bytes ON groups (tenant, name_folded COLLATE \"C\", id COLLATE \"C\")",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["users", "groups"] {
            let version = int("version").default(1).to_owned();
            manager.alter_table(Table::alter().table(name).add_column(version).to_owned()).await?;
        }
        for column in ["body", "search"] {
            let column = text_null(column);
            manager.alter_table(Table::alter().table("users").add_column(column).to_owned()).await?;
        }
        manager.create_index(index("groups_external", "groups", &["tenant", "external_id"])).await?;
        manager
            .create_table(
                table("user_emails")
                    .col(text("tenant"))
                    .col(text("user_id"))
                    .col(int("place"))
                    .col(text_null("value_folded"))
                    .col(text_null("type_folded"))
                    .col(text_null("display_folded"))
                    .col(int_null("is_primary"))
                    .primary_key(&mut key(&["tenant", "user_id", "place"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("user_emails_value", "user_emails", &["tenant", "value_folded", "user_id"]))
            .await?;
        manager
            .create_table(
                table("scim_syncs")
                    .col(text("tenant"))
                    .col(text("key_id"))
                    .col(int_null("synced_at"))
                    .col(int_null("failed_at"))
                    .col(text_null("failure"))
                    .primary_key(&mut key(&["tenant", "key_id"]))
                    .to_owned(),
            )
            .await?;
        let connection = manager.get_connection();
        connection.execute_unprepared(NOT_PEOPLE).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            for statement in BY_BYTES {
                connection.execute_unprepared(statement).await?;
            }
        }
        Ok(())
    }
}
