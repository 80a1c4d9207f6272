//! Checks Deputy's credentials in a resource server written in Rust: access tokens, capabilities and attenuating
//! agent tokens, offline, with every reason when the answer is no.
//!
//! ```no_run
//! use deputy_verifier::{Presented, Request, Value, Verifier};
//!
//! # async fn example(authorization: &str, dpop: Option<&str>) -> Result<(), Box<dyn std::error::Error>> {
//! let verifier = Verifier::builder("https://deputy.example.com/t/acme")
//!     .audience("https://crm.example.com/")
//!     .key("dpy_…") // a key with the role `verifier`, for the revocation feed
//!     .start()
//!     .await?;
//!
//! let presented = Presented::from_headers(authorization, dpop, "POST", "https://crm.example.com/transfer")?;
//! let arguments = Value::parse(r#"{"amount": 120}"#)?;
//! let request = Request { tool: Some("transfer".into()), arguments, ..Request::default() };
//! match verifier.check(&presented, &request).await.allowed() {
//!     Ok(claims) => println!("{} may", claims.agent.name),
//!     Err(reasons) => println!("403 {}", serde_json::to_string(reasons)?),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What a decision rests on
//!
//! * the credential: its signature, its chain and its narrowing ([`Signed`]), its time, its audience;
//! * its proof: a bound credential without one is refused, and a proof counts once ([`ReplayMemory`]);
//! * revocations, followed in the background: knowledge older than `max_staleness` denies
//!   ([`Revocations`]), unless the verifier chose to look at expiry only;
//! * the mandate: [`deputy_mandate::allows`], the same model that the issuer uses.
//!
//! What only the issuer knows is not asked here: roles that were narrowed since, people who were switched off
//! (their agents' revocations come with the feed), and how often a metered credential was used. A metered one is
//! denied with `online_check_required`, unless the verifier was told to [ask](VerifierBuilder::online_meter).
//!
//! # Layers
//!
//! [`Policy`] decides and does nothing else: time, keys, revocations and the memory of proofs are handed in.
//! [`Verifier`] (feature `http`, on by default) keeps those: it discovers the issuer, follows its keys and its
//! revocation feed, and reports what was decided. Without the feature there is no I/O, clock or runtime in here.

mod credential;
mod feed;
#[cfg(feature = "http")]
mod http;
mod keys;
mod policy;
mod presented;
mod replay;
mod rfc3339;
#[cfg(test)]
mod tests;
mod use_line;
mod verdict;
mod view;

pub use credential::{CredentialError, Form, Signed, Unverified};
pub use deputy_mandate::{
    Binding, Decision, Fingerprint, Instant, Reason, ReasonCode, Request, Scope, Value,
};
pub use deputy_token::aat::POP_WINDOW;
pub use deputy_token::access::{AccessClaims, Hop};
pub use deputy_token::capability::AudienceKey;
pub use deputy_token::dpop::WINDOW as DPOP_WINDOW;
pub use deputy_token::freshness::{Once, Window};
pub use deputy_token::keys::Kid;
pub use deputy_token::revocation::{Halt, RevocationIndex, Target};
pub use feed::{Feed, FeedEntry, FeedError};
#[cfg(feature = "http")]
pub use http::{DiscoveryError, FetchError, StartError, Status, Verifier, VerifierBuilder};
pub use keys::KeySet;
pub use policy::{DEFAULT_EARLY_SECS, DEFAULT_MAX_STALENESS_MS, Known, Policy, Revocations};
pub use presented::{HeaderError, Presented, Proof};
pub use replay::{DEFAULT_CAPACITY, InProcess, Remembered, ReplayMemory};
pub use use_line::{MAX_BODY, MAX_LINES, Outcome, UseLine};
pub use verdict::Verdict;
pub use view::RevocationView;
