//! Members of groups: added and taken away by id, so that a group of a hundred thousand is never read to be changed.

use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::{StoreError, TenantRead, TenantTx, sql};

/// Somebody or something in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The group's id.
    pub group: String,
    /// `user:{id}`, `group:{id}` or `agent:{id}`.
    pub member: String,
    /// What the other side is called: the member, or the group when groups were asked for.
    pub display: Option<String>,
}

fn membership_of(row: &QueryResult) -> Result<Membership, StoreError> {
    Ok(Membership {
        group: row.try_get("", "group_id")?,
        member: row.try_get("", "member")?,
        display: row.try_get("", "display")?,
    })
}

impl TenantRead<'_> {
    /// The members of these groups, with the names of people and groups.
    pub async fn members(&self, groups: &[String]) -> Result<Vec<Membership>, StoreError> {
        let text = "SELECT m.group_id, m.member, COALESCE(u.display, u.user_name, g.name) AS display \
                    FROM group_members m \
                    LEFT JOIN users u ON u.tenant = m.tenant AND substr(m.member, 1, 5) = 'user:' \
                    AND u.id = substr(m.member, 6) \
                    LEFT JOIN groups g ON g.tenant = m.tenant AND substr(m.member, 1, 6) = 'group:' \
                    AND g.id = substr(m.member, 7) \
                    WHERE m.tenant = ? AND m.group_id IN";
        self.memberships_where(text, groups, "ORDER BY m.group_id, m.member").await
    }

    /// The groups that these are in directly, with the names of the groups; members as `user:{id}`.
    pub async fn groups_with(&self, members: &[String]) -> Result<Vec<Membership>, StoreError> {
        let text = "SELECT m.group_id, m.member, g.name AS display FROM group_members m \
                    JOIN groups g ON g.tenant = m.tenant AND g.id = m.group_id \
                    WHERE m.tenant = ? AND m.member IN";
        self.memberships_where(text, members, "ORDER BY m.member, m.group_id").await
    }

    async fn memberships_where(
        &self,
        text: &str,
        keys: &[String],
        order: &str,
    ) -> Result<Vec<Membership>, StoreError> {
        let mut found = Vec::new();
        for chunk in keys.chunks(sql::IN_CHUNK) {
            let text = format!("{text} {} {order}", sql::marks(chunk.len()));
            let values = chunk.iter().map(|key| Value::from(key.as_str())).collect();
            for row in self.all(&text, values).await? {
                found.push(membership_of(&row)?);
            }
        }
        Ok(found)
    }

    /// The ids of the people in these groups directly.
    pub async fn people_in(&self, groups: &[String]) -> Result<Vec<String>, StoreError> {
        let text = "SELECT DISTINCT substr(member, 6) AS id FROM group_members \
                    WHERE tenant = ? AND substr(member, 1, 5) = 'user:' AND group_id IN";
        self.ids_where(text, groups).await
    }

    /// Of these members of a group, as `user:{id}`, those who are in it.
    pub async fn members_among(&self, group: &str, members: &[String]) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for chunk in members.chunks(sql::IN_CHUNK) {
            let text = format!(
                "SELECT member FROM group_members WHERE tenant = ? AND group_id = ? AND member IN {}",
                sql::marks(chunk.len())
            );
            let mut values: Vec<Value> = vec![group.into()];
            values.extend(chunk.iter().map(|member| Value::from(member.as_str())));
            for row in self.all(&text, values).await? {
                found.push(row.try_get("", "member")?);
            }
        }
        Ok(found)
    }

    /// Everybody and everything in a group, as `user:{id}`, `group:{id}` or `agent:{id}`.
    pub async fn member_keys(&self, group: &str) -> Result<Vec<String>, StoreError> {
        let text = "SELECT member FROM group_members WHERE tenant = ? AND group_id = ?";
        let rows = self.all(text, vec![group.into()]).await?;
        rows.iter().map(|row| Ok(row.try_get("", "member")?)).collect()
    }

    /// Which of these ids are people, groups and agents, each as `user:{id}`, `group:{id}` or `agent:{id}`.
    pub async fn principals_with(&self, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for (kind, text) in [
            ("user", "SELECT id FROM users WHERE tenant = ? AND id IN"),
            ("group", "SELECT id FROM groups WHERE tenant = ? AND id IN"),
            ("agent", "SELECT id FROM records WHERE tenant = ? AND kind = 'agent' AND id IN"),
        ] {
            let known = self.ids_where(text, ids).await?;
            found.extend(known.into_iter().map(|id| format!("{kind}:{id}")));
            if found.len() == ids.len() {
                break;
            }
        }
        Ok(found)
    }
}

impl TenantTx<'_> {
    /// Puts members into a group; who is in it stays.
    pub async fn add_members(&mut self, group: &str, members: &[String]) -> Result<(), StoreError> {
        let mut rows: Vec<Value> = Vec::with_capacity(members.len() * 3);
        for member in members {
            rows.extend([self.tenant.into(), group.into(), member.as_str().into()]);
        }
        let head = "INSERT INTO group_members (tenant, group_id, member)";
        for statement in sql::inserts(self.backend, head, " ON CONFLICT DO NOTHING", 3, rows) {
            self.conn.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Takes members out of a group; who is not in it is no error.
    pub async fn remove_members(&mut self, group: &str, members: &[String]) -> Result<(), StoreError> {
        for chunk in members.chunks(sql::IN_CHUNK) {
            let text = format!(
                "DELETE FROM group_members WHERE tenant = ? AND group_id = ? AND member IN {}",
                sql::marks(chunk.len())
            );
            let mut values: Vec<Value> = vec![group.into()];
            values.extend(chunk.iter().map(|member| Value::from(member.as_str())));
            self.run(&text, values).await?;
        }
        Ok(())
    }

    /// Takes somebody who is gone out of every group, each of which is at a new version then.
    pub async fn leave_groups(&mut self, member: &str) -> Result<(), StoreError> {
        let text = "UPDATE groups SET version = version + 1, updated_at = ? WHERE tenant = ? AND id IN \
                    (SELECT m.group_id FROM group_members m WHERE m.tenant = ? AND m.member = ?)";
        let values: Vec<Value> =
            vec![self.now().0.into(), self.tenant.into(), self.tenant.into(), member.into()];
        self.conn.execute_raw(sql::statement(self.backend, text, values)).await?;
        let text = "DELETE FROM group_members WHERE tenant = ? AND member = ?";
        self.run(text, vec![member.into()]).await.map(drop)
    }

    /// Takes everybody out of a group.
    pub async fn clear_members(&mut self, group: &str) -> Result<(), StoreError> {
        let text = "DELETE FROM group_members WHERE tenant = ? AND group_id = ?";
        self.run(text, vec![group.into()]).await.map(drop)
    }
}
