//! What a verifier insists on, and the decision itself: pure, with the time, the keys, the revocations and the
//! memory of proofs handed in.
//!
//! Invariants: nothing is believed before the signature; a decision carries every reason against the request
//! (mandates, section 6); what must be known and is not is a denial. A proof is used up only by a request that
//! nothing else stands against.

use deputy_mandate::{Decision, Instant, Reason, ReasonCode, Request, Value, deny_reasons};
use deputy_token::aat::{self, Invocation, MAX_IAT_SKEW_SECS, POP_WINDOW};
use deputy_token::access::AccessClaims;
use deputy_token::capability::AudienceKey;
use deputy_token::dpop::{BoundToken, Expected, UnverifiedProof, WINDOW as DPOP_WINDOW};
use deputy_token::freshness::{Once, Window};

use crate::credential::{CredentialError, Form, Signed, Unverified};
use crate::keys::KeySet;
use crate::presented::{Presented, Proof};
use crate::replay::{Remembered, ReplayMemory};
use crate::verdict::Verdict;
use crate::view::RevocationView;

/// What is tolerated by default, in milliseconds.
pub const DEFAULT_MAX_STALENESS_MS: i64 = 10_000;
/// How far a credential's beginning may lie ahead, in seconds: clocks differ a little. Its end has no leeway.
pub const DEFAULT_EARLY_SECS: i64 = 5;

/// What must be known of revocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocations {
    /// A view that was complete at most so many milliseconds ago; without one every request is denied.
    Within {
        /// Milliseconds.
        max_staleness_ms: i64,
    },
    /// Nothing: a credential counts until it expires, unless it is known to be dead.
    ExpiryOnly,
}

/// What a verifier insists on.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The issuer, byte for byte.
    pub issuer: String,
    /// Who asks: the resource server's own URI.
    pub audience: String,
    /// The keys with which capabilities for this audience are sealed, current and former.
    pub capability_keys: Vec<AudienceKey>,
    /// What must be known of revocations.
    pub revocations: Revocations,
    /// How far a credential's beginning may lie ahead, in seconds.
    pub early_secs: i64,
    /// How long a DPoP proof counts.
    pub dpop_window: Window,
    /// How long the proof that goes with an attenuating agent token counts.
    pub pop_window: Window,
}

/// What a decision rests on beside the credential.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The issuer's keys.
    pub keys: &'a KeySet,
    /// What is known of revocations.
    pub revocations: &'a RevocationView,
    /// The proofs that were used.
    pub replays: &'a dyn ReplayMemory,
}

