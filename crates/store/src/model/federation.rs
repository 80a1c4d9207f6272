//! Who signs elsewhere, and what is believed of it: identity providers for people, trusted issuers for workloads.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, Value};
use deputy_token::keys::Jwk;
use serde::{Deserialize, Serialize};

use crate::{Kind, Record};

/// How a person is found from a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectRule {
    /// The claim that tells people apart.
    pub claim: String,
    /// The attribute of a user that it equals.
    pub attribute: PersonAttribute,
}

/// The attributes by which a person is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PersonAttribute {
    /// `userName`, in any case.
    #[serde(rename = "userName")]
    UserName,
    /// `externalId`, exactly.
    #[serde(rename = "externalId")]
    ExternalId,
    /// The work address, in any case.
    #[serde(rename = "email", alias = "emails")]
    Email,
}

/// A role that a claim gives to people, as an entitlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClaimMapping {
    /// The claim's name, or a JSON pointer to it.
    pub claim: String,
    /// It is this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<Value>,
    /// It is an array with this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<Value>,
    /// It is text that begins like this, or an array with such a text.
    #[serde(default, alias = "matches_prefix", skip_serializing_if = "Option::is_none")]
    pub matches_prefix: Option<String>,
    /// The role: stored by id, shown by name.
    pub role: String,
}

/// A claim that tells an attribute of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeMapping {
    /// The claim's name, or a JSON pointer to it.
    pub claim: String,
    /// The attribute, by its SCIM path.
    pub attribute: String,
}

/// An OpenID provider for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityProvider {
    /// Opaque id.
    pub id: String,
    /// Its issuer, exactly as its tokens say it.
    pub issuer: String,
    /// Whose product it is: `okta`, `entra`, `google`, `generic`.
    pub preset: String,
    /// The tenant's client id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The sealed client secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_secret: Option<String>,
    /// Audiences of tokens that agents may exchange.
    #[serde(default)]
    pub audiences: BTreeSet<String>,
    /// How a person is found.
    pub subject: SubjectRule,
    /// Domains whose addresses count, in lower case.
    #[serde(default)]
    pub email_domains: BTreeSet<String>,
    /// Google's hosted domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted_domain: Option<String>,
    /// Roles by claims.
    #[serde(default)]
    pub claim_mappings: Vec<ClaimMapping>,
    /// Attributes by claims.
    #[serde(default)]
    pub attribute_mappings: Vec<AttributeMapping>,
    /// Whether people sign in to the dashboard with it.
    #[serde(default)]
    pub dashboard: bool,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Record for IdentityProvider {
    const KIND: Kind = Kind::IdentityProvider;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.issuer.clone()
    }

    fn links(&self) -> Vec<String> {
        let roles: BTreeSet<&String> = self.claim_mappings.iter().map(|mapping| &mapping.role).collect();
        roles.into_iter().map(|role| format!("role:{role}")).collect()
    }
}

/// Where the keys of a workload issuer are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssuerKeys {
    /// In the key set that its discovery document names.
    Discovery,
    /// At this address.
    JwksUri(String),
    /// Here.
    Jwks(Vec<Jwk>),
    /// In a SPIFFE bundle at this address.
    BundleUri(String),
    /// In a SPIFFE bundle that was given: its keys of use `jwt-svid`.
    Bundle(Vec<Jwk>),
}

/// An issuer of workloads' tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedIssuer {
    /// Opaque id.
    pub id: String,
    /// Its issuer, exactly as its tokens say it; `spiffe://{trust domain}` of JWT-SVIDs.
    pub issuer: String,
    /// Where its keys are.
    pub keys: IssuerKeys,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Record for TrustedIssuer {
    const KIND: Kind = Kind::TrustedIssuer;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.issuer.clone()
    }
}
