//! Issued credentials: who holds what, from whom, and whether it still lives. Never the secret part.
//!
//! Invariant: "revoked" here is what a decision would say: the same index asked about the same chain.

use std::collections::BTreeSet;

use deputy_mandate::Instant;
use deputy_store::{Issued, IssuedFilter, event::rfc3339};
use deputy_token::{access::Hop, revocation::TargetKind};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    Caller, Engine, Refusal,
    page::{Page, Paging},
    view::{TenantState, TenantView},
};

/// Most descendants that a tree shows.
const MOST_BELOW: u32 = 1_000;

/// Which issued credentials; absent members do not constrain.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenQuery {
    /// Held by this agent, by id or name.
    pub agent: Option<String>,
    /// Only those that live, when true.
    #[serde(default)]
    pub live: bool,
    /// Most entries of a page.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// An issued credential in a list.
#[derive(Debug, Clone, Serialize)]
pub struct TokenSummary {
    /// Its id (`jti`): what a revocation of kind `credential` names.
    pub id: String,
    /// The agent that holds it, by opaque id.
    pub agent: String,
    /// That agent's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    /// The person acted for, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// `access_token` and other forms.
    pub form: String,
    /// Its scopes, as OAuth writes them.
    pub scope: String,
    /// Whom it is for.
    pub audience: BTreeSet<String>,
    /// Whether it can be used now, as far as expiry and revocations say.
    pub live: bool,
    /// What killed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<RevokedBy>,
    /// Hops from its root.
    pub depth: u8,
    /// The root of its chain.
    pub root: String,
    /// The credential that it was derived from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// When it was issued (RFC 3339).
    pub issued_at: String,
    /// When it ends (RFC 3339).
    pub expires_at: String,
}

/// The revocation that killed a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RevokedBy {
    /// Its position in the log.
    pub seq: i64,
    /// What kind of target it named.
    pub target: TargetKind,
}

/// An issued credential with what it carries.
#[derive(Debug, Clone, Serialize)]
pub struct TokenAnswer {
    /// What the list says too.
    #[serde(flatten)]
    pub summary: TokenSummary,
    /// The authority in it (RFC 9396).
    pub authorization_details: Box<RawValue>,
    /// Its chain, root first.
    pub chain: Vec<Hop>,
}

