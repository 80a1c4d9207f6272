//! A presented capability: its tag under the key of its audience, and whether its first block was issued here.
//!
//! Whoever verifies for an audience holds that audience's key and could seal a first block of their own. So the
//! event that issues a capability keeps a digest of its first block, and here only that very block counts
//! (mandates §8). Invariant: what is accepted is below a grant that this tenant's log holds.

use deputy_mandate::ReasonCode;
use deputy_oauth::token::TokenType;
use deputy_token::{
    capability::{PREFIX, SignedCapability, UnverifiedCapability},
    secrets::Sha256Digest,
};
use serde::Deserialize;

use super::{
    Unsigned,
    cache::{Digest, fingerprint},
};
use crate::{Engine, view::TenantView};

/// The first block of a capability as it was sealed, by a digest of its one spelling.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FirstBlock(pub(super) Digest);

impl FirstBlock {
    /// The first block of a capability's text.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let (block, _) = text.strip_prefix(PREFIX)?.split_once('.')?;
        Some(Self(fingerprint(block)))
    }

    /// The digest as events hold it.
    pub(crate) fn to_text(self) -> String {
        Sha256Digest::from_bytes(self.0.0).to_text()
    }
}

/// What is read of the event that issued a credential.
#[derive(Deserialize)]
struct Event {
    detail: Detail,
}

#[derive(Deserialize)]
struct Detail {
    form: String,
    first_block: Option<String>,
}

impl Engine {
    /// A capability that this tenant sealed, or that was narrowed from one.
    pub(super) async fn signed_capability(
        &self,
        view: &TenantView,
        text: &str,
    ) -> Result<(Box<str>, SignedCapability), Unsigned> {
        const FORGED: Unsigned = Unsigned::Refused(ReasonCode::SignatureInvalid);
        let unverified = UnverifiedCapability::parse(text)?;
        let key = self.audience_key(view, unverified.kid(), unverified.audience());
        let key = key.map_err(Unsigned::Unknown)?.ok_or(FORGED)?;
        let signed = unverified.verify_signature(&key, &view.issuer)?;
        let first = FirstBlock::of(text).ok_or(FORGED)?;
        if !self.is_issued(view, signed.issued_id(), first).await? {
            return Err(FORGED);
        }
        Ok((key.kid().as_str().into(), signed))
    }

    /// Whether the tenant issued this very block as the credential of this id.
    async fn is_issued(&self, view: &TenantView, id: &str, first: FirstBlock) -> Result<bool, Unsigned> {
        if self.inner.issued_blocks.holds(first) {
            return Ok(true);
        }
        let found = self.inner.database.tenant(&view.id).issued(id).await;
        let Some(issued) = found.map_err(|error| Unsigned::Unknown(error.into()))? else { return Ok(false) };
        let Ok(Event { detail }) = serde_json::from_str(&issued.event) else {
            tracing::error!(%id, "an issued credential cannot be read");
            return Ok(false);
        };
        let same = detail.form == TokenType::Capability.form() && detail.first_block == Some(first.to_text());
        if same {
            self.inner.issued_blocks.keep(first);
        }
        Ok(same)
    }
}
