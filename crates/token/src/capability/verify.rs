//! From a text to claims: unverified, sealed by the key, valid now are three types.

use deputy_mandate::Instant;
use sha2::{Digest as _, Sha256};

use super::frames::Frames;
use super::hop::Reached;
use super::root::Root;
use super::{AudienceKey, CapabilityError};
use crate::access::{AccessClaims, ChainError, Hop, check_time};
use crate::base64url;
use crate::keys::Kid;

/// A well-formed capability whose tag has not been checked.
#[derive(Debug, Clone)]
pub struct UnverifiedCapability {
    frames: Frames,
    kid: Kid,
    issued_hops: usize,
    /// The hops made offline lack their ids: nothing is hashed for a text that nobody vouches for.
    claims: Box<AccessClaims>,
    /// Which hops state how often they may be exercised, root first.
    uses: Vec<(usize, u64)>,
    /// Why the chain leads nowhere, though each block is well-formed; told only after the tag.
    refused: Option<CapabilityError>,
}

impl UnverifiedCapability {
    /// Takes the text apart: every block must be the canonical text of what belongs there.
    ///
    /// # Errors
    /// [`CapabilityError::TooLong`], [`CapabilityError::Text`], [`CapabilityError::Block`]; `Chain` for more
    /// blocks than any chain has hops.
    pub fn parse(text: &str) -> Result<Self, CapabilityError> {
        let frames = Frames::parse(text)?;
        let (Root { kid, claims }, outline) = Root::read_outline(frames.root()?)?;
        let issued_hops = claims.chain.len();
        let reached = Reached::follow(&frames, (claims, outline))?;
        let Reached { mut claims, outline, uses, refused } = reached;
        outline.restore(&mut claims.mandate);
        Ok(Self { frames, kid, issued_hops, claims, uses, refused })
    }

    /// The key that it claims to be sealed with.
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// The audience that it claims to be for.
    pub fn audience(&self) -> &str {
        self.claims.mandate.audience.first().map_or("", String::as_str)
    }

    /// What it would grant if its tag were valid: good for showing, for nothing else.
    ///
    /// # Errors
    /// As [`UnverifiedCapability::verify_signature`], the key, the tag and the issuer apart.
    pub fn effective(&self) -> Result<AccessClaims, CapabilityError> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        let mut claims = self.claims.as_ref().clone();
        identify(&mut claims.chain, self.issued_hops, &self.frames);
        Ok(claims)
    }

    /// Verifies key, tag and `iss`, and that every block is below those before it; the time is not looked at, so
    /// that a decision can give every reason at once.
    ///
    /// # Errors
    /// Every [`CapabilityError`] but `Expired` and `NotYetValid`.
    pub fn verify_signature(
        self,
        key: &AudienceKey,
        issuer: &str,
    ) -> Result<SignedCapability, CapabilityError> {
        if self.kid() != key.kid() || self.audience() != key.audience() {
            return Err(CapabilityError::UnknownKey);
        }
        self.frames.verify(key.as_bytes())?;
        if self.claims.iss != issuer {
            return Err(CapabilityError::Issuer);
        }
        let Self { frames, issued_hops, mut claims, uses, refused, .. } = self;
        if let Some(error) = refused {
            return Err(error);
        }
        identify(&mut claims.chain, issued_hops, &frames);
        let meters = uses.into_iter().map(|(hop, uses)| Meter::of(&claims.chain, hop, uses));
        let meters = meters.collect::<Option<_>>().ok_or(ChainError::Empty)?;
        Ok(SignedCapability { frames, claims, issued_hops, meters })
    }
}

/// Gives the hops after the issued ones their ids: computed and never chosen, SHA-256 of the parent's id and the
/// block.
fn identify(chain: &mut [Hop], issued: usize, frames: &Frames) {
    let Some((above, offline)) = chain.split_at_mut_checked(issued) else { return };
    let mut parent = above.last().map_or("", |hop| hop.id.as_str());
    for (hop, block) in offline.iter_mut().zip(frames.blocks().skip(1).flatten()) {
        let digest = Sha256::new_with_prefix(parent).chain_update(block).finalize();
        hop.id = base64url::encode(digest);
        parent = &hop.id;
    }
}

/// How often one credential of a chain may be exercised, what is made from it included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// The hop's id.
    pub credential: String,
    /// How often.
    pub uses: u64,
}

impl Meter {
    fn of(chain: &[Hop], hop: usize, uses: u64) -> Option<Self> {
        chain.get(hop).map(|hop| Self { credential: hop.id.clone(), uses })
    }
}

/// Claims under a valid tag; the capability may have expired.
#[derive(Debug, Clone)]
pub struct SignedCapability {
    frames: Frames,
    claims: Box<AccessClaims>,
    issued_hops: usize,
    meters: Vec<Meter>,
}

impl SignedCapability {
    /// The claims at the end of the chain.
    pub fn claims(&self) -> &AccessClaims {
        &self.claims
    }

    /// Gives the claims away.
    pub fn into_claims(self) -> AccessClaims {
        *self.claims
    }

    /// How many hops of the chain the issuer made: those of the first block. The rest were made offline.
    pub fn issued_hops(&self) -> usize {
        self.issued_hops
    }

    /// The id of the credential that was issued: that of the last issued hop.
    pub fn issued_id(&self) -> &str {
        let last = self.issued_hops.checked_sub(1).and_then(|last| self.claims.chain.get(last));
        last.map_or("", |hop| hop.id.as_str())
    }

    /// The first block as it was sealed: what the issuer compares with what it issued.
    pub fn issued_block(&self) -> &str {
        self.frames.root().unwrap_or_default()
    }

    /// The claims that were issued, before anybody narrowed them; read again from the first block.
    ///
    /// # Errors
    /// None for a capability that was parsed; the block's own error is passed on.
    pub fn issued_claims(&self) -> Result<AccessClaims, CapabilityError> {
        Root::read(self.issued_block()).map(|root| *root.claims)
    }

    /// The meters of the chain, root first: of the first block, and of each later block that states `uses`.
    pub fn meters(&self) -> &[Meter] {
        &self.meters
    }

    /// Verifies that it is valid at `now`: not before `nbf`, and before `exp`, give or take the leeway.
    ///
    /// # Errors
    /// [`CapabilityError::Expired`], [`CapabilityError::NotYetValid`].
    pub fn verify_time(self, now: Instant, leeway_secs: i64) -> Result<VerifiedCapability, CapabilityError> {
        check_time(
            &self.claims.mandate,
            now,
            leeway_secs,
            CapabilityError::Expired,
            CapabilityError::NotYetValid,
        )?;
        Ok(VerifiedCapability { signed: self })
    }
}

/// Claims under a valid tag, and valid now.
#[derive(Debug, Clone)]
pub struct VerifiedCapability {
    signed: SignedCapability,
}

impl VerifiedCapability {
    /// The claims at the end of the chain.
    pub fn claims(&self) -> &AccessClaims {
        &self.signed.claims
    }

    /// The rest of what the chain says.
    pub fn signed(&self) -> &SignedCapability {
        &self.signed
    }

    /// Gives the claims away.
    pub fn into_claims(self) -> AccessClaims {
        *self.signed.claims
    }
}
