//! Users and groups: the people and teams who own agents and on whose behalf agents act.
//!
//! Names are matched by a folded column, because `lower()` folds ASCII only on SQLite.

use std::collections::HashMap;

use deputy_mandate::Instant;
use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::{Person, StoreError, TenantRead, TenantTx, fold, model::PersonAttribute, sql};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Opaque id.
    pub id: String,
    /// `userName`, as it was sent.
    pub user_name: String,
    /// Work e-mail.
    pub email: Option<String>,
    /// Display name.
    pub display: Option<String>,
    /// False when the identity provider or an administrator deactivated the person.
    pub active: bool,
    /// True for an owner who was named before the first sync knew them.
    pub placeholder: bool,
    /// The identity provider's id for the person.
    pub external_id: Option<String>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Opaque id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// True for a group that was named before the first sync knew it.
    pub placeholder: bool,
    /// The agents and groups in it, as `agent:{id}` or `group:{id}`. People are not among them: there may be a
    /// hundred thousand, and no authority of an agent comes from them.
    pub members: Vec<String>,
}

const USER: &str = "id, user_name, email, display, active, placeholder, external_id";

pub(crate) fn user_of(row: &QueryResult) -> Result<User, StoreError> {
    let flag = |column| Ok::<bool, StoreError>(row.try_get::<i64>("", column)? != 0);
    Ok(User {
        id: row.try_get("", "id")?,
        user_name: row.try_get("", "user_name")?,
        email: row.try_get("", "email")?,
        display: row.try_get("", "display")?,
        active: flag("active")?,
        placeholder: flag("placeholder")?,
        external_id: row.try_get("", "external_id")?,
    })
}

fn group_of(row: &QueryResult) -> Result<Group, StoreError> {
    Ok(Group {
        id: row.try_get("", "id")?,
        name: row.try_get("", "name")?,
        placeholder: row.try_get::<i64>("", "placeholder")? != 0,
        members: Vec::new(),
    })
}

