//! What is kept and answered of an issue: its event, its row among the issued credentials, its answer.
//!
//! Invariant: the token itself is in the answer and nowhere else.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, Scope};
use deputy_oauth::{
    introspection::token_type,
    token::{RemovedItem, TokenResponse, TokenType},
};
use deputy_store::{Issue, event::EventDraft};
use deputy_token::access::AccessClaims;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    compute::{Computed, Origin},
    seal::Sealed,
};
use crate::{SignedToken, verify::FirstBlock};

/// A hop between an issued credential and one that was issued below it, made by a holder without asking. Only the
/// event of the lower one tells of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OfflineHop {
    /// Its id, which was computed.
    pub(crate) id: String,
    /// Its own meter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) uses: Option<u64>,
}

impl OfflineHop {
    fn all(parent: &SignedToken) -> Vec<Self> {
        let (_, offline) = parent.hops();
        if offline.is_empty() {
            return Vec::new();
        }
        let meters = parent.meters();
        let uses = |id: &str| meters.iter().find(|meter| meter.credential == id).map(|meter| meter.most);
        offline.iter().map(|hop| Self { id: hop.id.clone(), uses: uses(&hop.id) }).collect()
    }
}

/// The event: `token.issued` of a root, `token.exchanged` of a child. Its detail is what the log, the list of tokens
/// and the meter know of the credential.
pub(super) fn event(
    claims: &AccessClaims,
    computed: &Computed,
    sealed: &Sealed,
    first_block: Option<FirstBlock>,
    request_id: Option<String>,
) -> EventDraft {
    #[derive(Serialize)]
    struct Detail<'a> {
        audience: &'a BTreeSet<String>,
        authorization_details: &'a RawValue,
        expires_at: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        first_block: Option<String>,
        form: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        offline: Vec<OfflineHop>,
        #[serde(skip_serializing_if = "Option::is_none")]
        parent: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        person_vouched_by: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        removed: Vec<&'a str>,
        scope: String,
    }
    let mandate = &claims.mandate;
    let parent = computed.parent().map(AccessClaims::jti);
    let detail = Detail {
        audience: &mandate.audience,
        authorization_details: &sealed.mandate,
        expires_at: mandate.expires_at.as_secs_floor(),
        first_block: first_block.map(FirstBlock::to_text),
        form: sealed.form.form(),
        name: parent.map(|_| claims.agent.name.as_str()),
        offline: computed.parent_token().map(OfflineHop::all).unwrap_or_default(),
        parent,
        person_vouched_by: computed.person().map(|person| person.issuer.as_str()),
        removed: computed.grant.removed.iter().map(|one| one.what.as_str()).collect(),
        scope: Scope::write_list(&mandate.scopes),
    };
    let action = if matches!(computed.origin, Origin::Own) { "token.issued" } else { "token.exchanged" };
    let actor = format!("agent:{}", claims.client_id);
    let mut event = EventDraft::new(action, actor).detail_in_order(&detail);
    event.subject = claims.chain.last().and_then(|hop| hop.sub.clone());
    event.agent = Some(claims.client_id.clone());
    event.owners.clone_from(&computed.owners);
    event.credential = Some(claims.jti().to_owned());
    event.chain.clone_from(&claims.chain);
    event.request_id = request_id;
    event
}

/// The credential's place among those that were issued.
pub(super) fn issue(claims: &AccessClaims, now: Instant) -> Issue {
    Issue {
        root: claims.chain.first().map(|hop| hop.id.clone()).unwrap_or_default(),
        parent: claims.chain.iter().rev().nth(1).map(|hop| hop.id.clone()),
        depth: u8::try_from(claims.del_depth()).unwrap_or(u8::MAX),
        issued_at: now,
        expires_at: claims.mandate.expires_at,
    }
}

/// The answer of the token endpoint.
pub(super) fn answer(
    claims: &AccessClaims,
    computed: &Computed,
    sealed: Sealed,
    now: Instant,
) -> TokenResponse {
    let grant = &computed.grant;
    let scope = if grant.identity {
        deputy_mandate::IDENTITY.to_owned()
    } else {
        Scope::write_list(&claims.mandate.scopes)
    };
    let is_said = !matches!(computed.origin, Origin::Own) || sealed.form != TokenType::AccessToken;
    TokenResponse {
        access_token: sealed.token,
        token_type: token_type(sealed.form, claims),
        expires_in: claims.mandate.expires_at.as_secs_floor() - now.as_secs_floor(),
        scope,
        authorization_details: sealed.details.unwrap_or(sealed.mandate),
        issued_token_type: is_said.then(|| sealed.form.as_str()),
        removed: grant
            .removed
            .iter()
            .map(|one| RemovedItem { what: one.what.clone(), by: one.by.as_str() })
            .collect(),
        warnings: grant.warnings.iter().map(ToString::to_string).collect(),
    }
}
