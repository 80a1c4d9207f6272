//! What a credential says of itself, in one shape for every form.
//!
//! Invariant: nothing here is verified. It is good for showing, and for a holder to narrow what it was given;
//! whoever decides must verify.

use deputy_mandate::DetailsError;
use deputy_token::aat::AatError;
use deputy_token::access::AccessClaims;
use deputy_token::capability::{CapabilityError, UnverifiedCapability};
use deputy_token::jws::{JwsError, UnverifiedJws};

use super::credential::Form;
use super::{said_aat, said_claims};

/// What a credential says.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// Its form.
    pub(super) form: Form,
    /// Its claims, those of the last holder.
    pub(super) claims: AccessClaims,
    /// How many hops the issuer made; the rest were made offline.
    pub(super) issued: usize,
}

/// Why a credential cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// Neither a capability nor a signed token.
    #[error("this is neither a capability nor a signed token: {0}")]
    NotOne(JwsError),
    /// A signed token of another type.
    #[error("this is a signed token of type `{0}`, not a credential of Deputy's")]
    Other(String),
    /// A capability that every verifier refuses.
    #[error("this capability is refused by every verifier: {0}")]
    Capability(#[from] CapabilityError),
    /// A chain that every verifier refuses.
    #[error("this chain is refused by every verifier: {0}")]
    Aat(#[from] AatError),
    /// A claim that is missing or malformed.
    #[error("the claims are malformed: {0}")]
    Claims(String),
    /// The mandate inside is malformed.
    #[error("`authorization_details` is malformed: {0}")]
    Details(#[from] DetailsError),
}

impl Said {
    /// Reads a credential.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        match Form::of(text).map_err(Unreadable::NotOne)? {
            Form::Capability => {
                let claims = UnverifiedCapability::parse(text)?.effective()?;
                // The prefix and the tag have a dot each, and so has every block but the first.
                let later = text.matches('.').count().saturating_sub(2);
                let issued = claims.chain.len().saturating_sub(later);
                Ok(Self { form: Form::Capability, claims, issued })
            }
            Form::Access => {
                let jws = UnverifiedJws::parse(text).map_err(Unreadable::NotOne)?;
                let claims = said_claims::read(jws.unverified_payload())?;
                Ok(Self { form: Form::Access, issued: claims.chain.len(), claims })
            }
            Form::Aat => said_aat::read(text),
            Form::Other => {
                let jws = UnverifiedJws::parse(text).map_err(Unreadable::NotOne)?;
                Err(Unreadable::Other(jws.typ().unwrap_or_default().to_owned()))
            }
        }
    }

    /// The name of each hop's agent, as far as the credential says it.
    pub(super) fn names(&self) -> Vec<String> {
        let claims = &self.claims;
        let mut actors = Vec::new();
        let mut act = claims.act.as_ref();
        while let Some(actor) = act {
            actors.push(actor.sub.as_str());
            act = actor.act.as_deref();
        }
        // The innermost actor was the first. On nobody's behalf the root is the subject and no actor.
        if actors.len().checked_add(1) == Some(self.issued) {
            actors.push(&claims.sub);
        }
        actors.reverse();
        let base = claims.chain.last().and_then(|leaf| {
            let below = leaf.agent.split_once('/').map(|(_, below)| below);
            match below {
                None => Some(claims.agent.name.as_str()),
                Some(below) => claims.agent.name.strip_suffix(below)?.strip_suffix('/'),
            }
        });
        let name = |(at, hop): (usize, &deputy_token::access::Hop)| {
            let below = hop.agent.split_once('/').map_or("", |(_, below)| below);
            if hop.registered_agent() == claims.agent.id
                && let Some(base) = base
            {
                return [base, below].join("/").trim_end_matches('/').to_owned();
            }
            let spiffe = actors.get(at).and_then(|id| id.split_once("/agent/"));
            spiffe.map_or_else(|| hop.agent.clone(), |(_, name)| name.to_owned())
        };
        claims.chain.iter().enumerate().map(name).collect()
    }
}

#[cfg(test)]
#[path = "said_tests.rs"]
mod tests;
