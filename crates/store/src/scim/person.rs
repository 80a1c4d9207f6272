//! A person as they were provisioned, and what of them has a column.

use deputy_mandate::Instant;
use deputy_scim::{Path, Resource, USER, fold};
use sea_orm::QueryResult;
use serde_json::{Map, Value, json};

use crate::{StoreError, User};

/// A person.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Opaque id.
    pub id: String,
    /// True for somebody who was named before the first sync knew them.
    pub placeholder: bool,
    /// What the identity provider says, without `id`, `meta` and `groups`.
    pub resource: Resource,
    /// Counts writes; the entity tag.
    pub version: i64,
    /// When they were first named.
    pub created_at: Instant,
    /// When they were last changed.
    pub updated_at: Instant,
}

/// One address, as filters compare it.
pub(super) struct Email {
    pub(super) value: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) display: Option<String>,
    pub(super) primary: Option<i64>,
}

impl Person {
    /// Somebody whom a manifest or an administrator named.
    pub(crate) fn named(user: &User, now: Instant) -> Self {
        Self {
            id: user.id.clone(),
            placeholder: user.placeholder,
            resource: Resource::from_stored(&USER, attributes_of(user)),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// What memory and owners need of them.
    #[must_use]
    pub fn user(&self) -> User {
        let text = |name| self.resource.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
        User {
            id: self.id.clone(),
            user_name: text("userName").unwrap_or_default(),
            email: self.email().map(str::to_owned),
            display: text("displayName").or_else(|| self.full_name()),
            active: self.resource.flag("active").unwrap_or(true),
            placeholder: self.placeholder,
            external_id: text("externalId"),
        }
    }

    /// The work address: the primary one, else the first of the type `work`, else the first.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        let all = self.resource.body().get("emails")?.as_array()?;
        let primary = all.iter().find(|one| one.get("primary") == Some(&Value::Bool(true)));
        let work = || all.iter().find(|one| part(one, "type").is_some_and(|kind| fold(kind) == "work"));
        part(primary.or_else(work).or_else(|| all.first())?, "value").filter(|value| !value.is_empty())
    }

    /// The id of their manager, of the Enterprise extension.
    #[must_use]
    pub fn manager(&self) -> Option<&str> {
        let path = Path::parse("manager.value", &USER).ok()?;
        self.resource.values(&path).first()?.as_str()
    }

    fn full_name(&self) -> Option<String> {
        let name = self.resource.body().get("name")?;
        if let Some(formatted) = part(name, "formatted") {
            return Some(formatted.to_owned());
        }
        let parts: Vec<&str> =
            ["givenName", "familyName"].into_iter().filter_map(|name_part| part(name, name_part)).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    pub(super) fn emails(&self) -> Vec<Email> {
        let all = self.resource.body().get("emails").and_then(Value::as_array);
        let folded = |one: &Value, name| part(one, name).filter(|text| !text.is_empty()).map(fold);
        all.into_iter()
            .flatten()
            .map(|one| Email {
                value: folded(one, "value"),
                kind: folded(one, "type"),
                display: folded(one, "display"),
                primary: one.get("primary").and_then(Value::as_bool).map(i64::from),
            })
            .collect()
    }
}

fn part<'v>(entry: &'v Value, name: &str) -> Option<&'v str> {
    entry.get(name)?.as_str()
}

/// What is known of somebody who was only named.
fn attributes_of(user: &User) -> Map<String, Value> {
    let emails = user.email.iter().map(|email| json!({"value": email, "type": "work", "primary": true}));
    let attributes = json!({
        "userName": user.user_name,
        "displayName": user.display,
        "externalId": user.external_id,
        "active": user.active,
        "emails": emails.collect::<Vec<_>>(),
    });
    match attributes {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Reads a row of `users`; one that was written before people were kept whole has its columns alone.
pub(super) fn person_of(row: &QueryResult) -> Result<Person, StoreError> {
    let id: String = row.try_get("", "id")?;
    let body: Option<String> = row.try_get("", "body")?;
    let attributes = match body {
        Some(body) => serde_json::from_str(&body).map_err(|cause| StoreError::Corrupt {
            what: "user",
            id: id.clone(),
            cause: cause.to_string(),
        })?,
        None => attributes_of(&crate::people::user_of(row)?),
    };
    Ok(Person {
        placeholder: row.try_get::<i64>("", "placeholder")? != 0,
        resource: Resource::from_stored(&USER, attributes),
        version: row.try_get("", "version")?,
        created_at: Instant(row.try_get("", "created_at")?),
        updated_at: Instant(row.try_get("", "updated_at")?),
        id,
    })
}
