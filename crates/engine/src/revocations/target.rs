//! What a caller names, and the ids that it stands for.
//!
//! Invariant: a stored target holds opaque ids only: a name can be given to nobody else, but an owner
//! can be renamed, and a prefix must not begin to mean another agent.

use deputy_manifest::Reference;
use deputy_store::{
    TenantRead,
    model::{Agent, AgentState, Principal},
};
use deputy_token::revocation::{BindingTarget, Everything, Target, TargetError};
use serde::Deserialize;

use crate::{Refusal, resolve};

/// A target as it is asked for. In JSON an object with one member, such as `{"agent": "crawler"}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetInput {
    /// One credential and everything below it, by its id; it need not be one that was issued here.
    Credential(String),
    /// An agent, by id or name.
    Agent(String),
    /// A person acted for, `user:` and an id or a name.
    Subject(String),
    /// The agents that a person or a group owns directly, `user:` or `group:` and an id or a name.
    Owner(String),
    /// A holder's key, by JWK thumbprint (RFC 7638).
    Key(String),
    /// An agent and a path below it by whole segments, `planner/analyzer`.
    NamePrefix(String),
    /// A finished task, contract or session.
    Binding(BindingTarget),
    /// Everything issued so far.
    Tenant(Everything),
}

/// A target by opaque ids, and what its event is about.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    /// What is stored.
    pub(crate) target: Target,
    /// The registered agent that it names.
    pub(crate) agent: Option<Agent>,
    /// The agent of a credential that it names.
    pub(crate) agent_id: Option<String>,
    /// The credential that it names.
    pub(crate) credential: Option<String>,
    /// The person that it names.
    pub(crate) subject: Option<String>,
}

impl Resolved {
    fn of(target: Target) -> Result<Self, Refusal> {
        target.check().map_err(|error| of_target(&error, &target))?;
        Ok(Self { target, agent: None, agent_id: None, credential: None, subject: None })
    }
}

fn of_target(error: &TargetError, target: &Target) -> Refusal {
    Refusal::invalid(format!("target.{}", target.kind().as_str()), error.to_string())
}

/// Looks up what a target names.
pub(crate) async fn resolve_target(
    read: &TenantRead<'_>,
    input: &TargetInput,
) -> Result<Vec<Resolved>, Refusal> {
    let one = match input {
        TargetInput::Credential(id) => {
            let resolved = Resolved::of(Target::Credential(id.clone()))?;
            let agent_id = read.issued(id).await?.map(|issued| issued.agent);
            Resolved { agent_id, credential: Some(id.clone()), ..resolved }
        }
        TargetInput::Agent(name) => {
            let agent = require_agent(read, name, "target.agent").await?;
            Resolved { agent: Some(agent.clone()), ..Resolved::of(Target::Agent(agent.id))? }
        }
        TargetInput::Subject(reference) => {
            match require_principal(read, reference, "target.subject").await? {
                Principal::User(id) => {
                    Resolved { subject: Some(id.clone()), ..Resolved::of(Target::Subject(id))? }
                }
                Principal::Agent(_) | Principal::Group(_) => {
                    return Err(Refusal::invalid("target.subject", "only a `user:` can be acted for"));
                }
            }
        }
        TargetInput::Owner(reference) => return owned(read, reference).await,
        TargetInput::Key(thumbprint) => Resolved::of(Target::Key(thumbprint.clone()))?,
        TargetInput::NamePrefix(path) => {
            // Before the look-up: an empty prefix would otherwise be an agent without a name.
            Resolved::of(Target::NamePrefix(path.clone()))?;
            let (head, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
            let agent = require_agent(read, head, "target.name_prefix").await?;
            let target = Target::NamePrefix(format!("{}{rest}", agent.id));
            Resolved { agent: Some(agent), ..Resolved::of(target)? }
        }
        TargetInput::Binding(binding) => Resolved::of(Target::Binding(binding.clone()))?,
        TargetInput::Tenant(_) => Resolved::of(Target::TENANT)?,
    };
    Ok(vec![one])
}

async fn owned(read: &TenantRead<'_>, reference: &str) -> Result<Vec<Resolved>, Refusal> {
    let owner = require_principal(read, reference, "target.owner").await?;
    if matches!(owner, Principal::Agent(_)) {
        return Err(Refusal::invalid("target.owner", "only a `user:` or a `group:` can own an agent"));
    }
    let mut resolved = Vec::new();
    for agent in read.linked::<Agent>(&owner.to_string()).await? {
        // A link may also say that the agent acts for somebody; and what is decommissioned is dead already.
        if agent.owners.contains(&owner) && agent.state != AgentState::Decommissioned {
            resolved.push(Resolved { agent: Some(agent.clone()), ..Resolved::of(Target::Agent(agent.id))? });
        }
    }
    if resolved.is_empty() {
        return Err(Refusal::invalid("target.owner", "owns no agent"));
    }
    Ok(resolved)
}

async fn require_agent(read: &TenantRead<'_>, name: &str, field: &'static str) -> Result<Agent, Refusal> {
    let name = name.strip_prefix("agent:").unwrap_or(name);
    if let Some(agent) = read.find::<Agent>(name).await? {
        return Ok(agent);
    }
    read.find_named::<Agent>(name)
        .await?
        .ok_or_else(|| Refusal::invalid(field, "names no agent of this tenant"))
}

async fn require_principal(
    read: &TenantRead<'_>,
    text: &str,
    field: &'static str,
) -> Result<Principal, Refusal> {
    let reference = Reference::try_from(text).map_err(|error| Refusal::invalid(field, error.to_string()))?;
    resolve::require(read, field, &reference).await
}

#[cfg(test)]
mod tests {
    use super::TargetInput;

    fn read(json: &str) -> Option<TargetInput> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn a_target_is_one_member() {
        assert_eq!(read(r#"{"agent":"crawler"}"#), Some(TargetInput::Agent("crawler".into())));
        assert!(read(r#"{"tenant":true}"#).is_some());
        assert!(read(r#"{"binding":{"task":"t"}}"#).is_some());
        for refused in [
            r#"{"agent":"a","owner":"b"}"#,
            "{}",
            r#"{"tenant":false}"#,
            r#"{"binding":{}}"#,
            r#"{"binding":{"task":"t","session":"s"}}"#,
            r#"{"nobody":"x"}"#,
            r#""agent""#,
        ] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }
}
