//! The entry of an identity provider: what an administrator writes, checked as a whole.
//!
//! Invariant: what is accepted can be trusted as it stands: an issuer for one organisation ([`product`]), an address
//! only with the domains it may have, rules that match somebody in particular.

use std::collections::BTreeSet;

use deputy_federation::product::{self, Product};
use deputy_mandate::{Instant, Value};
use deputy_store::{
    TenantRead,
    model::{AttributeMapping, ClaimMapping, IdentityProvider, PersonAttribute, Role, SubjectRule},
};

use super::{mapping::verify_mapping, profile};
use crate::{Refusal, entries};

pub(super) const MEMBERS: [&str; 11] = [
    "issuer",
    "preset",
    "client_id",
    "client_secret",
    "audiences",
    "subject",
    "email_domains",
    "hosted_domain",
    "claim_mappings",
    "attribute_mappings",
    "dashboard",
];

/// Most of anything that an entry lists.
const MOST: usize = 100;
/// Longest name of a claim, a client or an audience, in bytes.
const MAX_TEXT: usize = 1024;

/// Reads an entry; the secret is not among what it gives. Roles are still by name.
pub(super) fn read(
    body: &Value,
    id: &str,
    before: Option<&IdentityProvider>,
    now: Instant,
) -> Result<IdentityProvider, Refusal> {
    let missing = |name: &'static str, why: &'static str| Refusal::invalid(name, why);
    let issuer: String = text(body, "issuer")?
        .ok_or_else(|| missing("issuer", "is missing: what the provider's tokens say as `iss`"))?;
    let preset = match text(body, "preset")? {
        None => None,
        Some(name) => Some(Product::parse(&name).ok_or_else(|| {
            Refusal::invalid("preset", "is one of `okta`, `entra`, `google` and `generic`")
        })?),
    };
    let hosted_domain = text(body, "hosted_domain")?.map(|domain| domain.to_lowercase());
    let product = product::verify_issuer(&issuer, preset, hosted_domain.as_deref()).map_err(|problem| {
        let field = match problem {
            product::IssuerProblem::HostedDomain => "hosted_domain",
            product::IssuerProblem::Preset => "preset",
            product::IssuerProblem::Url | product::IssuerProblem::EntraDirectory => "issuer",
        };
        Refusal::invalid(field, problem.to_string())
    })?;
    let client_id = text(body, "client_id")?;
    let dashboard = entries::member(body, "dashboard")?.unwrap_or(false);
    if dashboard && client_id.is_none() {
        return Err(Refusal::invalid("client_id", "is needed for people to sign in"));
    }
    let provider = IdentityProvider {
        id: id.to_owned(),
        issuer,
        preset: product.as_str().to_owned(),
        client_id,
        sealed_secret: before.and_then(|before| before.sealed_secret.clone()),
        audiences: texts(body, "audiences")?,
        subject: subject(body, product)?,
        email_domains: domains(body)?,
        hosted_domain,
        claim_mappings: list::<ClaimMapping>(body, "claim_mappings")?,
        attribute_mappings: list::<AttributeMapping>(body, "attribute_mappings")?,
        dashboard,
        created_at: before.map_or(now, |before| before.created_at),
        updated_at: now,
    };
    for (place, mapping) in provider.claim_mappings.iter().enumerate() {
        verify_mapping(place, mapping)?;
    }
    for (place, mapping) in provider.attribute_mappings.iter().enumerate() {
        profile::verify_attribute(place, mapping)?;
    }
    let has_domain = !provider.email_domains.is_empty() || provider.hosted_domain.is_some();
    if is_by_address(&provider.subject) && !has_domain {
        return Err(Refusal::invalid(
            "email_domains",
            "is needed when people are found by their address: list the domains that the provider may speak for",
        ));
    }
    Ok(provider)
}

/// Whether a person is found by an address, which counts only when it is verified and of a listed domain.
pub(super) fn is_by_address(rule: &SubjectRule) -> bool {
    matches!(rule.claim.as_str(), "email" | "/email") || rule.attribute == PersonAttribute::Email
}

/// Roles of the rules by id, in place of the names that people write.
pub(super) async fn resolve_roles(
    read: &TenantRead<'_>,
    provider: &mut IdentityProvider,
) -> Result<(), Refusal> {
    let roles: Vec<Role> = if provider.claim_mappings.is_empty() { Vec::new() } else { read.every().await? };
    for (place, mapping) in provider.claim_mappings.iter_mut().enumerate() {
        let role = roles.iter().find(|role| role.name == mapping.role || role.id == mapping.role);
        let role = role.ok_or_else(|| {
            let field = format!("claim_mappings.{place}.role");
            Refusal::invalid(field, format!("the role `{}` is not known in this tenant", mapping.role))
        })?;
        mapping.role.clone_from(&role.id);
    }
    Ok(())
}

fn subject(body: &Value, product: Product) -> Result<SubjectRule, Refusal> {
    let rule: Option<SubjectRule> = entries::member(body, "subject")?;
    let (claim, attribute) = product.subject();
    let usual = SubjectRule {
        claim: claim.to_owned(),
        attribute: if attribute == "userName" {
            PersonAttribute::UserName
        } else {
            PersonAttribute::ExternalId
        },
    };
    match rule {
        Some(rule) if rule.claim.is_empty() || rule.claim.len() > MAX_TEXT => {
            Err(Refusal::invalid("subject.claim", "is a claim's name, or a JSON pointer to it"))
        }
        Some(rule) => Ok(rule),
        None => Ok(usual),
    }
}

fn domains(body: &Value) -> Result<BTreeSet<String>, Refusal> {
    let stated = texts(body, "email_domains")?;
    let is_domain = |name: &str| {
        name.contains('.') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
    };
    match stated.iter().find(|name| !is_domain(name)) {
        Some(bad) => {
            Err(Refusal::invalid("email_domains", format!("`{bad}` is not a domain such as acme.com")))
        }
        None => Ok(stated.iter().map(|name| name.to_ascii_lowercase()).collect()),
    }
}

fn text(body: &Value, name: &'static str) -> Result<Option<String>, Refusal> {
    let found: Option<String> = entries::member(body, name)?;
    match found {
        Some(text) if !is_plain(&text) => Err(malformed(name)),
        found => Ok(found),
    }
}

fn texts(body: &Value, name: &'static str) -> Result<BTreeSet<String>, Refusal> {
    let found: BTreeSet<String> = entries::member(body, name)?.unwrap_or_default();
    if found.len() > MOST || !found.iter().all(|text| is_plain(text)) {
        return Err(malformed(name));
    }
    Ok(found)
}

fn list<T: serde::de::DeserializeOwned>(body: &Value, name: &'static str) -> Result<Vec<T>, Refusal> {
    let found: Vec<T> = entries::member(body, name)?.unwrap_or_default();
    if found.len() > MOST {
        return Err(Refusal::invalid(name, format!("lists at most {MOST}")));
    }
    Ok(found)
}

fn is_plain(text: &str) -> bool {
    (1..=MAX_TEXT).contains(&text.len()) && !text.contains(char::is_control)
}

fn malformed(name: &'static str) -> Refusal {
    Refusal::invalid(name, format!("texts here have 1 to {MAX_TEXT} bytes and no control characters"))
}
