//! `/t/{tenant}/revoke`: a target, its reach, and its end.
//!
//! Invariant: what is shown before and what is revoked after are the same target, by the same look-up.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use deputy_engine::{NewRevocation, ReachAnswer, TargetInput};
use deputy_token::revocation::Everything;
use serde::Deserialize;

use super::done::Done;
use super::signed::{Signed, Submitted};
use crate::dialect::Page;
use crate::http::query::Query;
use crate::pages::chrome::Section;
use crate::pages::revoke::{Reach, RevokePage, kinds};
use crate::pages::{respond_with, see_other};
use crate::refusal::Refusal;

/// Agents whose names are shown.
const NAMES: usize = 12;

/// The target, once one is chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetQuery {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    id: String,
    done: Option<Done>,
}

/// Chooses a target, or shows the reach of the chosen one.
///
/// # Errors
/// `Unavailable` when the database is.
pub async fn show(signed: Signed, query: Query<TargetQuery, Page>) -> Result<HttpResponse, Page> {
    let TargetQuery { kind, id, done } = query.0;
    let mut page = blank(&signed, &kind, &id, done).await?;
    match reach(&signed, &kind, id.trim()).await {
        Ok(reach) => page.reach = reach,
        Err(refusal) => page.problem = Some(problem(refusal)?),
    }
    respond_with(StatusCode::OK, &page)
}

/// Revokes.
///
/// # Errors
/// `Forbidden` for a role that may not.
pub async fn submit(submitted: Submitted) -> Result<HttpResponse, Page> {
    let (signed, form) = (&submitted.signed, &submitted.form);
    signed.caller.require_admin()?;
    let (kind, id) = (form.require("kind")?, form.find("id").unwrap_or_default());
    let target = target(kind, id).ok_or_else(|| Refusal::invalid("id", "is required"))?;
    let new = NewRevocation { target, reason: form.find("reason").unwrap_or_default().to_owned() };
    match signed.engine.revoke(&signed.view, &signed.caller, new).await {
        Ok(_) => Ok(see_other(&signed.at("revoke?done=revoked"))),
        Err(refusal) => {
            let mut page = blank(signed, kind, id, None).await?;
            page.problem = Some(problem(refusal)?);
            page.reach = reach(signed, kind, id).await.unwrap_or_default();
            respond_with(StatusCode::BAD_REQUEST, &page)
        }
    }
}

async fn blank(signed: &Signed, kind: &str, id: &str, done: Option<Done>) -> Result<RevokePage, Refusal> {
    let chrome = signed.chrome(Section::Revoke, done).await?;
    Ok(RevokePage { chrome, kinds: kinds(kind), target: id.to_owned(), reach: None, problem: None })
}

async fn reach(signed: &Signed, kind: &str, id: &str) -> Result<Option<Reach>, Refusal> {
    let Some(target) = target(kind, id) else { return Ok(None) };
    let preview = signed.engine.preview_revocation(&signed.view, &signed.caller, &target).await?;
    let ReachAnswer { tokens, agents, at_least, holders } = preview.reach;
    let names = signed.engine.agent_names(&signed.view, holders.iter().take(NAMES));
    let more = holders.len().saturating_sub(names.len());
    let more = u64::try_from(more).unwrap_or(u64::MAX);
    Ok(Some(Reach { what: words(&target), tokens, at_least, agents, names, more }))
}

/// The target that a form names; people need not write `user:` where only a person can be meant.
fn target(kind: &str, id: &str) -> Option<TargetInput> {
    let person = |id: &str| if id.contains(':') { id.to_owned() } else { format!("user:{id}") };
    match (kind, id) {
        ("tenant", _) => Some(TargetInput::Tenant(Everything)),
        (_, "") => None,
        ("agent", id) => Some(TargetInput::Agent(id.to_owned())),
        ("credential", id) => Some(TargetInput::Credential(id.to_owned())),
        ("owner", id) => Some(TargetInput::Owner(person(id))),
        ("subject", id) => Some(TargetInput::Subject(person(id))),
        ("name_prefix", id) => Some(TargetInput::NamePrefix(id.trim_end_matches(['/', '*']).to_owned())),
        _ => None,
    }
}

fn words(target: &TargetInput) -> String {
    match target {
        TargetInput::Agent(name) => {
            format!("Agent {name}: all its tokens and everything delegated from them.")
        }
        TargetInput::Credential(id) => format!("Credential {id} and everything delegated from it."),
        TargetInput::Owner(owner) => {
            format!("Every agent that {owner} owns, and everything delegated from them.")
        }
        TargetInput::Subject(person) => format!("Everything done on behalf of {person}."),
        TargetInput::NamePrefix(prefix) => format!("{prefix} and every worker below it."),
        TargetInput::Tenant(_) => "Every token that this tenant has issued.".to_owned(),
        TargetInput::Key(thumbprint) => format!("Everything that the key {thumbprint} holds."),
        TargetInput::Binding(_) => "Everything that is bound to it.".to_owned(),
    }
}

/// What to say about a target or a reason that cannot be; any other refusal is a page of its own.
fn problem(refusal: Refusal) -> Result<String, Refusal> {
    match refusal {
        Refusal::Invalid { field, problem } if field == "reason" => Ok(format!("Reason: {problem}.")),
        Refusal::Invalid { problem, .. } => Ok(format!("This {problem}.")),
        Refusal::Conflict { what } => Ok(format!("{what}.")),
        other => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use deputy_engine::TargetInput;

    use super::target;

    #[test]
    fn a_form_names_one_target_or_none_yet() {
        assert_eq!(target("agent", "crawler"), Some(TargetInput::Agent("crawler".into())));
        assert_eq!(target("owner", "a@b"), Some(TargetInput::Owner("user:a@b".into())));
        assert_eq!(target("owner", "group:crm"), Some(TargetInput::Owner("group:crm".into())));
        assert_eq!(target("name_prefix", "planner/*"), Some(TargetInput::NamePrefix("planner".into())));
        assert!(target("agent", "").is_none() && target("nobody", "x").is_none());
        assert!(target("tenant", "").is_some());
    }
}
