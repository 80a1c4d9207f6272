//! Keys of the tenant's management API.
//!
//! Invariants: a key is shown once and only its digest is kept; a tenant never loses its last admin key.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, Value};
use deputy_manifest::{PrincipalKind, Reference, ResourceUri};
use deputy_store::{
    event::rfc3339,
    model::{ApiKey, ApiRole, Principal},
};
use serde::Serialize;

use crate::{
    Caller, Engine, Refusal, entries, listing,
    page::{Page, Paging},
    resolve,
    view::{TenantState, TenantView},
};

const MEMBERS: [&str; 4] = ["role", "audiences", "holder", "expires"];
/// Most audiences of a verifier's key.
const MOST_AUDIENCES: usize = 100;
/// Longest life of a key that is asked for as a duration, in days.
const MOST_DAYS: i64 = 3_653;

/// A key, without the key.
#[derive(Debug, Clone, Serialize)]
pub struct ShownKey {
    /// Opaque id.
    pub id: String,
    /// Its first characters.
    pub prefix: String,
    /// What it may do.
    pub role: ApiRole,
    /// For a verifier: whose tokens it may ask about.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub audiences: BTreeSet<String>,
    /// The person who holds it, by name: `user:alice@example.com`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it ends by itself, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

/// A key that was just made; its text is shown this once.
#[derive(Clone, Serialize)]
pub struct NewKey {
    /// The key itself.
    pub key: String,
    /// What is known of it.
    #[serde(flatten)]
    pub shown: ShownKey,
}

impl NewKey {
    pub(crate) fn of(key: String, state: &TenantState, record: &ApiKey) -> Self {
        Self { key, shown: ShownKey::of(state, record) }
    }
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("shown", &self.shown).finish_non_exhaustive()
    }
}

impl ShownKey {
    fn of(state: &TenantState, key: &ApiKey) -> Self {
        Self {
            id: key.id.clone(),
            prefix: key.prefix.clone(),
            role: key.role,
            audiences: key.audiences.clone(),
            holder: key.holder.as_ref().map(|id| state.label(&Principal::User(id.clone()))),
            created_at: rfc3339(key.created_at),
            expires_at: key.expires_at.map(rfc3339),
        }
    }
}

impl Engine {
    /// Keys in the order in which they were made.
    pub fn keys(
        &self,
        view: &TenantView,
        caller: &Caller,
        paging: &Paging,
    ) -> Result<Page<ShownKey>, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let page = listing::page(state.keys.values().map(|key| (key.id.as_str(), key)), paging)?;
        Ok(page.map(|key| ShownKey::of(&state, key)))
    }

    /// Makes a key.
    pub async fn create_key(
        &self,
        view: &TenantView,
        caller: &Caller,
        body: &Value,
    ) -> Result<NewKey, Refusal> {
        caller.require_admin()?;
        entries::require_known(body, &MEMBERS)?;
        let role: ApiRole = entries::member(body, "role")?.ok_or_else(|| {
            Refusal::invalid("role", "is missing: `admin`, `auditor`, `scim`, `importer` or `verifier`")
        })?;
        let (mut record, key) = self.new_api_key(role)?;
        record.audiences = audiences(body, role)?;
        let expires: Option<String> = entries::member(body, "expires")?;
        record.expires_at = expires.map(|text| expiry(&text, record.created_at)).transpose()?;
        let holder: Option<String> = entries::member(body, "holder")?;
        let holder = holder.map(|text| holder_of(&text)).transpose()?;
        let by = caller.clone();
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                if let Some(holder) = &holder {
                    record.holder = Some(resolve::require(tx, "holder", holder).await?.id().to_owned());
                }
                tx.insert(&record).await?;
                tx.changed(&record, about(&by, "key.created", &record));
                Ok(record)
            })
        });
        let (record, _) = change.await?;
        Ok(NewKey::of(key, &view.read(), &record))
    }

    /// Ends a key at once.
    pub async fn delete_key(&self, view: &TenantView, caller: &Caller, id: &str) -> Result<(), Refusal> {
        caller.require_admin()?;
        let (by, id) = (caller.clone(), id.to_owned());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let key: ApiKey = tx.find(&id).await?.ok_or(Refusal::NotFound)?;
                let now = tx.now();
                if key.role == ApiRole::Admin {
                    let others = tx.every::<ApiKey>().await?;
                    let other =
                        |one: &ApiKey| one.id != id && one.role == ApiRole::Admin && one.lives_at(now);
                    if !others.iter().any(other) {
                        return Err(Refusal::conflict("it is the last admin key: make another first"));
                    }
                }
                tx.delete::<ApiKey>(&id).await?;
                tx.changed(&key, about(&by, "key.ended", &key));
                Ok(())
            })
        });
        change.await.map(drop)
    }
}

