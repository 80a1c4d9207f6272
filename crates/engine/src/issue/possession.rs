//! Who exchanges a bound token proves its key, whoever that is (RFC 9449 §5).
//!
//! Invariant: nothing is made below a bound token without a proof by its key: the request's own, or one that
//! its holder made for this exchange of this token and handed on. What is made below it is bound too, so a
//! stolen token cannot be laundered into a bearer's.

use deputy_mandate::{Instant, ReasonCode};
use deputy_oauth::error::{GrantProblem, RequestProblem};
use deputy_token::{access::AccessClaims, dpop::BoundToken, freshness::Once};

use super::parent::refusal;
use crate::{Client, Refusal, proofs, view::TenantView};

/// The holder's own proof, to be used up by the exchange, where the request's proof is by another key.
pub(super) fn require(
    view: &TenantView,
    client: &Client,
    claims: &AccessClaims,
    token: &str,
    handed: Option<&str>,
    now: Instant,
) -> Result<Option<Once>, Refusal> {
    let missing = || refusal(GrantProblem::SubjectDead(ReasonCode::ProofMissing));
    let invalid = || refusal(GrantProblem::SubjectDead(ReasonCode::ProofInvalid));
    let jkt = match (&claims.cnf, handed) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(malformed()),
        (Some(cnf), _) => cnf.jkt.as_str(),
    };
    // The child is bound to the key that the request proves.
    let own = client.jkt.as_deref().ok_or_else(missing)?;
    match handed {
        None if own == jkt => Ok(None),
        None => Err(invalid()),
        Some(proof) => {
            let bound = BoundToken { token, jkt };
            let proof = proofs::at_token_endpoint(view, proof, Some(bound), now).map_err(|_| invalid())?;
            Ok(Some(proof.once().clone()))
        }
    }
}

fn malformed() -> Refusal {
    Refusal::OAuth(RequestProblem::Malformed("subject_token_proof").into())
}
