//! A token that the tenant signed: its claims, and the text that introspection answers while it lives.
//!
//! Invariant: neither ever changes, so the text is written once a token, not once a question.

use std::sync::OnceLock;

use deputy_oauth::introspection::IntrospectionResponse;
use deputy_token::access::{AccessClaims, SignedAccess};

/// A token under a valid signature of its tenant; whether it lives is another question.
#[derive(Debug)]
pub struct SignedToken {
    signed: SignedAccess,
    description: OnceLock<Box<str>>,
}

impl SignedToken {
    /// The signed claims.
    pub fn claims(&self) -> &AccessClaims {
        self.signed.claims()
    }

    /// What RFC 7662 says of it while it lives, as JSON text; `None` if it cannot be written.
    pub fn description(&self) -> Option<&str> {
        let text = self.description.get_or_init(|| {
            let answer = serde_json::to_string(&IntrospectionResponse::Active(self.claims()));
            answer.unwrap_or_default().into_boxed_str()
        });
        (!text.is_empty()).then_some(text)
    }
}

impl From<SignedAccess> for SignedToken {
    fn from(signed: SignedAccess) -> Self {
        Self { signed, description: OnceLock::new() }
    }
}
