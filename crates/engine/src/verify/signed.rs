//! A token that the tenant signed: its claims, and the text that introspection answers while it lives.
//!
//! Invariant: neither ever changes, so the text is written once a token, not once a question.

use std::sync::OnceLock;

use deputy_oauth::{
    introspection::{IntrospectionResponse, token_type},
    token::TokenType,
};
use deputy_token::{
    aat::SignedAat,
    access::{AccessClaims, SignedAccess},
};

/// A token under a valid signature of its tenant; whether it lives is another question.
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
    /// An attenuating agent token, with what its holders made of it.
    Attenuating(SignedAat),
}

impl SignedToken {
    /// The signed claims.
    pub fn claims(&self) -> &AccessClaims {
        match &self.sealed {
            Sealed::Access(signed) => signed.claims(),
            Sealed::Attenuating(signed) => signed.claims(),
        }
    }

    /// Its form.
    pub fn form(&self) -> TokenType {
        match &self.sealed {
            Sealed::Access(_) => TokenType::AccessToken,
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
            let claims = self.claims();
            let answer =
                IntrospectionResponse::Active { claims, token_type: token_type(self.form(), claims) };
            serde_json::to_string(&answer).unwrap_or_default().into_boxed_str()
        });
        (!text.is_empty()).then_some(text)
    }
}

impl From<Sealed> for SignedToken {
    fn from(sealed: Sealed) -> Self {
        Self { sealed, description: OnceLock::new() }
    }
}
