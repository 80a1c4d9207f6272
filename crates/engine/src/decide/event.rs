//! The event of a decision: who asked what of whose authority, and the answer.
//!
//! Arguments are named, their values never written down; free text of the request is cut to a length,
//! and left out when it has the form of a credential.

use std::borrow::Cow;

use deputy_mandate::{Decision, Members};
use deputy_store::event::EventDraft;
use deputy_token::access::AccessClaims;
use serde::Serialize;
use serde_json::value::to_raw_value;

use super::request::{Entity, Evaluation, is_secret};
use crate::{Caller, view::TenantState};

/// Longest text of the request that is written down, in bytes.
const MOST_TEXT: usize = 200;
/// Most argument names that are written down.
const MOST_NAMES: usize = 64;

/// Members in the order in which RFC 8785 sorts them, as event text must be.
#[derive(Serialize)]
struct Detail<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    arguments: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dry_run: bool,
    #[serde(skip_serializing_if = "EntityText::is_empty")]
    resource: EntityText<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "EntityText::is_empty")]
    subject: EntityText<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    use_id: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct EntityText<'a> {
    id: Cow<'a, str>,
    r#type: Cow<'a, str>,
}

impl EntityText<'_> {
    fn is_empty(&self) -> bool {
        self.id.is_empty() && self.r#type.is_empty()
    }
}

impl<'a> From<&'a Entity> for EntityText<'a> {
    fn from(entity: &'a Entity) -> Self {
        Self { id: shown(&entity.id), r#type: shown(&entity.kind) }
    }
}

/// The event of a decision about `claims`, which are absent when the tenant did not sign the token.
pub(super) fn event(
    caller: &Caller,
    state: &TenantState,
    asked: &Evaluation,
    claims: Option<&AccessClaims>,
    decision: &Decision,
) -> EventDraft {
    static NONE: Members = Members::new();
    let request = &asked.request;
    let arguments = request.arguments.as_object().unwrap_or(&NONE);
    let detail = Detail {
        arguments: arguments.keys().take(MOST_NAMES).map(|name| shown(name)).collect(),
        audience: request.audience.as_deref().map(shown),
        dry_run: asked.dry_run,
        resource: (&asked.resource).into(),
        scope: request.scope.as_ref().map(|scope| shown(scope.as_str())),
        subject: (&asked.subject).into(),
        tool: request.tool.as_deref().map(shown),
        use_id: asked.use_id.as_deref().map(shown),
    };
    let mut event = caller.event("decision.made");
    event.detail = to_raw_value(&detail).ok();
    event.decision = Some(if decision.is_allow() { "allow" } else { "deny" });
    event.reasons = codes(decision);
    if let Some(claims) = claims {
        event.agent = Some(claims.client_id.clone());
        event.owners = match state.agents.get(&claims.client_id) {
            Some(agent) => state.owner_labels(agent),
            None => claims.agent.owners.clone(),
        };
        event.credential = Some(claims.jti().to_owned());
        event.subject = claims.chain.last().and_then(|hop| hop.sub.clone());
        event.chain.clone_from(&claims.chain);
    }
    event
}

/// The codes in their order, each once.
fn codes(decision: &Decision) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for reason in decision.reasons() {
        let code = reason.code.as_str();
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    codes
}

fn shown(text: &str) -> Cow<'_, str> {
    if is_secret(text) {
        return Cow::Borrowed("(not shown)");
    }
    if text.len() <= MOST_TEXT {
        return Cow::Borrowed(text);
    }
    let end = (0..=MOST_TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn text_is_cut_and_credentials_are_not_shown() {
        assert_eq!(shown("transfer"), "transfer");
        assert_eq!(shown("Bearer eyJhbGciOi"), "(not shown)");
        assert_eq!(shown(&"é".repeat(150)).chars().count(), 101);
    }
}
