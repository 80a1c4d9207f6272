//! Users, groups and their members.
//!
//! `user_folded`, `email_folded` and `name_folded` hold case-folded text, because `lower()` is ASCII-only on SQLite.

use sea_orm_migration::prelude::*;

use crate::schema::{index, int, key, table, text, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_people"
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
                table("users")
                    .col(text("tenant"))
                    .col(text("id"))
                    .col(text("user_name"))
                    .col(text("user_folded"))
                    .col(text_null("email"))
                    .col(text_null("email_folded"))
                    .col(text_null("display"))
                    .col(int("active"))
                    .col(int("placeholder"))
                    .col(text_null("external_id"))
                    .col(int("created_at"))
                    .col(int("updated_at"))
                    .primary_key(&mut key(&["tenant", "id"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("users_name", "users", &["tenant", "user_folded"]).unique().to_owned())
            .await?;
        manager.create_index(index("users_email", "users", &["tenant", "email_folded"])).await?;
        manager.create_index(index("users_external", "users", &["tenant", "external_id"])).await?;
        manager
            .create_table(
                table("groups")
                    .col(text("tenant"))
                    .col(text("id"))
                    .col(text("name"))
                    .col(text("name_folded"))
                    .col(int("placeholder"))
                    .col(text_null("external_id"))
                    .col(int("created_at"))
                    .col(int("updated_at"))
                    .primary_key(&mut key(&["tenant", "id"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("groups_name", "groups", &["tenant", "name_folded"]).unique().to_owned())
            .await?;
        manager
            .create_table(
                table("group_members")
                    .col(text("tenant"))
                    .col(text("group_id"))
                    .col(text("member"))
                    .primary_key(&mut key(&["tenant", "group_id", "member"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("group_members_member", "group_members", &["tenant", "member", "group_id"]))
            .await?;
        Ok(())
    }
}
