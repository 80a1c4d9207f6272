//! Metering: one use debits the credential and every metered ancestor, or nothing (mandates §6).
//!
//! The debit, its idempotency key and the decision's event are one transaction of the writer, which takes
//! one change of a tenant at a time on every replica: of a hundred parallel tries of a single use, one
//! succeeds, and it is on disk before it is answered.

use std::sync::Arc;

use deputy_mandate::{Decision, Reason, ReasonCode};
use deputy_store::{Debit, Debited, Issued, Meter, Spend, TenantRead, event::EventDraft};
use deputy_token::freshness::Once;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{proof::replayed, request::Evaluation};
use crate::{Engine, Refusal, SignedToken, issue::OfflineHop, view::TenantView};

impl Engine {
    /// Debits a metered mandate for a request that nothing else stands against, uses up its proof, and writes
    /// its event. A proof that was used before is a denial, also of a use that is repeated under its key.
    pub(super) async fn exercise(
        &self,
        view: &TenantView,
        token: &Arc<SignedToken>,
        asked: &Evaluation,
        once: Option<Once>,
        allowed: EventDraft,
    ) -> Result<Decision, Refusal> {
        let (debit, token) = (debit(token, asked), token.clone());
        let change = self.inner.writer.change(&view.id, move |tx| {
            Box::pin(async move {
                let is_fresh = match once {
                    Some(once) => tx.spend(&Spend::Proof(once)).await?,
                    None => true,
                };
                let decision = match above(tx, debit, &token).await? {
                    _ if !is_fresh => replayed(),
                    Some(debit) => judged(tx.debit(&debit).await?),
                    None => deny(ReasonCode::OnlineCheckRequired),
                };
                tx.event(told(allowed, &decision));
                Ok::<_, Refusal>(decision)
            })
        });
        Ok(change.await?.0)
    }

    /// What a use would be told, without using anything up.
    pub(super) async fn rehearse(
        &self,
        view: &TenantView,
        token: &SignedToken,
        asked: &Evaluation,
    ) -> Result<Decision, Refusal> {
        let read = self.inner.database.tenant(&view.id);
        let debit = above(&read, debit(token, asked), token).await?;
        let Some(debit) = debit else { return Ok(deny(ReasonCode::OnlineCheckRequired)) };
        Ok(judged(read.rehearse_debit(&debit).await?))
    }
}

/// The use with the meters that the token itself states.
fn debit(token: &SignedToken, asked: &Evaluation) -> Debit {
    let claims = token.claims();
    Debit {
        credential: claims.jti().to_owned(),
        meters: token.meters(),
        key: asked.use_id.clone().map(|id| (id, digest(asked))),
        expires_at: claims.mandate.expires_at,
    }
}

/// What the meter reads of the event that issued a credential.
#[derive(Deserialize)]
struct Event {
    detail: Detail,
}

#[derive(Deserialize)]
struct Detail {
    authorization_details: (Limit,),
    /// Hops right above it that were made offline.
    #[serde(default)]
    offline: Vec<OfflineHop>,
}

#[derive(Deserialize)]
struct Limit {
    uses: Option<u64>,
}

/// Adds the meters of the ancestors that were issued, and of hops between them that were made offline, of which the
/// next issue below told; `None` when one of them is not known here.
async fn above(
    read: &TenantRead<'_>,
    mut debit: Debit,
    token: &SignedToken,
) -> Result<Option<Debit>, Refusal> {
    let (issued, _) = token.hops();
    let Some((own, ancestors)) = issued.split_last() else { return Ok(None) };
    let (mut offline, mut missing) = (Vec::new(), Vec::new());
    for hop in ancestors {
        match read.issued(&hop.id).await? {
            Some(issued) => {
                let detail = detail(&issued)?;
                offline.extend(detail.offline);
                let (Limit { uses },) = detail.authorization_details;
                debit.meters.extend(uses.map(|most| Meter { credential: issued.id, most }));
            }
            None => missing.push(&hop.id),
        }
    }
    if !missing.is_empty()
        && let Some(own) = read.issued(&own.id).await?
    {
        offline.extend(detail(&own)?.offline);
    }
    for id in missing {
        let Some(hop) = offline.iter().find(|hop| hop.id == *id) else { return Ok(None) };
        debit.meters.extend(hop.uses.map(|most| Meter { credential: hop.id.clone(), most }));
    }
    Ok(Some(debit))
}

fn detail(issued: &Issued) -> Result<Detail, Refusal> {
    let event: Event = serde_json::from_str(&issued.event).map_err(|error| {
        tracing::error!(id = %issued.id, %error, "an issued credential cannot be read");
        Refusal::Internal
    })?;
    Ok(event.detail)
}

fn judged(debited: Debited) -> Decision {
    match debited {
        Debited::Counted | Debited::Repeated => Decision::Allow,
        Debited::Exhausted { most } => {
            let most = u32::try_from(most).unwrap_or(u32::MAX);
            Decision::from_reasons(vec![
                Reason::of(ReasonCode::UsesExhausted).field("uses").limit(most.into()),
            ])
        }
        Debited::OtherRequest => {
            let sentence = "The `use_id` was used for another request.";
            Decision::from_reasons(vec![
                Reason::of(ReasonCode::Malformed).field("context.use_id").message(sentence),
            ])
        }
    }
}

fn deny(code: ReasonCode) -> Decision {
    Decision::from_reasons(vec![Reason::of(code)])
}

/// The event of an allowance that came to nothing.
pub(super) fn told(mut event: EventDraft, decision: &Decision) -> EventDraft {
    if !decision.is_allow() {
        event.decision = Some("deny");
        event.reasons = decision.reasons().iter().map(|reason| reason.code.as_str().to_owned()).collect();
    }
    event
}

/// What a `use_id` stands for: the same key with another request is no repetition.
fn digest(asked: &Evaluation) -> String {
    let request = &asked.request;
    let mut hash = Sha256::new();
    let scope = request.scope.as_ref().map(|scope| scope.as_str());
    for part in [request.tool.as_deref(), scope, request.audience.as_deref()] {
        hash.update(part.unwrap_or_default());
        hash.update([0]);
    }
    hash.update(request.arguments.to_canonical());
    deputy_token::secrets::Sha256Digest::from_bytes(hash.finalize().into()).to_text()
}