impl TenantRead<'_> {
    /// A person by id.
    pub async fn user(&self, id: &str) -> Result<Option<User>, StoreError> {
        let row = self
            .one(&format!("SELECT {USER} FROM users WHERE tenant = ? AND id = ?"), vec![id.into()])
            .await?;
        row.as_ref().map(user_of).transpose()
    }

    /// People by folded `userName`, else by folded e-mail of active people; more than one is ambiguous.
    pub async fn users_named(&self, name: &str) -> Result<Vec<User>, StoreError> {
        let folded = fold(name);
        let by_name = format!("SELECT {USER} FROM users WHERE tenant = ? AND user_folded = ?");
        let found: Vec<User> = self
            .all(&by_name, vec![folded.as_str().into()])
            .await?
            .iter()
            .map(user_of)
            .collect::<Result<_, _>>()?;
        if !found.is_empty() {
            return Ok(found);
        }
        let by_email =
            format!("SELECT {USER} FROM users WHERE tenant = ? AND email_folded = ? AND active = 1 LIMIT 2");
        self.all(&by_email, vec![folded.into()]).await?.iter().map(user_of).collect()
    }

    /// The people in whom this attribute has this value; two are enough to know that it is ambiguous.
    pub async fn users_with(&self, attribute: PersonAttribute, value: &str) -> Result<Vec<User>, StoreError> {
        let (column, value) = match attribute {
            PersonAttribute::UserName => ("user_folded", fold(value)),
            PersonAttribute::Email => ("email_folded", fold(value)),
            PersonAttribute::ExternalId => ("external_id", value.to_owned()),
        };
        let text = format!("SELECT {USER} FROM users WHERE tenant = ? AND {column} = ? LIMIT 2");
        self.all(&text, vec![value.into()]).await?.iter().map(user_of).collect()
    }

    /// A group by its folded name.
    pub async fn group_named(&self, name: &str) -> Result<Option<Group>, StoreError> {
        let text = "SELECT * FROM groups WHERE tenant = ? AND name_folded = ?";
        let Some(row) = self.one(text, vec![fold(name).into()]).await? else { return Ok(None) };
        let group = group_of(&row)?;
        Ok(self.groups(Some(&[group.id])).await?.pop())
    }

    /// The people with these ids.
    pub async fn users(&self, ids: &[String]) -> Result<Vec<User>, StoreError> {
        self.with_ids(&format!("SELECT {USER} FROM users WHERE tenant = ?"), "id", Some(ids), user_of).await
    }

    /// When each of these people and groups was last changed, by `user:{id}` or `group:{id}`.
    pub async fn changed_at(
        &self,
        users: &[String],
        groups: &[String],
    ) -> Result<HashMap<String, Instant>, StoreError> {
        let mut found = HashMap::new();
        for (kind, text, ids) in [
            ("user", "SELECT id, updated_at FROM users WHERE tenant = ?", users),
            ("group", "SELECT id, updated_at FROM groups WHERE tenant = ?", groups),
        ] {
            let of = |row: &QueryResult| {
                let id: String = row.try_get("", "id")?;
                Ok((format!("{kind}:{id}"), Instant(row.try_get("", "updated_at")?)))
            };
            found.extend(self.with_ids(text, "id", Some(ids), of).await?);
        }
        Ok(found)
    }

    /// Groups, all or those with these ids.
    pub async fn groups(&self, ids: Option<&[String]>) -> Result<Vec<Group>, StoreError> {
        let mut groups = self.with_ids("SELECT * FROM groups WHERE tenant = ?", "id", ids, group_of).await?;
        let members = match ids {
            Some(ids) => self.members_but_people(ids).await?,
            None => {
                let text = "SELECT group_id, member FROM group_members \
                            WHERE tenant = ? AND substr(member, 1, 5) <> 'user:'";
                let pair = |row: &QueryResult| Ok((row.try_get("", "group_id")?, row.try_get("", "member")?));
                self.with_ids(text, "group_id", None, pair).await?
            }
        };
        let mut by_group: HashMap<String, Vec<String>> = HashMap::new();
        for (group, member) in members {
            by_group.entry(group).or_default().push(member);
        }
        for group in &mut groups {
            group.members = by_group.remove(&group.id).unwrap_or_default();
        }
        Ok(groups)
    }

    async fn with_ids<T>(
        &self,
        text: &str,
        column: &str,
        ids: Option<&[String]>,
        decode: impl Fn(&QueryResult) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let Some(ids) = ids else {
            return self.all(text, vec![]).await?.iter().map(decode).collect();
        };
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(sql::IN_CHUNK) {
            let text = format!("{text} AND {column} IN {}", sql::marks(chunk.len()));
            let values = chunk.iter().map(|id| Value::from(id.as_str())).collect();
            for row in self.all(&text, values).await? {
                found.push(decode(&row)?);
            }
        }
        Ok(found)
    }
}

impl TenantTx<'_> {
    /// Adds people who are only named so far.
    pub async fn insert_users(&mut self, users: &[User]) -> Result<(), StoreError> {
        let now = self.now();
        let people: Vec<Person> = users.iter().map(|user| Person::named(user, now)).collect();
        self.insert_people(&people).await
    }

    /// Adds groups, with their members.
    pub async fn insert_groups(&mut self, groups: &[Group]) -> Result<(), StoreError> {
        let now = self.now().0;
        let mut rows: Vec<Value> = Vec::new();
        let mut members: Vec<Value> = Vec::new();
        for group in groups {
            rows.extend([self.tenant.into(), group.id.as_str().into(), group.name.as_str().into()]);
            rows.extend([
                fold(&group.name).into(),
                i64::from(group.placeholder).into(),
                now.into(),
                now.into(),
            ]);
            for member in &group.members {
                members.extend([self.tenant.into(), group.id.as_str().into(), member.as_str().into()]);
            }
        }
        let head = "INSERT INTO groups (tenant, id, name, name_folded, placeholder, created_at, updated_at)";
        let members_head = "INSERT INTO group_members (tenant, group_id, member)";
        let groups = sql::inserts(self.backend, head, "", 7, rows);
        let members = sql::inserts(self.backend, members_head, " ON CONFLICT DO NOTHING", 3, members);
        for statement in groups.into_iter().chain(members) {
            self.conn.execute_raw(statement).await?;
        }
        Ok(())
    }
}
