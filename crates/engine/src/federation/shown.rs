//! Identity providers as the management API shows them: never with a secret, roles by name.

use std::collections::BTreeSet;

use deputy_store::{
    event::rfc3339,
    model::{AttributeMapping, ClaimMapping, IdentityProvider, SubjectRule},
};
use serde::Serialize;

use crate::view::{TenantState, TenantView};

/// An identity provider.
#[derive(Debug, Clone, Serialize)]
pub struct ShownIdentityProvider {
    /// Opaque id.
    pub id: String,
    /// The members of its entry.
    #[serde(flatten)]
    pub body: ProviderBody,
    /// Whether a client secret is kept.
    pub has_client_secret: bool,
    /// What to register there as the redirect URI.
    pub redirect_uri: String,
    /// What to register there as the back-channel logout URI.
    pub backchannel_logout_uri: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

/// The members of a provider's entry, as it is written and merged over.
#[derive(Debug, Clone, Serialize)]
pub struct ProviderBody {
    /// Its issuer.
    pub issuer: String,
    /// Whose product it is.
    pub preset: String,
    /// The tenant's client id there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Audiences of tokens that agents may exchange.
    pub audiences: BTreeSet<String>,
    /// How a person is found.
    pub subject: SubjectRule,
    /// Domains whose addresses count.
    pub email_domains: BTreeSet<String>,
    /// Google's hosted domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosted_domain: Option<String>,
    /// Roles by claims, by name.
    pub claim_mappings: Vec<ClaimMapping>,
    /// Attributes by claims.
    pub attribute_mappings: Vec<AttributeMapping>,
    /// Whether people sign in to the dashboard with it.
    pub dashboard: bool,
}

impl ProviderBody {
    /// `name` gives a role's name by its id.
    pub(super) fn of(provider: &IdentityProvider, name: impl Fn(&str) -> Option<String>) -> Self {
        let named = |mapping: &ClaimMapping| ClaimMapping {
            role: name(&mapping.role).unwrap_or_else(|| mapping.role.clone()),
            ..mapping.clone()
        };
        Self {
            issuer: provider.issuer.clone(),
            preset: provider.preset.clone(),
            client_id: provider.client_id.clone(),
            audiences: provider.audiences.clone(),
            subject: provider.subject.clone(),
            email_domains: provider.email_domains.clone(),
            hosted_domain: provider.hosted_domain.clone(),
            claim_mappings: provider.claim_mappings.iter().map(named).collect(),
            attribute_mappings: provider.attribute_mappings.clone(),
            dashboard: provider.dashboard,
        }
    }
}

impl ShownIdentityProvider {
    pub(super) fn of(view: &TenantView, state: &TenantState, provider: &IdentityProvider) -> Self {
        Self {
            id: provider.id.clone(),
            body: ProviderBody::of(provider, |role| state.roles.get(role).map(|role| role.name.clone())),
            has_client_secret: provider.sealed_secret.is_some(),
            redirect_uri: redirect_uri(view),
            backchannel_logout_uri: format!("{}/sign-in/logout", view.issuer),
            created_at: rfc3339(provider.created_at),
            updated_at: rfc3339(provider.updated_at),
        }
    }
}

/// Where browsers come back to: one address a tenant, whatever the provider.
pub(super) fn redirect_uri(view: &TenantView) -> String {
    format!("{}/sign-in/callback", view.issuer)
}
