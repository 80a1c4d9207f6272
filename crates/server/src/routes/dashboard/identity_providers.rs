//! `/t/{tenant}/identity-providers`: the providers, one of them, its rules, and trying it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use deputy_engine::model::{ClaimMapping, PersonAttribute};
use deputy_engine::{Paging, ShownIdentityProvider};
use deputy_mandate::Value;

use super::done::{Done, DoneQuery};
use super::provider_entry::{body_of, said};
use super::signed::{Signed, Submitted};
use super::trial;
use crate::dialect::Page;
use crate::http::query::Query;
use crate::pages::chrome::Section;
use crate::pages::identity_providers::{
    IdentityProviderPage, IdentityProvidersPage, NewRule, ProviderRow, RuleRow, product,
};
use crate::pages::when::When;
use crate::pages::{respond, respond_with, see_other};
use crate::refusal::Refusal;

/// Providers on the page, and roles that a form proposes.
const MOST: u32 = 200;

/// The list.
///
/// # Errors
/// `Unavailable` when the database is.
pub async fn list(signed: Signed, query: Query<DoneQuery, Page>) -> Result<HttpResponse, Page> {
    let paging = Paging { limit: Some(MOST), cursor: None };
    let found = signed.engine.identity_providers(&signed.view, &signed.caller, &paging)?;
    respond(&IdentityProvidersPage {
        chrome: signed.chrome(Section::IdentityProviders, query.0.done).await?,
        providers: found.items.into_iter().map(row).collect(),
    })
}

/// One provider.
///
/// # Errors
/// `NotFound`; `Unavailable` when the database is.
pub async fn show(
    signed: Signed,
    path: Path<(String, String)>,
    query: Query<DoneQuery, Page>,
) -> Result<HttpResponse, Page> {
    respond(&page(&signed, &path.1, query.0.done).await?)
}

/// Takes it away.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`.
pub async fn delete(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let signed = &submitted.signed;
    signed.engine.delete_identity_provider(&signed.view, &signed.caller, &path.1).await?;
    Ok(see_other(&signed.at("identity-providers?done=provider_deleted")))
}

/// Tries it, with a pasted token or without.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`.
pub async fn test(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let (signed, asked) = (&submitted.signed, trial::asked(&submitted.form));
    let answer = signed.engine.test_identity_provider(&signed.view, &signed.caller, &path.1, &asked).await?;
    let page = page(signed, &path.1, None).await?;
    respond(&IdentityProviderPage { trial: Some(trial::shown(answer)), ..page })
}

/// Adds a rule that gives a role by a claim.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`.
pub async fn add_rule(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let (signed, form) = (&submitted.signed, &submitted.form);
    let text = |name: &str| form.find(name).unwrap_or_default().to_owned();
    let rule = NewRule { claim: text("claim"), test: text("test"), value: text("value"), role: text("role") };
    let changed = change_rules(signed, &path.1, |rules| rules.push(mapping(&rule)));
    match changed.await {
        Ok(id) => Ok(see_other(&signed.at(&format!("identity-providers/{id}?done=rule_added#rules")))),
        Err(refusal) => {
            let problem = Some(said(refusal)?);
            let page = page(signed, &path.1, None).await?;
            respond_with(StatusCode::BAD_REQUEST, &IdentityProviderPage { rule, problem, ..page })
        }
    }
}

/// Removes a rule.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`, also for a rule that is not there any more.
pub async fn remove_rule(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let (signed, form) = (&submitted.signed, &submitted.form);
    let wanted = form.require("rule")?;
    let mut found = false;
    let changed = change_rules(signed, &path.1, |rules| {
        if let Some(at) = rules.iter().position(|rule| as_text(rule) == wanted) {
            rules.remove(at);
            found = true;
        }
    });
    let id = changed.await?;
    if !found {
        return Err(Refusal::NotFound.into());
    }
    Ok(see_other(&signed.at(&format!("identity-providers/{id}?done=rule_removed#rules"))))
}

