//! Attenuating agent tokens: a chain of JWTs, each narrower than the one before, made offline by its holders
//! (draft-niyikiza-oauth-attenuating-agent-tokens-02).
//!
//! Invariant: a [`SignedAat`] comes from a chain whose root the issuer signed and whose every other token was
//! signed by the holder of the one before, and in which the draft's invariants I1 to I5 hold; I6 is
//! [`verify_pop`]. The authority it states is the leaf's.
//!
//! The chain is written root first, joined by `~`. What Deputy adds to the draft:
//!
//! - The root carries the claims of an access token but `scope` ([`AccessClaims`](crate::access::AccessClaims)):
//!   `sub`, `aud`, `nbf`, `client_id`, `agent`, `chain`, `act`, `may_act`. Other members of a root are refused,
//!   because only Deputy makes them; other members of a derived token are ignored, as the draft demands.
//! - A derived token carries a `name`, one segment, and becomes a hop: its id is `par_hash`'s digest of itself,
//!   its agent and SPIFFE ID are the parent's plus `/name`, the rest is the last issued hop's.
//! - Holders' keys are Ed25519, and a token is bound to another key than its parent.
//! - The authority model has no optional arguments and no `*` entry: both are refused, as are an entry's
//!   members beside `type` and `tools`, and `path_containment` is the one constraint beyond the core set.
//! - A header that brings a key is refused instead of ignored.
//!
//! An `nbf` in a derived token is honoured, and the audience in force is what every `aud` of the chain has.

mod claims;
mod compile;
mod derive;
mod effective;
mod link;
mod pop;
mod root;
mod seal;
mod token;
mod verify;

pub use compile::{NotCompiled, compile_tools};
pub use derive::{Derivation, DeriveError, derive};
pub use link::LinkError;
pub use pop::{Invocation, Pop, PopError, PopSealError, VerifiedPop, seal_pop, verify_pop};
pub use seal::{AatSealError, seal_root};
pub use token::TokenError;
pub use verify::{AatError, SignedAat, UnverifiedAat, UnverifiedToken, VerifiedAat};

use crate::freshness::Window;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use sha2::{Digest as _, Sha256};

/// The `typ` of every token of a chain.
pub const TYP: &str = "aat+jwt";
/// The `typ` of a proof of possession.
pub const POP_TYP: &str = "aat-pop+jwt";
/// How old a proof may be, and how far ahead its maker's clock: what the draft recommends.
pub const POP_WINDOW: Window = Window { past_secs: 30, ahead_secs: 30 };
/// The `type` of the entry in `authorization_details`.
pub const DETAILS_TYPE: &str = "attenuating_agent_token";
/// What joins the tokens of a chain.
pub const SEPARATOR: char = '~';
/// Longest chain that is read or made, in bytes.
pub const MAX_CHAIN_LEN: usize = 64 * 1024;
/// How far in the future a token may have been issued, by the verifier's clock.
pub const MAX_IAT_SKEW_SECS: i64 = 30;
/// Longest `jti`, in bytes.
pub const MAX_JTI_LEN: usize = 256;
/// What the draft makes of a thumbprint for `iss` (RFC 9278).
const THUMBPRINT_URI: &str = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";

/// The digest that names a token: `par_hash`, `aat_hash`, and the id of a derived hop.
fn digest(signing_input: &str) -> String {
    B64.encode(Sha256::digest(signing_input))
}
