//! The tenant's settings, changed by merge patch.
//!
//! Invariant: the default audience is a registered resource or the tenant's issuer; every role that
//! SCIM values are mapped to exists.

use std::collections::BTreeMap;

use deputy_mandate::{MAX_DEPTH, Value};
use deputy_manifest::{ResourceUri, Ttl};
use deputy_store::{
    TenantRead,
    model::{OrphanPolicy, Resource, Role, SINGLETON, Settings},
};

use crate::{Caller, Engine, Refusal, entries, scim, view::TenantView};

const MEMBERS: [&str; 7] = [
    "orphan_policy",
    "ttl",
    "max_depth",
    "default_audience",
    "dashboard_roles",
    "scim_roles",
    "retention_days",
];

/// Most days that events are kept: ten years.
const MOST_DAYS: u32 = 3_653;
/// Most days of grace for an orphan.
const MOST_GRACE_DAYS: u16 = 365;

impl Engine {
    /// The settings.
    pub fn settings(&self, view: &TenantView, caller: &Caller) -> Result<Settings, Refusal> {
        caller.require_reader()?;
        let settings = view.read().settings.clone().ok_or(Refusal::Internal)?;
        Ok(Settings::clone(&settings))
    }

    /// Changes members of the settings.
    pub async fn change_settings(
        &self,
        view: &TenantView,
        caller: &Caller,
        patch: Value,
    ) -> Result<Settings, Refusal> {
        caller.require_admin()?;
        entries::require_known(&patch, &MEMBERS)?;
        let (by, issuer) = (caller.clone(), view.issuer.clone());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let before: Settings = tx.find(SINGLETON).await?.ok_or(Refusal::Internal)?;
                let body = entries::body_of(&before)?;
                let after = read(&patched(body.clone(), &patch)?)?;
                require_audience(tx, &after, &issuer).await?;
                require_roles(tx, &after).await?;
                tx.update(&after).await?;
                let changes = entries::changes(&body, &entries::body_of(&after)?);
                tx.changed(
                    &after,
                    by.event("settings.changed").detail(&serde_json::json!({"changes": changes})),
                );
                // What a mapping gave ends with it.
                scim::unmap(tx, &by, &before.scim_roles, &after.scim_roles).await?;
                Ok(after)
            })
        });
        Ok(change.await?.0)
    }
}

/// The patch over the settings. The orphan policy is replaced as a whole: its members belong to its action.
fn patched(mut body: Value, patch: &Value) -> Result<Value, Refusal> {
    if let Value::Object(members) = &mut body
        && entries::members(patch)?.contains_key("orphan_policy")
    {
        members.remove("orphan_policy");
    }
    entries::merged(body, patch)
}

fn read(body: &Value) -> Result<Settings, Refusal> {
    let ttl: Ttl = required(body, "ttl")?;
    let default_audience: ResourceUri = required(body, "default_audience")?;
    let settings = Settings {
        orphan_policy: required(body, "orphan_policy")?,
        ttl: ttl.as_secs(),
        max_depth: required(body, "max_depth")?,
        default_audience: default_audience.into(),
        dashboard_roles: entries::member(body, "dashboard_roles")?.unwrap_or_default(),
        scim_roles: entries::member(body, "scim_roles")?.unwrap_or_default(),
        retention_days: required(body, "retention_days")?,
    };
    verify_bounds(&settings)?;
    Ok(settings)
}

fn required<T: serde::de::DeserializeOwned>(body: &Value, name: &'static str) -> Result<T, Refusal> {
    entries::member(body, name)?
        .ok_or_else(|| Refusal::invalid(name, "every tenant has one: it cannot be removed"))
}

fn verify_bounds(settings: &Settings) -> Result<(), Refusal> {
    if settings.max_depth > MAX_DEPTH {
        return Err(Refusal::invalid("max_depth", format!("use a number from 0 to {MAX_DEPTH}")));
    }
    if !(1..=MOST_DAYS).contains(&settings.retention_days) {
        return Err(Refusal::invalid("retention_days", format!("use a number from 1 to {MOST_DAYS}")));
    }
    if let OrphanPolicy::Grace { days } = settings.orphan_policy
        && !(1..=MOST_GRACE_DAYS).contains(&days)
    {
        return Err(Refusal::invalid(
            "orphan_policy.days",
            format!("use a number from 1 to {MOST_GRACE_DAYS}"),
        ));
    }
    verify_names(&settings.dashboard_roles, "dashboard_roles")?;
    verify_names(&settings.scim_roles, "scim_roles")?;
    match settings.dashboard_roles.iter().find(|(_, role)| !matches!(role.as_str(), "admin" | "auditor")) {
        Some((group, _)) => Err(Refusal::invalid(
            format!("dashboard_roles.{group}"),
            "a group's members are `admin` or `auditor` at the dashboard",
        )),
        None => Ok(()),
    }
}

fn verify_names(names: &BTreeMap<String, String>, field: &'static str) -> Result<(), Refusal> {
    const MOST: usize = 256;
    let fits = |name: &str| !name.is_empty() && name.len() <= MOST && !name.contains(char::is_control);
    if names.len() <= MOST && names.keys().all(|name| fits(name)) {
        return Ok(());
    }
    Err(Refusal::invalid(
        field,
        format!("use up to {MOST} names of 1 to {MOST} bytes without control characters"),
    ))
}

async fn require_audience(read: &TenantRead<'_>, settings: &Settings, issuer: &str) -> Result<(), Refusal> {
    let audience = &settings.default_audience;
    if audience == issuer || read.find_named::<Resource>(audience).await?.is_some() {
        return Ok(());
    }
    Err(Refusal::invalid(
        "default_audience",
        format!("`{audience}` is neither a registered resource nor the issuer"),
    ))
}

async fn require_roles(read: &TenantRead<'_>, settings: &Settings) -> Result<(), Refusal> {
    for (value, role) in &settings.scim_roles {
        let known = match read.find_named::<Role>(role).await? {
            Some(role) => Some(role),
            None => read.find(role).await?,
        };
        if known.is_none() {
            let field = format!("scim_roles.{value}");
            return Err(Refusal::invalid(field, format!("the role `{role}` is not known in this tenant")));
        }
    }
    Ok(())
}
