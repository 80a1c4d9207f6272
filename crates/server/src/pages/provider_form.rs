//! `GET /t/{tenant}/identity-providers/new`, `…/{id}/edit`: the entry of an identity provider.
//!
//! Invariant: a client secret is never among what the form shows.

use askama::Template;

use super::chrome::Chrome;
use super::row::{Choice, choices};

/// What was typed, or what is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entered {
    /// The issuer.
    pub issuer: String,
    /// The product; empty: the one that the issuer belongs to.
    pub preset: String,
    /// The client id.
    pub client_id: String,
    /// Audiences, one a line.
    pub audiences: String,
    /// The claim that tells people apart; empty: the product's.
    pub claim: String,
    /// The attribute that it equals; empty: the product's.
    pub attribute: String,
    /// Domains whose addresses count, one a line.
    pub email_domains: String,
    /// Google's hosted domain.
    pub hosted_domain: String,
    /// Whether people sign in to the dashboard with it.
    pub dashboard: bool,
}

/// The form.
#[derive(Debug, Template)]
#[template(path = "provider_form.html")]
pub struct ProviderFormPage {
    /// The frame.
    pub chrome: Chrome,
    /// The provider that is changed; none: a new one.
    pub id: Option<String>,
    /// What the fields hold.
    pub entered: Entered,
    /// Whether a client secret is kept.
    pub has_secret: bool,
    /// The redirect URI to register there.
    pub redirect_uri: String,
    /// The back-channel logout URI to register there.
    pub logout_uri: String,
    /// What was wrong.
    pub problem: Option<String>,
}

impl ProviderFormPage {
    fn products(&self) -> Vec<Choice> {
        let of = [
            ("", "By its issuer", ""),
            ("okta", "Okta", ""),
            ("entra", "Microsoft Entra ID", ""),
            ("google", "Google Workspace", ""),
            ("generic", "Another OpenID provider", ""),
        ];
        choices(&of, &self.entered.preset)
    }

    fn attributes(&self) -> Vec<Choice> {
        let of = [
            ("", "As usual for the product", ""),
            ("externalId", "externalId", ""),
            ("userName", "userName", ""),
            ("email", "the work address", ""),
        ];
        choices(&of, &self.entered.attribute)
    }
}
