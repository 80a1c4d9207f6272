//! A token that the tenant signed: its claims, and the text that introspection answers while it lives.
//!
//! Invariant: neither ever changes, so the text is written once a token, not once a question.

use std::sync::OnceLock;

use deputy_oauth::{introspection::IntrospectionResponse, token::TokenType};
use deputy_store::Meter;
use deputy_token::{
    aat::SignedAat,
    access::{AccessClaims, Hop, SignedAccess},
    capability::SignedCapability,
};

/// A token under a valid signature, or a valid tag, of its tenant; whether it lives is another question.
#[derive(Debug)]
pub struct SignedToken {
    sealed: Sealed,
    description: OnceLock<Box<str>>,
}

/// The forms in which a mandate is sealed.
#[derive(Debug)]
pub(crate) enum Sealed {
    /// An access token.
    Access(SignedAccess),
    /// A capability, with what its holders made of it.
    Capability(SignedCapability),
    /// An attenuating agent token, with what its holders made of it.
    Attenuating(SignedAat),
}

impl SignedToken {
    /// What it says.
    pub fn claims(&self) -> &AccessClaims {
        match &self.sealed {
            Sealed::Access(signed) => signed.claims(),
            Sealed::Capability(signed) => signed.claims(),
            Sealed::Attenuating(signed) => signed.claims(),
        }
    }

    /// Its form.
    pub fn form(&self) -> TokenType {
        match &self.sealed {
            Sealed::Access(_) => TokenType::AccessToken,
            Sealed::Capability(_) => TokenType::Capability,
            Sealed::Attenuating(_) => TokenType::AttenuatingAgentToken,
        }
    }

    /// The token itself.
    pub(crate) fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    /// What RFC 7662 says of it while it lives, as JSON text; `None` if it cannot be written.
    pub fn description(&self) -> Option<&str> {
        let text = self.description.get_or_init(|| {
            let (claims, form) = (self.claims(), self.form());
            let answer = serde_json::to_string(&IntrospectionResponse::Active { claims, form });
            answer.unwrap_or_default().into_boxed_str()
        });
        (!text.is_empty()).then_some(text)
    }

    /// The hops that this issuer made, root first, and those that a holder made after them.
    pub(crate) fn hops(&self) -> (&[Hop], &[Hop]) {
        let chain = self.claims().chain.as_slice();
        let issued = match &self.sealed {
            Sealed::Access(_) => chain.len(),
            Sealed::Capability(signed) => signed.issued_hops(),
            Sealed::Attenuating(signed) => signed.issued_hops().len(),
        };
        chain.split_at_checked(issued).unwrap_or((chain, &[]))
    }

    /// The meters that it states itself: its own, and of a capability those of every block.
    pub(crate) fn meters(&self) -> Vec<Meter> {
        let of_capability = match &self.sealed {
            Sealed::Capability(signed) => Some(signed.meters()),
            Sealed::Access(_) | Sealed::Attenuating(_) => None,
        };
        let Some(stated) = of_capability else {
            let claims = self.claims();
            let own = claims.mandate.uses.map(|most| Meter { credential: claims.jti().to_owned(), most });
            return own.into_iter().collect();
        };
        stated.iter().map(|one| Meter { credential: one.credential.clone(), most: one.uses }).collect()
    }
}

impl From<Sealed> for SignedToken {
    fn from(sealed: Sealed) -> Self {
        Self { sealed, description: OnceLock::new() }
    }
}
