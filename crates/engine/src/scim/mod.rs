//! SCIM provisioning (RFC 7644): an identity provider says who there is.
//!
//! What messages mean is decided by `deputy_scim`; here they are read from and written to the tenant's people and
//! agents, with their events and with the consequences that a change has for owners (`ownership`) and roles.
//!
//! Invariant: what is provisioned grants nothing by itself. Roles that the identity provider sends become bindings
//! only where the tenant's settings map them, and `active: true` lifts no suspension.

mod agents;
mod answer;
mod groups;
mod list;
mod members;
mod pages;
mod people;
mod read;
mod roles;
mod syncs;
mod texts;
mod write;

pub use syncs::ShownSync;

pub(crate) use pages::ScimPages;
pub(crate) use roles::unmap;
pub(crate) use syncs::SyncNotes;

use deputy_scim::{Precondition, ResourceType, check_preconditions};
use deputy_store::model::ApiRole;
use serde_json::Value;

use crate::{Caller, Engine, Refusal, ownership::Settling, view::TenantView};

/// How many resources a page has when the client does not say.
pub const DEFAULT_PAGE: usize = 100;
/// Most resources in one page.
pub const MOST_PAGE: usize = 1_000;
/// For how many seconds a cursor is good.
pub const CURSOR_SECONDS: u64 = 3_600;

/// A resource as it is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct ScimAnswer {
    /// What the client asked to see of it.
    pub body: Value,
    /// Its entity tag.
    pub etag: String,
    /// Its URI.
    pub location: String,
}

/// A resource that a request is about to change, and under which conditions (RFC 9110 section 13).
#[derive(Debug, Clone, Copy)]
pub struct ScimTarget<'r> {
    /// Its type.
    pub kind: &'static ResourceType,
    /// Its id, as the client wrote it.
    pub id: &'r str,
    /// `If-Match`.
    pub if_match: Option<&'r str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'r str>,
}

impl Engine {
    /// The base URL of a tenant's service: `{issuer}/scim/v2`.
    #[must_use]
    pub fn scim_base(&self, view: &TenantView) -> String {
        format!("{}/scim/v2", view.issuer)
    }
}

fn require_provisioner(caller: &Caller) -> Result<(), Refusal> {
    caller.require(&[ApiRole::Scim, ApiRole::Admin])
}

/// What a change is made with, inside its transaction.
#[derive(Clone)]
struct Change {
    settling: Settling,
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl Change {
    fn new(engine: &Engine, caller: &Caller, target: Option<&ScimTarget<'_>>) -> Self {
        let text = |header: Option<&str>| header.map(str::to_owned);
        Self {
            settling: engine.settling(caller),
            if_match: text(target.and_then(|target| target.if_match)),
            if_none_match: text(target.and_then(|target| target.if_none_match)),
        }
    }

    /// Refuses a change of another version than the client knows.
    fn require_version(&self, etag: &str) -> Result<(), Refusal> {
        let (if_match, if_none_match) = (self.if_match.as_deref(), self.if_none_match.as_deref());
        match check_preconditions(if_match, if_none_match, Some(etag), false) {
            Precondition::Holds => Ok(()),
            Precondition::Failed | Precondition::NotModified => Err(Refusal::Precondition),
        }
    }
}
