//! Reading and writing people.

use deputy_scim::sql::{Dialect, SqlCondition};
use sea_orm::{ConnectionTrait, DbBackend, Value};

use super::{
    Page, Person, UserColumns,
    person::{Email, person_of},
    value,
};
use crate::{StoreError, TenantRead, TenantTx, fold, sql};

const HEAD: &str = "INSERT INTO users (tenant, id, user_name, user_folded, email, email_folded, display, active, \
                    placeholder, external_id, created_at, updated_at, version, body, search)";
const WIDTH: usize = 15;
const EMAIL_HEAD: &str = "INSERT INTO user_emails (tenant, user_id, place, value_folded, type_folded, display_folded, \
                          is_primary)";
const EMAIL_WIDTH: usize = 7;

impl TenantRead<'_> {
    /// The SQL that this database speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        if self.backend == DbBackend::Postgres { Dialect::Postgres } else { Dialect::Sqlite }
    }

    /// Where the attributes of people stand.
    #[must_use]
    pub fn user_columns(&self) -> UserColumns<'_> {
        UserColumns::new(self.tenant, self.dialect())
    }

    /// A person by id.
    pub async fn person(&self, id: &str) -> Result<Option<Person>, StoreError> {
        let row = self.one("SELECT * FROM users WHERE tenant = ? AND id = ?", vec![id.into()]).await?;
        row.as_ref().map(person_of).transpose()
    }

    /// The person with this `userName`, in any case.
    pub async fn person_named(&self, name: &str) -> Result<Option<Person>, StoreError> {
        let text = "SELECT * FROM users WHERE tenant = ? AND user_folded = ?";
        self.one(text, vec![fold(name).into()]).await?.as_ref().map(person_of).transpose()
    }

    /// Those who were only named so far, by this address; two are enough to know that it is ambiguous.
    pub async fn named_by_email(&self, email: &str) -> Result<Vec<Person>, StoreError> {
        let text = "SELECT * FROM users WHERE tenant = ? AND email_folded = ? AND placeholder = 1 LIMIT 2";
        self.all(text, vec![fold(email).into()]).await?.iter().map(person_of).collect()
    }

    /// A page of people.
    pub async fn people_page(&self, page: &Page<'_>) -> Result<Vec<Person>, StoreError> {
        let (tail, values) = page.tail();
        let text = format!("SELECT u.* FROM users u WHERE u.tenant = ? AND {tail}");
        self.all(&text, values).await?.iter().map(person_of).collect()
    }

    /// How many people match.
    pub async fn count_people(&self, condition: &SqlCondition) -> Result<u64, StoreError> {
        let text = format!("SELECT COUNT(*) AS n FROM users u WHERE u.tenant = ? AND {}", condition.text);
        self.count(&text, condition).await
    }

    pub(super) async fn count(&self, text: &str, condition: &SqlCondition) -> Result<u64, StoreError> {
        let row = self.one(text, condition.binds.iter().map(value).collect()).await?;
        let n: i64 = row.map_or(Ok(0), |row| row.try_get("", "n"))?;
        Ok(u64::try_from(n).unwrap_or(0))
    }
}

impl TenantTx<'_> {
    /// Adds people; a used `userName` is [`StoreError::Taken`].
    pub async fn insert_people(&mut self, people: &[Person]) -> Result<(), StoreError> {
        let mut rows: Vec<Value> = Vec::with_capacity(people.len() * WIDTH);
        let mut emails: Vec<Value> = Vec::new();
        for person in people {
            rows.extend([self.tenant.into(), person.id.as_str().into()]);
            rows.extend(columns_of(person));
            rows.extend([person.created_at.0.into(), person.updated_at.0.into(), person.version.into()]);
            rows.extend(documents(person));
            self.push_emails(person, &mut emails);
        }
        let people = sql::inserts(self.backend, HEAD, "", WIDTH, rows);
        let emails = sql::inserts(self.backend, EMAIL_HEAD, "", EMAIL_WIDTH, emails);
        for statement in people.into_iter().chain(emails) {
            self.conn.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Replaces a person who is there.
    pub async fn update_person(&mut self, person: &Person) -> Result<(), StoreError> {
        let text = "UPDATE users SET user_name = ?, user_folded = ?, email = ?, email_folded = ?, display = ?, \
                    active = ?, placeholder = ?, external_id = ?, updated_at = ?, version = ?, body = ?, search = ? \
                    WHERE tenant = ? AND id = ?";
        let mut values: Vec<Value> = columns_of(person).into();
        values.extend([person.updated_at.0.into(), person.version.into()]);
        values.extend(documents(person));
        values.extend([self.tenant.into(), person.id.as_str().into()]);
        self.conn.execute_raw(sql::statement(self.backend, text, values)).await?;
        self.run("DELETE FROM user_emails WHERE tenant = ? AND user_id = ?", vec![person.id.as_str().into()])
            .await?;
        let mut emails = Vec::new();
        self.push_emails(person, &mut emails);
        for statement in sql::inserts(self.backend, EMAIL_HEAD, "", EMAIL_WIDTH, emails) {
            self.conn.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Removes a person, from every group too.
    pub async fn delete_person(&mut self, id: &str) -> Result<(), StoreError> {
        self.leave_groups(&format!("user:{id}")).await?;
        self.run("DELETE FROM user_emails WHERE tenant = ? AND user_id = ?", vec![id.into()]).await?;
        self.run("DELETE FROM users WHERE tenant = ? AND id = ?", vec![id.into()]).await.map(drop)
    }

    fn push_emails(&self, person: &Person, rows: &mut Vec<Value>) {
        for (place, Email { value, kind, display, primary }) in (0_i64..).zip(person.emails()) {
            rows.extend([self.tenant.into(), person.id.as_str().into(), place.into()]);
            rows.extend([value.into(), kind.into(), display.into(), primary.into()]);
        }
    }
}

/// From `user_name` to `external_id`.
fn columns_of(person: &Person) -> [Value; 8] {
    let user = person.user();
    let email_folded = user.email.as_deref().map(fold);
    [
        user.user_name.as_str().into(),
        fold(&user.user_name).into(),
        user.email.into(),
        email_folded.into(),
        user.display.into(),
        i64::from(user.active).into(),
        i64::from(user.placeholder).into(),
        user.external_id.into(),
    ]
}

/// The whole, and what filters search.
fn documents(person: &Person) -> [Value; 2] {
    let body = serde_json::Value::Object(person.resource.body().clone());
    let search = serde_json::Value::Object(person.resource.search_document());
    [body.to_string().into(), search.to_string().into()]
}
