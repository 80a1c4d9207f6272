//! The decision on a credential and a call, out of the keys at hand and nothing else.
//!
//! Invariant: no reason that can be seen offline is left out. A signature that does not verify ends it: of what
//! nobody signed, nothing is said. What a verifier cannot know alone (a meter) is a denial, not a guess.

use deputy_mandate::{Instant, Reason, ReasonCode, Reasons, Request, deny_reasons};
use deputy_token::aat::{Invocation, POP_WINDOW, SignedAat, UnverifiedAat, verify_pop};
use deputy_token::access::{AccessClaims, UnverifiedAccess};
use deputy_token::capability::UnverifiedCapability;
use deputy_token::dpop::{BoundToken, Expected, UnverifiedProof, WINDOW};
use deputy_token::keys::{JwkSet, PublicKey};

use super::call::Call;
use super::keys::{Anchor, Trusted};
use crate::cli::Failure;
use crate::cli::token::credential::Form;

/// What is judged, and when.
pub(super) struct Said<'a> {
    pub(super) text: &'a str,
    pub(super) form: Option<Form>,
    pub(super) now: Instant,
    pub(super) leeway: i64,
}

/// The outcome: allowed when there is no reason against it.
pub(super) struct Judged {
    /// The reasons, in the normative order.
    pub(super) reasons: Vec<Reason>,
    /// The claims, when they are to be believed.
    pub(super) claims: Option<AccessClaims>,
}

fn because(code: ReasonCode, why: &str) -> Reason {
    Reason::of(code).message(sentence(why))
}

/// An error's words as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// A credential under a valid signature, with what else its form says.
struct Signed {
    claims: AccessClaims,
    aat: Option<SignedAat>,
    metered: bool,
}

/// Judges it.
pub(super) fn judge(
    said: &Said<'_>,
    anchor: &Anchor,
    call: &Call,
    request: &Request,
) -> Result<Judged, Failure> {
    let signed = match signed(said, anchor) {
        Ok(signed) => signed,
        Err((code, why)) => return Ok(Judged { reasons: vec![because(code, &why)], claims: None }),
    };
    let mut reasons = authority(said, &signed, call, request);
    reasons.extend(proof(said, &signed, call, request)?);
    if signed.metered && call.is_named() {
        reasons.push(Reason::of(ReasonCode::OnlineCheckRequired));
    }
    let reasons = Reasons::new(reasons).map(Reasons::into_vec).unwrap_or_default();
    Ok(Judged { reasons, claims: Some(signed.claims) })
}

/// Verifies the signature with the keys at hand; else the code and the words of what is wrong.
fn signed(said: &Said<'_>, anchor: &Anchor) -> Result<Signed, (ReasonCode, String)> {
    let issuer = anchor.issuer.as_str();
    match (said.form, &anchor.keys) {
        (Some(Form::Capability), Trusted::Audience(key)) => UnverifiedCapability::parse(said.text)
            .and_then(|unverified| unverified.verify_signature(key, issuer))
            .map(|signed| Signed {
                metered: !signed.meters().is_empty(),
                claims: signed.into_claims(),
                aat: None,
            })
            .map_err(|error| (error.reason(), error.to_string())),
        (Some(Form::Aat), Trusted::Set(set)) => UnverifiedAat::parse(said.text)
            .and_then(|unverified| unverified.verify_signature(|kid| find(set, kid), issuer))
            .map(|signed| Signed { claims: signed.claims().clone(), aat: Some(signed), metered: false })
            .map_err(|error| (error.reason(), error.to_string())),
        (_, Trusted::Set(set)) => UnverifiedAccess::parse(said.text)
            .and_then(|unverified| unverified.verify_signature(|kid| find(set, kid), issuer))
            .map(|signed| {
                let claims = signed.into_claims();
                Signed { metered: claims.mandate.uses.is_some(), claims, aat: None }
            })
            .map_err(|error| (error.reason(), error.to_string())),
        (_, Trusted::Audience(_)) => Err((ReasonCode::Malformed, "this is no capability".to_owned())),
    }
}

fn find<'k>(set: &'k JwkSet, kid: &str) -> Option<&'k PublicKey> {
    set.keys.iter().find(|jwk| jwk.kid() == Some(kid)).map(|jwk| jwk.key())
}

/// What the mandate says to the call; to a credential alone, only whether it is valid, and here.
fn authority(said: &Said<'_>, signed: &Signed, call: &Call, request: &Request) -> Vec<Reason> {
    let mut mandate = signed.claims.mandate.clone();
    mandate.expires_at = mandate.expires_at.plus_secs(said.leeway);
    mandate.not_before = mandate.not_before.plus_secs(said.leeway.saturating_neg());
    let mut reasons = deny_reasons(&mandate, request, said.now);
    if !call.is_named() {
        let of_itself = [ReasonCode::Expired, ReasonCode::NotYetValid, ReasonCode::AudienceMismatch];
        reasons.retain(|reason| of_itself.contains(&reason.code));
    }
    if let Some(aat) = &signed.aat
        && reasons.iter().all(|reason| reason.code != ReasonCode::NotYetValid)
        && let Err(error) = aat.clone().verify_time(said.now, said.leeway)
        && error.reason() == ReasonCode::NotYetValid
    {
        // Its `iat` lies ahead, which a mandate does not say.
        reasons.push(Reason::of(ReasonCode::NotYetValid));
    }
    reasons
}

/// What the proof of possession says; the windows are those of the decision endpoint and of the draft.
fn proof(
    said: &Said<'_>,
    signed: &Signed,
    call: &Call,
    request: &Request,
) -> Result<Option<Reason>, Failure> {
    let Some(cnf) = &signed.claims.cnf else {
        return match call.proof()? {
            None => Ok(None),
            Some(_) => Err(Failure::Usage("--proof: the credential is bound to no key".to_owned())),
        };
    };
    if call.no_proof {
        eprintln!("the credential is bound to a key, and no proof of it was asked for (--no-proof)");
        return Ok(None);
    }
    let Some(proof) = call.proof()? else { return Ok(Some(Reason::of(ReasonCode::ProofMissing))) };
    let invalid = |why: &dyn ToString| Ok(Some(because(ReasonCode::ProofInvalid, &why.to_string())));
    if let Some(aat) = &signed.aat {
        let (Some(tool), Some(audience)) = (&call.tool, &call.audience) else {
            return Err(Failure::Usage("--proof: which call? give --tool and --audience".to_owned()));
        };
        let call =
            Invocation { audience, tool, arguments: &request.arguments, now: said.now, window: POP_WINDOW };
        return verify_pop(aat, &proof, &call).map_or_else(|error| invalid(&error), |_| Ok(None));
    }
    let (Some(method), Some(uri)) = (&call.method, &call.url) else {
        return Err(Failure::Usage("--proof: which request? give --method and --url".to_owned()));
    };
    let expected = Expected {
        method,
        uri,
        token: Some(BoundToken { token: said.text, jkt: &cnf.jkt }),
        now: said.now,
        window: WINDOW,
    };
    let verified = UnverifiedProof::parse(&proof).and_then(|proof| proof.verify(&expected));
    verified.map_or_else(|error| invalid(&error), |_| Ok(None))
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