impl Policy {
    /// The defaults, for one issuer and one audience.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            capability_keys: Vec::new(),
            revocations: Revocations::Within { max_staleness_ms: DEFAULT_MAX_STALENESS_MS },
            early_secs: DEFAULT_EARLY_SECS,
            dpop_window: DPOP_WINDOW,
            pop_window: POP_WINDOW,
        }
    }

    /// Decides `request` under a credential, at `now`.
    #[must_use]
    pub fn check_at(
        &self,
        known: &Known<'_>,
        presented: &Presented<'_>,
        request: &Request,
        now: Instant,
    ) -> Verdict {
        let unverified = match Unverified::parse(presented.token) {
            Ok(unverified) => unverified,
            Err(error) => return Verdict::refused(&error),
        };
        match self.verify(unverified, known.keys) {
            Ok(signed) => {
                let proof = self.prove(&signed, presented, request, now);
                self.decide(signed, proof, request, known.revocations, known.replays, now)
            }
            Err(error) => Verdict::refused(&error),
        }
    }

    /// The expensive half: signatures.
    pub(crate) fn verify(
        &self,
        unverified: Unverified<'_>,
        keys: &KeySet,
    ) -> Result<Signed, CredentialError> {
        unverified.verify_signature(&self.issuer, keys, &self.capability_keys)
    }

    /// That whoever sent the request holds the key that the credential is bound to; the proof is not used up yet.
    pub(crate) fn prove(
        &self,
        signed: &Signed,
        presented: &Presented<'_>,
        request: &Request,
        now: Instant,
    ) -> Result<Option<Once>, Reason> {
        let cnf = signed.claims().cnf.as_ref();
        match (presented.proof, cnf, signed) {
            (None, None, _) => Ok(None),
            (None, Some(_), _) => Err(Reason::of(ReasonCode::ProofMissing)),
            (Some(Proof::Pop(proof)), Some(_), Signed::Aat(chain)) => {
                let call = Invocation {
                    audience: &self.audience,
                    tool: request.tool.as_deref().unwrap_or_default(),
                    arguments: &request.arguments,
                    now,
                    window: self.pop_window,
                };
                let proof = aat::verify_pop(chain, proof, &call).map_err(|error| invalid(&error))?;
                Ok(Some(proof.once().clone()))
            }
            (
                Some(Proof::Dpop { proof, method, uri }),
                Some(cnf),
                Signed::Access(_) | Signed::Capability(_),
            ) => {
                let token = Some(BoundToken { token: presented.token, jkt: &cnf.jkt });
                let expected = Expected { method, uri, token, now, window: self.dpop_window };
                let proof = UnverifiedProof::parse(proof).and_then(|proof| proof.verify(&expected));
                Ok(Some(proof.map_err(|error| invalid(&error))?.once().clone()))
            }
            (Some(_), None, _) => Err(refused("A proof came with a credential that is bound to no key.")),
            (Some(_), Some(_), _) => {
                Err(refused("The proof is of a kind that does not go with this credential."))
            }
        }
    }

    /// Everything else, from memory.
    pub(crate) fn decide(
        &self,
        signed: Signed,
        proof: Result<Option<Once>, Reason>,
        request: &Request,
        revocations: &RevocationView,
        replays: &dyn ReplayMemory,
        now: Instant,
    ) -> Verdict {
        let claims = signed.claims();
        let mut reasons = Vec::new();
        let once = proof.unwrap_or_else(|reason| {
            reasons.push(reason);
            None
        });
        self.time(&signed, now, &mut reasons);
        self.liveness(claims, revocations, now, &mut reasons);
        holder(claims, request, &mut reasons);
        self.audience(claims, request, &mut reasons);
        // The time has been judged; this is one at which the mandate holds.
        reasons.extend(deny_reasons(&claims.mandate, request, claims.mandate.not_before));
        if reasons.is_empty()
            && let Some(once) = once
        {
            remember(replays, &once, now, &mut reasons);
        }
        if signed.is_metered() {
            reasons.push(Reason::of(ReasonCode::OnlineCheckRequired).field("uses"));
        }
        Verdict::of(signed, Decision::from_reasons(reasons))
    }

    fn time(&self, signed: &Signed, now: Instant, reasons: &mut Vec<Reason>) {
        let claims = signed.claims();
        if now >= claims.mandate.expires_at {
            reasons.push(Reason::of(ReasonCode::Expired));
        }
        let made_ahead =
            signed.form() == Form::AttenuatingAgentToken && now.plus_secs(MAX_IAT_SKEW_SECS) < claims.iat;
        if now.plus_secs(self.early_secs) < claims.mandate.not_before || made_ahead {
            reasons.push(Reason::of(ReasonCode::NotYetValid));
        }
    }

    fn liveness(
        &self,
        claims: &AccessClaims,
        view: &RevocationView,
        now: Instant,
        reasons: &mut Vec<Reason>,
    ) {
        if let Revocations::Within { max_staleness_ms } = self.revocations
            && !view.is_fresh(now, max_staleness_ms)
        {
            reasons.push(Reason::of(ReasonCode::RevocationStale));
        }
        if !view.halt().permits(&claims.chain) {
            reasons.push(Reason::of(ReasonCode::TenantHalted));
        }
        if let Some(revocation) = view.reaches(&claims.chain) {
            let kind = revocation.kind.as_str();
            let which = match claims.chain.len().saturating_sub(revocation.hop + 1) {
                0 => "The credential",
                _ => "A credential above this one",
            };
            let sentence = format!("{which} is revoked, by a revocation of its {kind}.");
            reasons.push(Reason::of(ReasonCode::Revoked).field(kind).message(sentence));
        }
    }

    /// The mandate must be for this verifier, also when the request names no audience; a request for another
    /// audience came to the wrong verifier.
    fn audience(&self, claims: &AccessClaims, request: &Request, reasons: &mut Vec<Reason>) {
        let elsewhere = request.audience.as_ref().is_some_and(|wanted| *wanted != self.audience);
        let unnamed = request.audience.is_none() && !claims.mandate.audience.contains(&self.audience);
        if elsewhere || unnamed {
            let asked = request.audience.as_ref().unwrap_or(&self.audience);
            let value = Value::String(asked.clone());
            let sentence = match elsewhere {
                true => format!("This verifier does not answer for the audience `{asked}`."),
                false => format!("The credential is not for the audience `{asked}`."),
            };
            let reason = Reason::of(ReasonCode::AudienceMismatch).field("audience");
            reasons.push(reason.value(&value).message(sentence));
        }
    }
}

/// What the mandate cannot say: the person acted for, and the runtime observed.
fn holder(claims: &AccessClaims, request: &Request, reasons: &mut Vec<Reason>) {
    let Some(leaf) = claims.chain.last() else { return };
    if let Some(wanted) = &request.subject
        && *wanted != claims.sub
        && leaf.sub.as_ref() != Some(wanted)
    {
        reasons.push(Reason::of(ReasonCode::SubjectMismatch).field("subject"));
    }
    if let (Some(observed), Some(sealed)) = (&request.runtime, leaf.rt.as_deref())
        && observed.as_str() != sealed
    {
        let sentence = "The runtime observed is not the one that the credential was issued to.";
        reasons.push(Reason::of(ReasonCode::RuntimeChanged).field("runtime").message(sentence));
    }
}

fn remember(replays: &dyn ReplayMemory, once: &Once, now: Instant, reasons: &mut Vec<Reason>) {
    match replays.remember(once, now) {
        Remembered::First => {}
        Remembered::Again => reasons.push(refused("The proof was used before.")),
        Remembered::Full => reasons.push(refused("The proof cannot be remembered; try again shortly.")),
    }
}

fn refused(sentence: &str) -> Reason {
    Reason::of(ReasonCode::ProofInvalid).message(sentence)
}

/// The sentence of the proof's own error: it names a rule, and nothing of the proof.
fn invalid(error: &dyn std::error::Error) -> Reason {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let sentence: String = first.into_iter().chain(letters).chain(['.']).collect();
    refused(&sentence)
}
