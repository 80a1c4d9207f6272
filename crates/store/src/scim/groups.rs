//! Reading and writing groups; their members are apart.

use deputy_mandate::Instant;
use deputy_scim::sql::SqlCondition;
use sea_orm::{ConnectionTrait, QueryResult};

use super::{GroupColumns, Page};
use crate::{StoreError, TenantRead, TenantTx, fold, sql};

/// A group without its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Opaque id.
    pub id: String,
    /// `displayName`, as it was sent.
    pub name: String,
    /// The identity provider's id for it.
    pub external_id: Option<String>,
    /// True for a group that was named before the first sync knew it.
    pub placeholder: bool,
    /// Counts writes, those of members too; the entity tag.
    pub version: i64,
    /// When it was first named.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

fn team_of(row: &QueryResult) -> Result<Team, StoreError> {
    Ok(Team {
        id: row.try_get("", "id")?,
        name: row.try_get("", "name")?,
        external_id: row.try_get("", "external_id")?,
        placeholder: row.try_get::<i64>("", "placeholder")? != 0,
        version: row.try_get("", "version")?,
        created_at: Instant(row.try_get("", "created_at")?),
        updated_at: Instant(row.try_get("", "updated_at")?),
    })
}

impl TenantRead<'_> {
    /// Where the attributes of groups stand.
    #[must_use]
    pub fn group_columns(&self) -> GroupColumns<'_> {
        GroupColumns::new(self.tenant)
    }

    /// A group by id.
    pub async fn team(&self, id: &str) -> Result<Option<Team>, StoreError> {
        let row = self.one("SELECT * FROM groups WHERE tenant = ? AND id = ?", vec![id.into()]).await?;
        row.as_ref().map(team_of).transpose()
    }

    /// The group of this name, in any case.
    pub async fn team_named(&self, name: &str) -> Result<Option<Team>, StoreError> {
        let text = "SELECT * FROM groups WHERE tenant = ? AND name_folded = ?";
        self.one(text, vec![fold(name).into()]).await?.as_ref().map(team_of).transpose()
    }

    /// A page of groups.
    pub async fn teams_page(&self, page: &Page<'_>) -> Result<Vec<Team>, StoreError> {
        let (tail, values) = page.tail();
        let text = format!("SELECT g.* FROM groups g WHERE g.tenant = ? AND {tail}");
        self.all(&text, values).await?.iter().map(team_of).collect()
    }

    /// How many groups match.
    pub async fn count_teams(&self, condition: &SqlCondition) -> Result<u64, StoreError> {
        let text = format!("SELECT COUNT(*) AS n FROM groups g WHERE g.tenant = ? AND {}", condition.text);
        self.count(&text, condition).await
    }
}

impl TenantTx<'_> {
    /// Adds a group; a used name is [`StoreError::Taken`].
    pub async fn insert_team(&mut self, team: &Team) -> Result<(), StoreError> {
        let text = "INSERT INTO groups (tenant, id, name, name_folded, placeholder, external_id, created_at, \
                    updated_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let values = vec![
            team.id.as_str().into(),
            team.name.as_str().into(),
            fold(&team.name).into(),
            i64::from(team.placeholder).into(),
            team.external_id.clone().into(),
            team.created_at.0.into(),
            team.updated_at.0.into(),
            team.version.into(),
        ];
        self.run(text, values).await.map(drop)
    }

    /// Replaces a group that is there.
    pub async fn update_team(&mut self, team: &Team) -> Result<(), StoreError> {
        let text = "UPDATE groups SET name = ?, name_folded = ?, placeholder = ?, external_id = ?, updated_at = ?, \
                    version = ? WHERE tenant = ? AND id = ?";
        let values = vec![
            team.name.as_str().into(),
            fold(&team.name).into(),
            i64::from(team.placeholder).into(),
            team.external_id.clone().into(),
            team.updated_at.0.into(),
            team.version.into(),
            self.tenant.into(),
            team.id.as_str().into(),
        ];
        self.conn.execute_raw(sql::statement(self.backend, text, values)).await?;
        Ok(())
    }

    /// Removes a group with its memberships, in it and of it.
    pub async fn delete_team(&mut self, id: &str) -> Result<(), StoreError> {
        self.leave_groups(&format!("group:{id}")).await?;
        self.clear_members(id).await?;
        self.run("DELETE FROM groups WHERE tenant = ? AND id = ?", vec![id.into()]).await.map(drop)
    }
}
