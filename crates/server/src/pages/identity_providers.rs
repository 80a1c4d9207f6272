//! `GET /t/{tenant}/identity-providers`: who vouches for people; and one of them.

use askama::Template;

use super::chrome::Chrome;
use super::row::{Choice, choices};
use super::trial::Trial;
use super::when::When;

/// A provider in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderRow {
    /// Its id.
    pub id: String,
    /// Its issuer.
    pub issuer: String,
    /// Whose product it is.
    pub product: &'static str,
    /// What it is used for, in words.
    pub uses: String,
    /// Audiences of tokens that agents may exchange.
    pub audiences: Vec<String>,
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "identity_providers.html")]
pub struct IdentityProvidersPage {
    /// The frame.
    pub chrome: Chrome,
    /// The providers, in the order in which they were made.
    pub providers: Vec<ProviderRow>,
}

/// A rule that gives a role by a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRow {
    /// The rule as the form that removes it sends it.
    pub rule: String,
    /// The claim.
    pub claim: String,
    /// `equals`, `contains` or `begins with`.
    pub test: &'static str,
    /// What it is compared with.
    pub value: String,
    /// The role's name.
    pub role: String,
}

/// What was typed for a new rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRule {
    /// The claim.
    pub claim: String,
    /// How it is compared.
    pub test: String,
    /// With what.
    pub value: String,
    /// The role's name.
    pub role: String,
}

/// One provider.
#[derive(Debug, Template)]
#[template(path = "identity_provider.html")]
pub struct IdentityProviderPage {
    /// The frame.
    pub chrome: Chrome,
    /// Its id.
    pub id: String,
    /// Its issuer.
    pub issuer: String,
    /// Whose product it is.
    pub product: &'static str,
    /// The client id; may be empty.
    pub client_id: String,
    /// Whether a client secret is kept.
    pub has_secret: bool,
    /// Audiences of tokens that agents may exchange.
    pub audiences: Vec<String>,
    /// The claim that tells people apart.
    pub claim: String,
    /// The attribute of a user that it equals.
    pub attribute: &'static str,
    /// Domains whose addresses count.
    pub email_domains: Vec<String>,
    /// Google's hosted domain; may be empty.
    pub hosted_domain: String,
    /// Whether people sign in to the dashboard with it.
    pub dashboard: bool,
    /// The redirect URI to register there.
    pub redirect_uri: String,
    /// The back-channel logout URI to register there.
    pub logout_uri: String,
    /// When it was registered.
    pub created: When,
    /// When it was last changed.
    pub updated: When,
    /// Roles by claims.
    pub rules: Vec<RuleRow>,
    /// What was typed for a new rule.
    pub rule: NewRule,
    /// The roles that there are, by name, as many as a list bears.
    pub roles: Vec<String>,
    /// What came of trying it.
    pub trial: Option<Trial>,
    /// What was wrong with the new rule.
    pub problem: Option<String>,
}

impl IdentityProviderPage {
    fn tests(&self) -> Vec<Choice> {
        let known = ["contains", "equals", "matches-prefix"];
        tests(if known.contains(&self.rule.test.as_str()) { &self.rule.test } else { "contains" })
    }
}

/// How a claim is compared, as the form sends it.
#[must_use]
pub fn tests(chosen: &str) -> Vec<Choice> {
    let of = [
        ("contains", "is a list with", ""),
        ("equals", "is exactly", ""),
        ("matches-prefix", "begins with, or is a list with a text that does", ""),
    ];
    choices(&of, chosen)
}

/// What people call a product.
#[must_use]
pub fn product(preset: &str) -> &'static str {
    match preset {
        "okta" => "Okta",
        "entra" => "Microsoft Entra ID",
        "google" => "Google Workspace",
        _ => "OpenID Connect",
    }
}
