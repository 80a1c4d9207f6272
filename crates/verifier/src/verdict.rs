//! What a verifier answers: the decision, and the credential where the issuer signed one.

use deputy_mandate::{Decision, Reason, ReasonCode};
use deputy_token::access::AccessClaims;

use crate::credential::{CredentialError, Signed};

/// The answer to one request.
#[derive(Debug, Clone)]
pub struct Verdict {
    decision: Decision,
    signed: Option<Signed>,
}

impl Verdict {
    pub(crate) fn of(signed: Signed, decision: Decision) -> Self {
        Self { decision, signed: Some(signed) }
    }

    pub(crate) fn refused(error: &CredentialError) -> Self {
        Self { decision: Decision::from_reasons(vec![error.reason()]), signed: None }
    }

    #[cfg(feature = "http")]
    pub(crate) fn with(self, decision: Decision) -> Self {
        Self { decision, ..self }
    }

    /// Whether the holder may do what was asked.
    #[must_use]
    pub fn is_allow(&self) -> bool {
        self.decision.is_allow()
    }

    /// The decision.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Why not, in the normative order; none when it is allowed.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        self.decision.reasons()
    }

    /// The code of each reason, in the same order.
    pub fn codes(&self) -> impl Iterator<Item = ReasonCode> {
        self.reasons().iter().map(|reason| reason.code)
    }

    /// Who acts and with what authority, where the answer is yes.
    ///
    /// # Errors
    /// The reasons, where it is no.
    pub fn allowed(&self) -> Result<&AccessClaims, &[Reason]> {
        match &self.signed {
            Some(signed) if self.decision.is_allow() => Ok(signed.claims()),
            _ => Err(self.decision.reasons()),
        }
    }

    /// What the issuer signed, for logs and for telling one holder from another; it may be dead.
    #[must_use]
    pub fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }

    /// Whether nothing stands in the way but the meter.
    #[must_use]
    pub fn needs_meter(&self) -> bool {
        self.signed.is_some()
            && !self.decision.is_allow()
            && self.codes().all(|code| code == ReasonCode::OnlineCheckRequired)
    }
}
