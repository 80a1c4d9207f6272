//! Reads and writes of many at a time, a few statements each: what a fleet's import is made of.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Value};

use crate::{Group, Record, StoreError, TenantRead, TenantTx, User, sql};

impl TenantRead<'_> {
    /// People by folded `userName`, by folded e-mail of active people, or by id: whoever fits any of these names.
    pub async fn users_called(&self, folded: &[String], ids: &[String]) -> Result<Vec<User>, StoreError> {
        let mut found: BTreeMap<String, User> = BTreeMap::new();
        let by_name = "SELECT id FROM users WHERE tenant = ? AND user_folded IN";
        let by_email = "SELECT id FROM users WHERE tenant = ? AND active = 1 AND email_folded IN";
        let mut wanted = self.ids_where(by_name, folded).await?;
        wanted.extend(self.ids_where(by_email, folded).await?);
        wanted.extend(ids.iter().cloned());
        wanted.sort_unstable();
        wanted.dedup();
        for user in self.users(&wanted).await? {
            found.insert(user.id.clone(), user);
        }
        Ok(found.into_values().collect())
    }

    /// Groups by folded name or by id: whichever fits any of these names.
    pub async fn groups_called(&self, folded: &[String], ids: &[String]) -> Result<Vec<Group>, StoreError> {
        let by_name = "SELECT id FROM groups WHERE tenant = ? AND name_folded IN";
        let mut wanted = self.ids_where(by_name, folded).await?;
        wanted.extend(ids.iter().cloned());
        wanted.sort_unstable();
        wanted.dedup();
        self.groups(Some(&wanted)).await
    }

    /// The ids that a query ending in `IN` finds for these values.
    pub(crate) async fn ids_where(&self, text: &str, values: &[String]) -> Result<Vec<String>, StoreError> {
        let mut ids = Vec::new();
        for chunk in values.chunks(sql::IN_CHUNK) {
            let text = format!("{text} {}", sql::marks(chunk.len()));
            let values = chunk.iter().map(|value| Value::from(value.as_str())).collect();
            for row in self.all(&text, values).await? {
                ids.push(row.try_get("", "id")?);
            }
        }
        Ok(ids)
    }
}

impl TenantTx<'_> {
    /// Replaces many records of a kind that are there.
    pub async fn update_many<R: Record>(&mut self, records: &[R]) -> Result<(), StoreError> {
        let ids: Vec<String> = records.iter().map(|record| record.id().to_owned()).collect();
        self.delete_where::<R>("record_links", &ids).await?;
        let tail = " ON CONFLICT (tenant, kind, id) DO UPDATE SET name = excluded.name, body = excluded.body, \
                    updated_at = excluded.updated_at";
        self.write_many(records, tail).await
    }

    /// Removes many records of a kind.
    pub async fn delete_many<R: Record>(&mut self, ids: &[String]) -> Result<(), StoreError> {
        self.delete_where::<R>("record_links", ids).await?;
        self.delete_where::<R>("records", ids).await
    }

    async fn delete_where<R: Record>(&mut self, table: &str, ids: &[String]) -> Result<(), StoreError> {
        for chunk in ids.chunks(sql::IN_CHUNK) {
            let marks = sql::marks(chunk.len());
            let text = format!("DELETE FROM {table} WHERE tenant = ? AND kind = ? AND id IN {marks}");
            let mut values: Vec<Value> = vec![R::KIND.as_str().into()];
            values.extend(chunk.iter().map(|id| Value::from(id.as_str())));
            self.conn.execute_raw(self.scoped(&text, values)).await?;
        }
        Ok(())
    }
}
