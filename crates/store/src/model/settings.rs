//! The tenant's settings, its halt, and what waits for a second person.

use std::collections::BTreeMap;

use deputy_mandate::Instant;
use deputy_token::revocation::Halt as HaltLevel;
use serde::{Deserialize, Serialize};

use crate::{Kind, Record};

/// The id of a record of which a tenant has one.
pub const SINGLETON: &str = "one";

/// What happens to an agent whose last live owner goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "action", deny_unknown_fields)]
pub enum OrphanPolicy {
    /// It is suspended.
    #[default]
    Suspend,
    /// It may get new credentials for some days.
    Grace {
        /// How many.
        days: u16,
    },
    /// It is proposed to the owner's manager, who must accept.
    Handover,
}

/// The tenant's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// What happens to orphans.
    pub orphan_policy: OrphanPolicy,
    /// Life of a token when nothing states one, in seconds.
    pub ttl: u32,
    /// Most delegations below a root when nothing states it.
    pub max_depth: u8,
    /// The audience when neither request nor agent names one.
    pub default_audience: String,
    /// Dashboard roles by group name.
    #[serde(default)]
    pub dashboard_roles: BTreeMap<String, String>,
    /// SCIM role values by the role that they become a binding of.
    #[serde(default)]
    pub scim_roles: BTreeMap<String, String>,
    /// How long events are kept, in days.
    pub retention_days: u32,
}

impl Settings {
    /// What a tenant begins with: its issuer is its default audience.
    #[must_use]
    pub fn initial(issuer: &str) -> Self {
        Self {
            orphan_policy: OrphanPolicy::Suspend,
            ttl: 900,
            max_depth: 3,
            default_audience: issuer.to_owned(),
            dashboard_roles: BTreeMap::new(),
            scim_roles: BTreeMap::new(),
            retention_days: 180,
        }
    }
}

impl Record for Settings {
    const KIND: Kind = Kind::Settings;

    fn id(&self) -> &str {
        SINGLETON
    }

    fn name(&self) -> String {
        SINGLETON.to_owned()
    }
}

/// The tenant's halt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// How far.
    pub level: HaltLevel,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Instant,
    /// Who.
    pub by: String,
}

impl Record for Halt {
    const KIND: Kind = Kind::Halt;

    fn id(&self) -> &str {
        SINGLETON
    }

    fn name(&self) -> String {
        SINGLETON.to_owned()
    }
}

/// A lowering of an emergency that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Opaque id.
    pub id: String,
    /// The level asked for.
    pub level: HaltLevel,
    /// Why.
    pub reason: String,
    /// Who asked: a user id, or empty for a key without a holder.
    pub person: String,
    /// Position of the halt that it lowers, so that an old one cannot lower a newer emergency.
    pub halted_at: i64,
    /// When it was asked for.
    pub created_at: Instant,
}

impl Record for Approval {
    const KIND: Kind = Kind::Approval;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.id.clone()
    }
}

/// Who looked at a finding, and what they decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The finding's id.
    pub id: String,
    /// Who.
    pub by: String,
    /// What they decided.
    pub decision: String,
    /// When.
    pub at: Instant,
}

impl Record for Review {
    const KIND: Kind = Kind::Review;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.id.clone()
    }
}
