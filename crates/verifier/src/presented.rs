//! What a caller sent: a credential, and the proof of possession that came with it.
//!
//! Invariant: a credential that was sent as `Bearer` has no proof, whatever other fields the request had, so a
//! bound one is refused (RFC 9449 section 7.2).

use std::fmt;

use deputy_mandate::{Reason, ReasonCode};

/// A proof of possession, as it was sent.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// The `DPoP` field (RFC 9449), for access tokens and capabilities.
    Dpop {
        /// The field's value.
        proof: &'a str,
        /// The method of the request.
        method: &'a str,
        /// The URI of the request as the client sees it; query and fragment are not compared.
        uri: &'a str,
    },
    /// The proof that goes with an attenuating agent token: `aat-pop+jwt`.
    Pop(&'a str),
}

/// A credential as it was sent. Its `Debug` shows nothing of it.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    pub(crate) token: &'a str,
    pub(crate) proof: Option<Proof<'a>>,
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only the issuer counts uses"))]
    pub(crate) use_id: Option<&'a str>,
}

impl<'a> Presented<'a> {
    /// A credential alone (RFC 6750).
    #[must_use]
    pub const fn bearer(token: &'a str) -> Self {
        Self { token, proof: None, use_id: None }
    }

    /// A credential with a DPoP proof for a request.
    #[must_use]
    pub const fn dpop(token: &'a str, proof: &'a str, method: &'a str, uri: &'a str) -> Self {
        Self { token, proof: Some(Proof::Dpop { proof, method, uri }), use_id: None }
    }

    /// An attenuating agent token, root first and joined by `~`, with its proof for a call.
    #[must_use]
    pub const fn pop(chain: &'a str, proof: &'a str) -> Self {
        Self { token: chain, proof: Some(Proof::Pop(proof)), use_id: None }
    }

    /// Names this use, so that a metered credential is debited once however often the call is repeated: 1 to
    /// 128 bytes.
    #[must_use]
    pub const fn use_id(self, id: &'a str) -> Self {
        Self { use_id: Some(id), ..self }
    }

    /// Reads the `Authorization` field, and the `DPoP` field where the scheme is `DPoP`. A request with several
    /// `DPoP` fields has none that counts: hand in `None`.
    ///
    /// # Errors
    /// [`HeaderError`], with the reason to answer.
    pub fn from_headers(
        authorization: &'a str,
        dpop: Option<&'a str>,
        method: &'a str,
        uri: &'a str,
    ) -> Result<Self, HeaderError> {
        let (scheme, token) = authorization.split_once(' ').ok_or(HeaderError::Form)?;
        let token = token.trim_matches(' ');
        if token.is_empty() || token.contains([' ', ',']) {
            return Err(HeaderError::Form);
        }
        if scheme.eq_ignore_ascii_case("bearer") {
            Ok(Self::bearer(token))
        } else if scheme.eq_ignore_ascii_case("dpop") {
            Ok(Self::dpop(token, dpop.ok_or(HeaderError::NoProof)?, method, uri))
        } else {
            Err(HeaderError::Form)
        }
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented").field("proof", &self.proof.is_some()).finish_non_exhaustive()
    }
}

/// Why the fields of a request carry no credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not `Bearer` or `DPoP` and one token.
    #[error("the `Authorization` field is not `Bearer` or `DPoP` with one token")]
    Form,
    /// The scheme is `DPoP` and there is no single `DPoP` field.
    #[error("the scheme is `DPoP` and the request has no single `DPoP` field")]
    NoProof,
}

impl HeaderError {
    /// The reason that a decision gives for it.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Self::Form => Reason::of(ReasonCode::Malformed).field("authorization"),
            Self::NoProof => Reason::of(ReasonCode::ProofMissing).field("dpop"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_says_whether_a_proof_counts() {
        let read = |field, dpop| Presented::from_headers(field, dpop, "GET", "https://a.example/");
        let proof = |field, dpop| read(field, dpop).map(|presented| presented.proof.is_some());
        assert_eq!(proof("Bearer abc", None), Ok(false));
        assert_eq!(proof("bearer abc", Some("p")), Ok(false));
        assert_eq!(proof("DPoP abc", Some("p")), Ok(true));
        assert_eq!(proof("dpop  abc", Some("p")), Ok(true));
        assert_eq!(proof("DPoP abc", None), Err(HeaderError::NoProof));
        for field in ["", "abc", "Basic abc", "Bearer ", "Bearer a b", "Bearer a,b"] {
            assert_eq!(proof(field, None), Err(HeaderError::Form), "{field}");
        }
        assert_eq!(read("Bearer abc", None).unwrap().token, "abc");
        assert_eq!(HeaderError::NoProof.reason().code, ReasonCode::ProofMissing);
        assert!(!format!("{:?}", Presented::bearer("secret")).contains("secret"));
    }
}