/// Says the provider's id.
async fn change_rules(
    signed: &Signed,
    id: &str,
    change: impl FnOnce(&mut Vec<ClaimMapping>),
) -> Result<String, Refusal> {
    signed.caller.require_admin()?;
    let mut rules = signed.engine.identity_provider(&signed.view, &signed.caller, id)?.body.claim_mappings;
    change(&mut rules);
    let body = body_of(&serde_json::json!({"claim_mappings": rules}))?;
    let changed = signed.engine.change_identity_provider(&signed.view, &signed.caller, id, body, false);
    Ok(changed.await?.id)
}

fn mapping(rule: &NewRule) -> ClaimMapping {
    let value = || Some(Value::from(rule.value.as_str()));
    ClaimMapping {
        claim: rule.claim.clone(),
        equals: if rule.test == "equals" { value() } else { None },
        contains: if rule.test == "contains" { value() } else { None },
        matches_prefix: (rule.test == "matches-prefix").then(|| rule.value.clone()),
        role: rule.role.clone(),
    }
}

fn as_text(rule: &ClaimMapping) -> String {
    serde_json::to_string(rule).unwrap_or_default()
}

fn row(provider: ShownIdentityProvider) -> ProviderRow {
    let uses = [
        (!provider.body.audiences.is_empty(), "agents act for people"),
        (provider.body.dashboard, "sign-in here"),
    ];
    let uses: Vec<&str> = uses.into_iter().filter(|(is_used, _)| *is_used).map(|(_, words)| words).collect();
    ProviderRow {
        id: provider.id,
        issuer: provider.body.issuer,
        product: product(&provider.body.preset),
        uses: uses.join(", "),
        audiences: provider.body.audiences.into_iter().collect(),
    }
}

async fn page(signed: &Signed, id: &str, done: Option<Done>) -> Result<IdentityProviderPage, Refusal> {
    let (engine, view, caller, now) = (&signed.engine, &signed.view, &signed.caller, signed.now());
    let provider = engine.identity_provider(view, caller, id)?;
    let roles = engine.roles(view, caller, &Paging { limit: Some(MOST), cursor: None })?;
    let body = provider.body;
    Ok(IdentityProviderPage {
        chrome: signed.chrome(Section::IdentityProviders, done).await?,
        product: product(&body.preset),
        client_id: body.client_id.unwrap_or_default(),
        has_secret: provider.has_client_secret,
        audiences: body.audiences.into_iter().collect(),
        claim: body.subject.claim,
        attribute: match body.subject.attribute {
            PersonAttribute::UserName => "userName",
            PersonAttribute::ExternalId => "externalId",
            PersonAttribute::Email => "work address",
        },
        email_domains: body.email_domains.into_iter().collect(),
        hosted_domain: body.hosted_domain.unwrap_or_default(),
        dashboard: body.dashboard,
        redirect_uri: provider.redirect_uri,
        logout_uri: provider.backchannel_logout_uri,
        created: When::read(&provider.created_at, now),
        updated: When::read(&provider.updated_at, now),
        rules: body.claim_mappings.iter().map(rule).collect(),
        rule: NewRule::default(),
        roles: roles.items.into_iter().map(|role| role.name().to_owned()).collect(),
        trial: None,
        problem: None,
        issuer: body.issuer,
        id: provider.id,
    })
}

fn rule(mapping: &ClaimMapping) -> RuleRow {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_canonical(), str::to_owned);
    let (test, value) = match (&mapping.equals, &mapping.contains, &mapping.matches_prefix) {
        (Some(value), ..) => ("is exactly", plain(value)),
        (None, Some(value), _) => ("is a list with", plain(value)),
        (None, None, prefix) => ("begins with", prefix.clone().unwrap_or_default()),
    };
    let (claim, role) = (mapping.claim.clone(), mapping.role.clone());
    RuleRow { rule: as_text(mapping), claim, test, value, role }
}
