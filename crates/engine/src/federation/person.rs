//! From verified claims to a person: the one active user who has the configured claim.
//!
//! Invariant: an address counts only when the provider says that it is verified and its domain is listed; two
//! people with one value are nobody.

use deputy_federation::{claims, product};
use deputy_mandate::{Members, Value};
use deputy_store::{User, model::IdentityProvider};

use super::entry::is_by_address;
use crate::{Engine, Refusal, view::TenantView};

/// Why claims name nobody, for the administrator who tries it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PersonProblem {
    /// The claim is absent, or not text.
    #[error("the token has no claim `{0}` with a text")]
    Claim(String),
    /// Not of Google's hosted domain.
    #[error("the token's `hd` is not the configured hosted domain")]
    HostedDomain,
    /// The provider does not say that the address is verified.
    #[error("`email_verified` is not true, so the address does not count")]
    Unverified,
    /// The address is of another domain.
    #[error("the address is not of a domain in `email_domains`")]
    Domain,
    /// Nobody has it.
    #[error(
        "no user has `{value}` as {attribute:?}: is the person provisioned, and does the provisioning send this attribute?"
    )]
    Nobody {
        /// The attribute.
        attribute: deputy_store::model::PersonAttribute,
        /// What was looked for.
        value: String,
    },
    /// Several have it.
    #[error("more than one user has `{0}`")]
    Several(String),
    /// The user is deactivated.
    #[error("the user `{0}` is deactivated")]
    Inactive(String),
}

impl Engine {
    /// The person whom claims name; an inner error says why nobody.
    pub(super) async fn person_of(
        &self,
        view: &TenantView,
        provider: &IdentityProvider,
        claims: &Members,
    ) -> Result<Result<User, PersonProblem>, Refusal> {
        let value = match value_of(provider, claims) {
            Ok(value) => value,
            Err(problem) => return Ok(Err(problem)),
        };
        let attribute = provider.subject.attribute;
        let read = self.inner.database.tenant(&view.id);
        let mut found = read.users_with(attribute, value).await?;
        Ok(match (found.pop(), found.is_empty()) {
            (None, _) => Err(PersonProblem::Nobody { attribute, value: value.to_owned() }),
            (Some(_), false) => Err(PersonProblem::Several(value.to_owned())),
            (Some(user), true) if !user.active => Err(PersonProblem::Inactive(user.user_name)),
            (Some(user), true) => Ok(user),
        })
    }
}

fn value_of<'c>(provider: &IdentityProvider, claims: &'c Members) -> Result<&'c str, PersonProblem> {
    let rule = &provider.subject;
    if provider.hosted_domain.as_deref().is_some_and(|domain| !product::is_of_domain(claims, domain)) {
        return Err(PersonProblem::HostedDomain);
    }
    let value = claims::find(claims, &rule.claim).and_then(Value::as_str);
    let value = value.filter(|value| (1..=1024).contains(&value.len()) && !value.contains(char::is_control));
    let value = value.ok_or_else(|| PersonProblem::Claim(rule.claim.clone()))?;
    if is_by_address(rule) {
        if claims.get("email_verified") != Some(&Value::Bool(true)) {
            return Err(PersonProblem::Unverified);
        }
        let domain =
            value.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase()).unwrap_or_default();
        if !provider.email_domains.contains(&domain) && provider.hosted_domain.as_ref() != Some(&domain) {
            return Err(PersonProblem::Domain);
        }
    }
    Ok(value)
}

/// A provider by id or issuer.
pub(super) fn find_provider(view: &TenantView, id: &str) -> Option<std::sync::Arc<IdentityProvider>> {
    let state = view.read();
    let found = state.identity_providers.get(id);
    found.or_else(|| state.identity_providers.values().find(|one| one.id == id)).cloned()
}