pub(crate) fn about(by: &Caller, action: &'static str, key: &ApiKey) -> deputy_store::event::EventDraft {
    by.event(action).detail(&serde_json::json!({
        "id": key.id, "role": key.role, "prefix": key.prefix, "audiences": key.audiences,
        "holder": key.holder, "expires_at": key.expires_at.map(rfc3339),
    }))
}

fn audiences(body: &Value, role: ApiRole) -> Result<BTreeSet<String>, Refusal> {
    let stated: Option<BTreeSet<ResourceUri>> = entries::member(body, "audiences")?;
    let stated = stated.unwrap_or_default();
    let problem = match role {
        ApiRole::Verifier if stated.is_empty() => "a verifier's key says which audiences it verifies for",
        ApiRole::Verifier if stated.len() > MOST_AUDIENCES => "a verifier's key has at most 100 audiences",
        ApiRole::Verifier => return Ok(stated.into_iter().map(String::from).collect()),
        _ if stated.is_empty() => return Ok(BTreeSet::new()),
        _ => "only a verifier's key has audiences",
    };
    Err(Refusal::invalid("audiences", problem))
}

/// A person, with or without `user:` in front.
fn holder_of(text: &str) -> Result<Reference, Refusal> {
    let name = text.strip_prefix("user:").unwrap_or(text);
    Reference::new(PrincipalKind::User, name).map_err(|why| Refusal::invalid("holder", why.to_string()))
}

/// `365d`, `12h`, or an instant in RFC 3339.
pub(crate) fn expiry(text: &str, now: Instant) -> Result<Instant, Refusal> {
    let wrong = |problem: &'static str| Refusal::invalid("expires", problem);
    let unit = match text.chars().last() {
        Some('d') => Some(86_400),
        Some('h') => Some(3_600),
        _ => None,
    };
    if let Some(unit) = unit {
        let number: i64 = text.get(..text.len() - 1).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let secs = number.checked_mul(unit).filter(|secs| (1..=MOST_DAYS * 86_400).contains(secs));
        return secs
            .map(|secs| now.plus_secs(secs))
            .ok_or_else(|| wrong("is at least `1h` and at most ten years"));
    }
    let format = &time::format_description::well_known::Rfc3339;
    let at = time::OffsetDateTime::parse(text, format).map_err(|_| {
        wrong("is a duration such as `365d` or `12h`, or an instant such as `2030-01-31T12:00:00Z`")
    })?;
    let at = Instant::from_secs(at.unix_timestamp());
    if at > now { Ok(at) } else { Err(wrong("is in the past")) }
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Instant;

    use super::expiry;

    #[test]
    fn expiries_are_durations_or_instants() {
        let now = Instant::from_secs(1_700_000_000);
        assert_eq!(expiry("12h", now), Ok(now.plus_secs(12 * 3_600)));
        assert_eq!(expiry("365d", now), Ok(now.plus_secs(365 * 86_400)));
        assert_eq!(expiry("2030-01-31T13:00:00+01:00", now), Ok(Instant::from_secs(1_896_091_200)));
        for wrong in
            ["", "d", "0d", "-1d", "12", "12m", "99999d", "é", "2000-01-01T00:00:00Z", "2030-01-31", "1.5h"]
        {
            assert!(expiry(wrong, now).is_err(), "{wrong}");
        }
    }
}
