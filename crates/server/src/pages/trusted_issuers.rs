//! `GET /t/{tenant}/trusted-issuers`: who vouches for workloads; and one of them.

use askama::Template;

use super::chrome::Chrome;
use super::row::{Choice, choices};
use super::trial::Trial;
use super::when::When;

/// An issuer in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerRow {
    /// Its id.
    pub id: String,
    /// The issuer.
    pub issuer: String,
    /// What it is, for people; may be empty.
    pub description: String,
    /// Where its keys are; see [`keys_from`].
    pub keys: &'static str,
    /// Since when it is trusted.
    pub created: When,
}

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewIssuer {
    /// The issuer.
    pub issuer: String,
    /// What it is, for people.
    pub description: String,
    /// Where its keys are, as the form sends it.
    pub keys: String,
    /// The address of its keys.
    pub address: String,
    /// Its keys.
    pub document: String,
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "trusted_issuers.html")]
pub struct TrustedIssuersPage {
    /// The frame.
    pub chrome: Chrome,
    /// The issuers, in the order in which they were made.
    pub issuers: Vec<IssuerRow>,
    /// What a workload's token must have as its only audience.
    pub audience: String,
    /// What was typed for another.
    pub new: NewIssuer,
    /// What was wrong with it.
    pub problem: Option<String>,
}

impl TrustedIssuersPage {
    fn sources(&self) -> Vec<Choice> {
        let of = [
            (
                "discovery",
                "Discovery",
                "Its discovery document says where: GitHub, Kubernetes, cloud platforms.",
            ),
            ("jwks_uri", "A key set at an address", "For an issuer without a discovery document."),
            ("jwks", "A key set, pasted", "For an issuer that cannot be reached from here."),
            ("bundle_uri", "A SPIFFE bundle at an address", "For a trust domain, spiffe://…"),
            ("bundle", "A SPIFFE bundle, pasted", "For a trust domain that cannot be reached from here."),
        ];
        let known = of.iter().any(|(value, ..)| *value == self.new.keys);
        choices(&of, if known { &self.new.keys } else { "discovery" })
    }
}

/// One issuer.
#[derive(Debug, Template)]
#[template(path = "trusted_issuer.html")]
pub struct TrustedIssuerPage {
    /// The frame.
    pub chrome: Chrome,
    /// Its id.
    pub id: String,
    /// The issuer.
    pub issuer: String,
    /// What it is, for people; may be empty.
    pub description: String,
    /// Where its keys are; see [`keys_from`].
    pub keys: &'static str,
    /// The address of its keys; may be empty.
    pub address: String,
    /// The names of the keys that were pasted.
    pub kids: Vec<String>,
    /// What a workload's token must have as its only audience.
    pub audience: String,
    /// Since when it is trusted.
    pub created: When,
    /// When it was last changed.
    pub updated: When,
    /// What came of trying it.
    pub trial: Option<Trial>,
}

/// Where keys are, in words.
#[must_use]
pub fn keys_from(source: &str) -> &'static str {
    match source {
        "jwks_uri" => "key set at an address",
        "jwks" => "pasted key set",
        "bundle_uri" => "SPIFFE bundle at an address",
        "bundle" => "pasted SPIFFE bundle",
        _ => "discovery",
    }
}
