//! Principals that others vouch for: people of identity providers, workloads of trusted issuers.
//!
//! Invariant: nothing is believed beyond what the tenant's administrator configured. A person is who the configured
//! claim names, if exactly one active user has it; a workload is the agent whose credential names its issuer and
//! subject. What was wrong is told to the administrator who tries it (`probe`), never to whoever presents a token.

mod entitlements;
mod entry;
mod issuers;
mod keys;
mod logout;
mod mapping;
mod person;
mod probe;
mod profile;
mod providers;
mod shown;
mod sign_in;
mod subject;
mod svid;
#[cfg(test)]
mod svid_tests;
mod workload;

pub(crate) use entitlements::entitlements;
pub use issuers::ShownTrustedIssuer;
pub use probe::{PreviewedPerson, ProbeAnswer, ProbeStep};
pub use shown::ShownIdentityProvider;
pub use sign_in::{BegunSignIn, CameBack, DashboardProvider, NotSignedIn};
pub(crate) use subject::OnBehalf;
pub use svid::SpiffeBundle;
pub(crate) use svid::SvidKeys;
