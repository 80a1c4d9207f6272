//! Who is in what, and what points at any of many: the look-ups that follow a change of authority to everybody it reaches.
//!
//! Each is one indexed query a chunk of ids, so that a role bound to a team of thousands costs a few.

use std::collections::BTreeMap;

use sea_orm::Value;

use crate::{Record, StoreError, TenantRead, sql, tenant};

impl TenantRead<'_> {
    /// The groups that hold any of these members directly, as (member, group id); members as `agent:{id}`.
    pub async fn memberships(&self, members: &[String]) -> Result<Vec<(String, String)>, StoreError> {
        let mut found = Vec::new();
        for chunk in members.chunks(sql::IN_CHUNK) {
            let text = format!(
                "SELECT member, group_id FROM group_members WHERE tenant = ? AND member IN {}",
                sql::marks(chunk.len())
            );
            let values = chunk.iter().map(|member| Value::from(member.as_str())).collect();
            for row in self.all(&text, values).await? {
                found.push((row.try_get("", "member")?, row.try_get("", "group_id")?));
            }
        }
        Ok(found)
    }

    /// Whether an agent, a binding or a key names this person, so that memory holds them.
    pub async fn names_person(&self, id: &str) -> Result<bool, StoreError> {
        let text = "SELECT 1 AS named FROM record_links WHERE tenant = ? AND link IN (?, ?, ?) LIMIT 1";
        let links = ["user", "for:user", "proposed:user"].map(|kind| format!("{kind}:{id}").into());
        Ok(self.one(text, links.into()).await?.is_some())
    }

    /// The records of a kind that point at any of `links`, each once, in the order of their ids.
    pub async fn linked_any<R: Record>(&self, links: &[String]) -> Result<Vec<R>, StoreError> {
        let mut found: BTreeMap<String, R> = BTreeMap::new();
        for chunk in links.chunks(sql::IN_CHUNK) {
            let text = format!(
                "SELECT r.id, r.body FROM record_links l JOIN records r \
                 ON r.tenant = l.tenant AND r.kind = l.kind AND r.id = l.id \
                 WHERE l.tenant = ? AND l.kind = ? AND l.link IN {}",
                sql::marks(chunk.len())
            );
            let mut values: Vec<Value> = vec![R::KIND.as_str().into()];
            values.extend(chunk.iter().map(|link| Value::from(link.as_str())));
            for row in self.all(&text, values).await? {
                let record: R = tenant::decode(&row)?;
                found.insert(record.id().to_owned(), record);
            }
        }
        Ok(found.into_values().collect())
    }
}
