//! A chain, first as text that anybody may have written, then as claims that the issuer and the holders signed.

use deputy_mandate::{Instant, MAX_DEPTH, ReasonCode, Value};

use super::link::{self, LinkError};
use super::token::{Position, Token, TokenError};
use super::{MAX_CHAIN_LEN, MAX_IAT_SKEW_SECS, SEPARATOR, TYP, digest, effective, root};
use crate::access::{AccessClaims, ChainError, Hop};
use crate::jws::{JwsError, UnverifiedJws};
use crate::keys::{Jwk, PublicKey};

/// Most tokens in a chain: the root and one for each hop.
const MAX_TOKENS: usize = MAX_DEPTH as usize + 1;

/// Why a chain is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AatError {
    /// Longer than [`MAX_CHAIN_LEN`].
    #[error("the chain is longer than 64 KiB")]
    TooLong,
    /// More tokens than a chain may have hops.
    #[error("the chain is deeper than {MAX_DEPTH}")]
    TooDeep,
    /// A token is no compact JWS, its header is refused, or its signature is not valid.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// The root names no key, or one that the issuer does not have.
    #[error("the root is signed with an unknown key")]
    UnknownKey,
    /// The root is of another issuer.
    #[error("the root is from another issuer")]
    Issuer,
    /// The claims of a token are refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The root's own chain does not agree with its claims.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A derived token breaks an invariant.
    #[error("the token at depth {depth}: {broken}")]
    Link {
        /// Where it stands; the first derived token is 1.
        depth: usize,
        /// Which invariant.
        broken: LinkError,
    },
    /// One token stands twice in the chain.
    #[error("two tokens of the chain have one id")]
    Repeated,
    /// No audience is in every `aud` of the chain.
    #[error("no audience is common to the whole chain")]
    Audience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` has not come, or `iat` lies too far in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
}

impl AatError {
    /// The reason that a decision gives for it.
    pub const fn reason(self) -> ReasonCode {
        match self {
            // A token that names another maker or another parent is not one that this chain's keys signed.
            Self::Jws(JwsError::Signature)
            | Self::UnknownKey
            | Self::Issuer
            | Self::Link { broken: LinkError::Issuer | LinkError::Parent, .. } => {
                ReasonCode::SignatureInvalid
            }
            Self::TooDeep
            | Self::Chain(ChainError::Depth { .. })
            | Self::Link { broken: LinkError::TooDeep, .. } => ReasonCode::DepthExceeded,
            Self::Link { broken: LinkError::Ceiling | LinkError::Expiry | LinkError::Tools, .. } => {
                ReasonCode::NotAttenuated
            }
            Self::Token(TokenError::UnknownConstraint) => ReasonCode::UnknownConstraint,
            Self::Audience => ReasonCode::AudienceMismatch,
            Self::Expired => ReasonCode::Expired,
            Self::NotYetValid => ReasonCode::NotYetValid,
            Self::TooLong
            | Self::Jws(_)
            | Self::Token(_)
            | Self::Chain(_)
            | Self::Link { .. }
            | Self::Repeated => ReasonCode::Malformed,
        }
    }
}

/// A text that may be a chain.
#[derive(Debug, Clone)]
pub struct UnverifiedAat<'a> {
    root: UnverifiedJws<'a>,
    derived: Vec<UnverifiedJws<'a>>,
}

impl<'a> UnverifiedAat<'a> {
    /// Takes the text apart.
    ///
    /// # Errors
    /// [`AatError::TooLong`], [`AatError::TooDeep`], [`AatError::Jws`].
    pub fn parse(chain: &'a str) -> Result<Self, AatError> {
        if chain.len() > MAX_CHAIN_LEN {
            return Err(AatError::TooLong);
        }
        if chain.split(SEPARATOR).count() > MAX_TOKENS {
            return Err(AatError::TooDeep);
        }
        let mut tokens = chain.split(SEPARATOR);
        let root = UnverifiedJws::parse(tokens.next().unwrap_or_default())?;
        Ok(Self { root, derived: tokens.map(UnverifiedJws::parse).collect::<Result<_, _>>()? })
    }

    /// The key that the root claims to be signed with.
    pub fn kid(&self) -> Option<&str> {
        self.root.kid()
    }

    /// What the tokens say, root first, for a person to look at; nothing in it is to be trusted.
    pub fn tokens(&self) -> impl Iterator<Item = UnverifiedToken<'_>> {
        std::iter::once(&self.root).chain(&self.derived).map(|jws| UnverifiedToken { jws })
    }

    /// Verifies every signature, the draft's invariants I1 to I5, and that the root is the issuer's; the time
    /// is not looked at, so that a decision can give every reason at once.
    ///
    /// # Errors
    /// Every [`AatError`] but `Expired` and `NotYetValid`.
    pub fn verify_signature<'k>(
        self,
        find_key: impl FnOnce(&str) -> Option<&'k PublicKey>,
        issuer: &str,
    ) -> Result<SignedAat, AatError> {
        let key = self.kid().and_then(find_key).ok_or(AatError::UnknownKey)?;
        let signing_input = self.root.signing_input();
        let verified = self.root.verify(key, TYP)?;
        let (mut last, own) = Token::read(verified.payload(), signing_input, Position::RootOrLeaf)?;
        if last.iss != issuer {
            return Err(AatError::Issuer);
        }
        let claims = root::read(&last, own)?;
        let issued = claims.chain.len();

        let count = self.derived.len();
        let mut derived: Vec<Token> = Vec::with_capacity(count);
        for (i, jws) in self.derived.into_iter().enumerate() {
            let parent = derived.last().unwrap_or(&last);
            let signing_input = jws.signing_input();
            let verified = jws.verify(parent.holder.key(), TYP)?;
            let position = if i + 1 == count { Position::RootOrLeaf } else { Position::Between };
            let (token, others) = Token::read(verified.payload(), signing_input, position)?;
            if !others.are_strict() {
                return Err(TokenError::Claims.into());
            }
            link::check(parent, &token).map_err(|broken| AatError::Link { depth: i + 1, broken })?;
            if last.jti == token.jti || derived.iter().any(|each| each.jti == token.jti) {
                return Err(AatError::Repeated);
            }
            derived.push(token);
        }
        let mut claims = effective::extend(claims, &derived)?;
        if let Some(leaf) = derived.pop() {
            last = leaf;
        }
        claims.mandate.tools = last.tools;
        claims.mandate = claims.mandate.normalized();
        let claims = Box::new(claims);
        Ok(SignedAat { claims, issued, leaf: Leaf { jti: last.jti, hash: last.hash, holder: last.holder } })
    }
}

/// One token as its maker wrote it.
#[derive(Debug, Clone, Copy)]
pub struct UnverifiedToken<'a> {
    jws: &'a UnverifiedJws<'a>,
}

impl UnverifiedToken<'_> {
    /// The key identifier that its header claims.
    pub fn kid(&self) -> Option<&str> {
        self.jws.kid()
    }

    /// The algorithm that its header claims.
    pub fn alg(&self) -> &'static str {
        self.jws.alg().as_str()
    }

    /// The `typ` that its header claims.
    pub fn typ(&self) -> Option<&str> {
        self.jws.typ()
    }

    /// Its claims, where they are JSON that can be read strictly.
    pub fn claims(&self) -> Option<Value> {
        Value::parse(std::str::from_utf8(self.jws.unverified_payload()).ok()?).ok()
    }

    /// The digest that names it: its child's `par_hash`, and its hop's id when it is a derived token.
    pub fn digest(&self) -> String {
        digest(self.jws.signing_input())
    }
}

/// What a proof of possession is bound to.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub(super) jti: String,
    pub(super) hash: String,
    pub(super) holder: Jwk,
}

/// A chain that the issuer and the holders signed; it may have expired.
#[derive(Debug, Clone)]
pub struct SignedAat {
    claims: Box<AccessClaims>,
    issued: usize,
    leaf: Leaf,
}

impl SignedAat {
    /// What the chain says in the terms of an access token: the leaf's authority, one hop per token.
    pub fn claims(&self) -> &AccessClaims {
        &self.claims
    }

    /// Gives the claims away.
    pub fn into_claims(self) -> AccessClaims {
        *self.claims
    }

    /// The key that the leaf is bound to.
    pub fn holder(&self) -> &Jwk {
        &self.leaf.holder
    }

    /// The hops that the issuer knows of; those after them were made offline.
    pub fn issued_hops(&self) -> &[Hop] {
        self.claims.chain.get(..self.issued).unwrap_or_default()
    }

    pub(super) fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// Verifies that the chain is valid at `now`: not before `nbf` and not issued in the future, and before
    /// `exp`, give or take the leeway. No token outlives the one before it, so the leaf speaks for all.
    ///
    /// # Errors
    /// [`AatError::Expired`], [`AatError::NotYetValid`].
    pub fn verify_time(self, now: Instant, leeway_secs: i64) -> Result<VerifiedAat, AatError> {
        let mandate = &self.claims.mandate;
        if now >= mandate.expires_at.plus_secs(leeway_secs) {
            return Err(AatError::Expired);
        }
        if now.plus_secs(leeway_secs) < mandate.not_before
            || now.plus_secs(MAX_IAT_SKEW_SECS) < self.claims.iat
        {
            return Err(AatError::NotYetValid);
        }
        Ok(VerifiedAat { signed: self })
    }
}

/// A chain that the issuer and the holders signed, and that is valid now. Its holder has proved nothing yet.
#[derive(Debug, Clone)]
pub struct VerifiedAat {
    signed: SignedAat,
}

impl VerifiedAat {
    /// What the chain says.
    pub fn claims(&self) -> &AccessClaims {
        self.signed.claims()
    }

    /// The chain, for the proof of possession.
    pub fn signed(&self) -> &SignedAat {
        &self.signed
    }

    /// Gives the claims away.
    pub fn into_claims(self) -> AccessClaims {
        self.signed.into_claims()
    }
}
