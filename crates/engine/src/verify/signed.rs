//! A token that the tenant made: its claims, its form, and the text that introspection answers while it lives.
//!
//! Invariant: none ever changes, so the text is written once a token, not once a question.

use std::sync::OnceLock;

use deputy_oauth::{introspection::IntrospectionResponse, token::TokenType};
use deputy_store::Meter;
use deputy_token::{
    access::{AccessClaims, Hop, SignedAccess},
    capability::SignedCapability,
};

/// A token under a valid signature, or a valid tag, of its tenant; whether it lives is another question.
#[derive(Debug)]
pub struct SignedToken {
    sealed: Sealed,
    description: OnceLock<Box<str>>,
}

#[derive(Debug)]
enum Sealed {
    Access(SignedAccess),
    Capability(SignedCapability),
}

impl SignedToken {
    /// What it says; of a capability at the end of its chain.
    pub fn claims(&self) -> &AccessClaims {
        match &self.sealed {
            Sealed::Access(signed) => signed.claims(),
            Sealed::Capability(signed) => signed.claims(),
        }
    }

    /// What it is.
    pub fn token_type(&self) -> TokenType {
        match &self.sealed {
            Sealed::Access(_) => TokenType::AccessToken,
            Sealed::Capability(_) => TokenType::Capability,
        }
    }

    /// What RFC 7662 says of it while it lives, as JSON text; `None` if it cannot be written.
    pub fn description(&self) -> Option<&str> {
        let text = self.description.get_or_init(|| {
            let (claims, form) = (self.claims(), self.token_type());
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
        };
        chain.split_at_checked(issued).unwrap_or((chain, &[]))
    }

    /// The meters that it states itself: its own, and of a capability those of every block.
    pub(crate) fn meters(&self) -> Vec<Meter> {
        match &self.sealed {
            Sealed::Access(signed) => {
                let claims = signed.claims();
                let own = claims.mandate.uses.map(|most| Meter { credential: claims.jti().to_owned(), most });
                own.into_iter().collect()
            }
            Sealed::Capability(signed) => {
                let stated = signed.meters().iter();
                stated.map(|meter| Meter { credential: meter.credential.clone(), most: meter.uses }).collect()
            }
        }
    }
}

impl From<SignedAccess> for SignedToken {
    fn from(signed: SignedAccess) -> Self {
        Self { sealed: Sealed::Access(signed), description: OnceLock::new() }
    }
}

impl From<SignedCapability> for SignedToken {
    fn from(signed: SignedCapability) -> Self {
        Self { sealed: Sealed::Capability(signed), description: OnceLock::new() }
    }
}