/// A credential between what it came from and what came from it.
#[derive(Debug, Clone, Serialize)]
pub struct TokenTree {
    /// From the root down to the credential itself. A hop that was made offline has no entry.
    pub chain: Vec<TokenSummary>,
    /// What was issued below it, nearest first.
    pub descendants: Vec<TokenSummary>,
    /// True when there are more descendants.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// What the event that issued a credential says of it.
#[derive(Deserialize)]
struct Carried {
    chain: Vec<Hop>,
    detail: Detail,
}

#[derive(Deserialize)]
struct Detail {
    form: String,
    scope: String,
    audience: BTreeSet<String>,
    authorization_details: Box<RawValue>,
}

impl Engine {
    /// Issued credentials, newest first.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read; `Invalid` for a page that cannot be.
    pub async fn tokens(
        &self,
        view: &TenantView,
        caller: &Caller,
        query: &TokenQuery,
    ) -> Result<Page<TokenSummary>, Refusal> {
        caller.require_reader()?;
        let paging = Paging { limit: query.limit, cursor: query.cursor.clone() };
        let (limit, before) = (paging.limit()?, paging.position()?);
        let now = self.inner.sources.now();
        let agent = query.agent.as_deref().map(|name| {
            let name = name.strip_prefix("agent:").unwrap_or(name);
            view.read().agent_names.get(name).cloned().unwrap_or_else(|| name.to_owned())
        });
        let filter = IssuedFilter { agent, live_at: query.live.then_some(now), before };
        let found = self.inner.database.tenant(&view.id).issued_page(&filter, limit + 1).await?;
        let page = Page::cut(found, limit, |issued| issued.seq.to_string());
        let state = view.read();
        let mut items = Vec::with_capacity(page.items.len());
        for issued in page.items {
            let summary = summary_of(&state, &issued, &carried(&issued)?, now);
            if summary.live || !query.live {
                items.push(summary);
            }
        }
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// One issued credential.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read; `NotFound`.
    pub async fn token(&self, view: &TenantView, caller: &Caller, id: &str) -> Result<TokenAnswer, Refusal> {
        caller.require_reader()?;
        let issued = self.inner.database.tenant(&view.id).issued(id).await?.ok_or(Refusal::NotFound)?;
        let carried = carried(&issued)?;
        let summary = summary_of(&view.read(), &issued, &carried, self.inner.sources.now());
        Ok(TokenAnswer {
            summary,
            authorization_details: carried.detail.authorization_details,
            chain: carried.chain,
        })
    }

    /// The chain above a credential and the tree below it.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read; `NotFound`.
    pub async fn token_tree(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
    ) -> Result<TokenTree, Refusal> {
        caller.require_reader()?;
        let read = self.inner.database.tenant(&view.id);
        let issued = read.issued(id).await?.ok_or(Refusal::NotFound)?;
        let mut above = Vec::new();
        for hop in carried(&issued)?.chain.iter().filter(|hop| hop.id != issued.id) {
            above.extend(read.issued(&hop.id).await?);
        }
        let in_tree = read.issued_below(&issued.root, MOST_BELOW + 1).await?;
        let truncated = in_tree.len() > usize::try_from(MOST_BELOW).unwrap_or(usize::MAX);
        let below = below(in_tree, &issued.id)?;
        let now = self.inner.sources.now();
        let state = view.read();
        above.push(issued);
        let above = above.iter().map(|issued| Ok(summary_of(&state, issued, &carried(issued)?, now)));
        Ok(TokenTree {
            chain: above.collect::<Result<_, Refusal>>()?,
            descendants: below.iter().map(|(one, carried)| summary_of(&state, one, carried, now)).collect(),
            truncated,
        })
    }
}

/// Those of a tree, nearest first, that descend from one credential in it. The chain tells: between two that were
/// issued there may be hops that were made offline.
fn below(in_tree: Vec<Issued>, ancestor: &str) -> Result<Vec<(Issued, Carried)>, Refusal> {
    let mut below = Vec::with_capacity(in_tree.len());
    for issued in in_tree {
        let carried = carried(&issued)?;
        if issued.id != ancestor && carried.chain.iter().any(|hop| hop.id == ancestor) {
            below.push((issued, carried));
        }
    }
    Ok(below)
}

fn carried(issued: &Issued) -> Result<Carried, Refusal> {
    serde_json::from_str(&issued.event).map_err(|error| {
        tracing::error!(id = %issued.id, %error, "an issued credential cannot be read");
        Refusal::Internal
    })
}

fn summary_of(state: &TenantState, issued: &Issued, carried: &Carried, now: Instant) -> TokenSummary {
    let dead = state.revocations.reaches(&carried.chain);
    let revoked = dead.map(|revocation| RevokedBy { seq: revocation.seq, target: revocation.kind });
    TokenSummary {
        id: issued.id.clone(),
        agent: issued.agent.clone(),
        agent_name: state.agents.get(&issued.agent).map(|agent| agent.name.clone()),
        subject: issued.subject.clone(),
        form: carried.detail.form.clone(),
        scope: carried.detail.scope.clone(),
        audience: carried.detail.audience.clone(),
        live: revoked.is_none() && now < issued.expires_at,
        revoked,
        depth: issued.depth,
        root: issued.root.clone(),
        parent: issued.parent.clone(),
        issued_at: rfc3339(issued.issued_at),
        expires_at: rfc3339(issued.expires_at),
    }
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Instant;
    use deputy_store::Issued;

    use super::below;

    fn issued(chain: &[&str]) -> Issued {
        let hops: Vec<_> =
            chain.iter().map(|id| serde_json::json!({"agent": "a", "id": id, "seq": 1})).collect();
        let detail = serde_json::json!(
            {"form": "access_token", "scope": "", "audience": [], "authorization_details": []}
        );
        Issued {
            id: (*chain.last().unwrap()).into(),
            seq: 0,
            agent: "a".into(),
            subject: None,
            root: "r".into(),
            parent: None,
            depth: 1,
            issued_at: Instant(0),
            expires_at: Instant(1),
            event: serde_json::json!({"chain": hops, "detail": detail}).to_string(),
        }
    }

    #[test]
    fn a_cousin_is_no_descendant_and_a_child_of_an_offline_hop_is_one() {
        let tree = || {
            [&["r", "b"][..], &["r", "c"], &["r", "b", "d"], &["r", "c", "offline", "e"]].map(issued).to_vec()
        };
        let ids = |of: &str| below(tree(), of).unwrap().into_iter().map(|one| one.0.id).collect::<Vec<_>>();
        assert_eq!(ids("b"), ["d"]);
        assert_eq!(ids("c"), ["e"]);
        assert_eq!(ids("r"), ["b", "c", "d", "e"]);
        assert!(ids("e").is_empty());
    }
}
