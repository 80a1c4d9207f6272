//! `/t/{tenant}/identity-providers/new`, `…/{id}/edit`: an identity provider is registered, and changed.
//!
//! Invariant: a client secret that was typed is in no answer, also not in one that says what was wrong.

use actix_web::HttpResponse;
use actix_web::web::Path;
use deputy_engine::ShownIdentityProvider;
use deputy_engine::model::PersonAttribute;
use deputy_mandate::Value;
use serde_json::json;

use super::signed::{Signed, Submitted};
use crate::dialect::Page;
use crate::http::form::Form;
use crate::pages::chrome::Section;
use crate::pages::provider_form::{Entered, ProviderFormPage};
use crate::pages::{respond, respond_with, see_other};
use crate::refusal::Refusal;

/// The form for a new one.
///
/// # Errors
/// `Forbidden` for a role that may not.
pub async fn new(signed: Signed) -> Result<HttpResponse, Page> {
    signed.caller.require_admin()?;
    respond(&page(&signed, None, Entered::default()).await?)
}

/// The form for one that is there.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`.
pub async fn edit(signed: Signed, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    signed.caller.require_admin()?;
    let provider = signed.engine.identity_provider(&signed.view, &signed.caller, &path.1)?;
    respond(&page(&signed, Some(&provider), stored(&provider)).await?)
}

/// Registers one.
///
/// # Errors
/// `Forbidden` for a role that may not.
pub async fn create(submitted: Submitted) -> Result<HttpResponse, Page> {
    let (signed, entered) = (&submitted.signed, entered(&submitted.form));
    signed.caller.require_admin()?;
    let made = async {
        let body = body(&entered, &submitted.form)?;
        signed.engine.create_identity_provider(&signed.view, &signed.caller, &body).await
    };
    match made.await {
        Ok(made) => Ok(see_other(&at(signed, &made.id, "provider_registered"))),
        Err(refusal) => again(signed, None, entered, refusal).await,
    }
}

/// Changes one.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`.
pub async fn change(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let signed = &submitted.signed;
    signed.caller.require_admin()?;
    let before = signed.engine.identity_provider(&signed.view, &signed.caller, &path.1)?;
    let entered = Entered { issuer: before.body.issuer.clone(), ..entered(&submitted.form) };
    let changed = async {
        let body = body(&entered, &submitted.form)?;
        signed.engine.change_identity_provider(&signed.view, &signed.caller, &before.id, body, false).await
    };
    match changed.await {
        Ok(changed) => Ok(see_other(&at(signed, &changed.id, "provider_changed"))),
        Err(refusal) => again(signed, Some(&before), entered, refusal).await,
    }
}

fn at(signed: &Signed, id: &str, done: &str) -> String {
    signed.at(&format!("identity-providers/{id}?done={done}"))
}

async fn again(
    signed: &Signed,
    before: Option<&ShownIdentityProvider>,
    entered: Entered,
    refusal: Refusal,
) -> Result<HttpResponse, Page> {
    let status = crate::dialect::status(&refusal);
    let problem = Some(said(refusal)?);
    respond_with(status, &ProviderFormPage { problem, ..page(signed, before, entered).await? })
}

async fn page(
    signed: &Signed,
    before: Option<&ShownIdentityProvider>,
    entered: Entered,
) -> Result<ProviderFormPage, Refusal> {
    Ok(ProviderFormPage {
        chrome: signed.chrome(Section::IdentityProviders, None).await?,
        id: before.map(|before| before.id.clone()),
        entered,
        has_secret: before.is_some_and(|before| before.has_client_secret),
        redirect_uri: format!("{}/sign-in/callback", signed.view.issuer),
        logout_uri: format!("{}/sign-in/logout", signed.view.issuer),
        problem: None,
    })
}

fn entered(form: &Form) -> Entered {
    let text = |name: &str| form.find(name).unwrap_or_default().to_owned();
    Entered {
        issuer: text("issuer"),
        preset: text("preset"),
        client_id: text("client_id"),
        audiences: text("audiences"),
        claim: text("claim"),
        attribute: text("attribute"),
        email_domains: text("email_domains"),
        hosted_domain: text("hosted_domain"),
        dashboard: form.find("dashboard").is_some(),
    }
}

fn stored(provider: &ShownIdentityProvider) -> Entered {
    let body = &provider.body;
    let lines = |all: &std::collections::BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>().join("\n");
    Entered {
        issuer: body.issuer.clone(),
        preset: body.preset.clone(),
        client_id: body.client_id.clone().unwrap_or_default(),
        audiences: lines(&body.audiences),
        claim: body.subject.claim.clone(),
        attribute: match body.subject.attribute {
            PersonAttribute::UserName => "userName",
            PersonAttribute::ExternalId => "externalId",
            PersonAttribute::Email => "email",
        }
        .to_owned(),
        email_domains: lines(&body.email_domains),
        hosted_domain: body.hosted_domain.clone().unwrap_or_default(),
        dashboard: body.dashboard,
    }
}

/// The entry; a member that is not filled in is `null`, which takes it away from an entry that has it.
fn body(entered: &Entered, form: &Form) -> Result<Value, Refusal> {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let lines = |text: &str| {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let subject = match (entered.claim.as_str(), entered.attribute.as_str()) {
        ("", "") => json!(null),
        ("", _) | (_, "") => {
            return Err(Refusal::invalid("subject", "name both the claim and the attribute, or neither"));
        }
        (claim, attribute) => json!({"claim": claim, "attribute": attribute}),
    };
    let mut body = json!({
        "issuer": some(&entered.issuer),
        "preset": some(&entered.preset),
        "client_id": some(&entered.client_id),
        "audiences": lines(&entered.audiences),
        "subject": subject,
        "email_domains": lines(&entered.email_domains),
        "hosted_domain": some(&entered.hosted_domain),
        "dashboard": entered.dashboard,
    });
    // Without this member the secret stays as it is.
    let secret = match (form.find("client_secret"), form.find("forget_secret")) {
        (Some(secret), _) => Some(json!(secret)),
        (None, Some(_)) => Some(json!(null)),
        (None, None) => None,
    };
    if let (Some(secret), Some(members)) = (secret, body.as_object_mut()) {
        members.insert("client_secret".to_owned(), secret);
    }
    body_of(&body)
}

/// A body as the engine takes it.
///
/// # Errors
/// `Internal`, which does not happen.
pub(super) fn body_of(json: &serde_json::Value) -> Result<Value, Refusal> {
    Value::parse(&json.to_string()).map_err(|error| {
        tracing::error!(%error, "a form could not be put into JSON");
        Refusal::Internal
    })
}

/// What to say about an entry that cannot be; any other refusal is a page of its own.
pub(super) fn said(refusal: Refusal) -> Result<String, Refusal> {
    match refusal {
        Refusal::Invalid { field, problem } => Ok(match label(&field) {
            Some(label) => format!("{label}: {problem}."),
            None => format!("This {problem}."),
        }),
        Refusal::Conflict { what } => Ok(format!("{what}.")),
        other => Err(other),
    }
}

/// What the page calls a member.
fn label(field: &str) -> Option<&'static str> {
    let label = match field.split('.').next().unwrap_or_default() {
        "issuer" => "Issuer",
        "preset" => "Product",
        "client_id" => "Client id",
        "client_secret" => "Client secret",
        "audiences" => "Audiences",
        "subject" => "How people are found",
        "email_domains" => "E-mail domains",
        "hosted_domain" => "Hosted domain",
        "claim_mappings" => match field.rsplit('.').next() {
            Some("claim") => "Claim",
            Some("role") => "Role",
            _ => "Value",
        },
        "description" => "Description",
        "jwks_uri" | "bundle_uri" => "Address",
        "jwks" | "bundle" => "Keys",
        _ => return None,
    };
    Some(label)
}

#[cfg(test)]
mod tests {
    use super::{body, entered, said};
    use crate::http::form::Form;
    use crate::refusal::Refusal;

    fn body_of(form: &str) -> serde_json::Value {
        let form = Form::parse(form.as_bytes()).expect("a form");
        serde_json::from_str(&body(&entered(&form), &form).expect("a body").to_canonical()).expect("JSON")
    }

    #[test]
    fn the_secret_stays_unless_the_form_names_it() {
        assert!(body_of("issuer=i").get("client_secret").is_none());
        assert_eq!(body_of("client_secret=s")["client_secret"], "s");
        assert_eq!(body_of("client_secret=s&forget_secret=1")["client_secret"], "s");
        assert!(body_of("forget_secret=1").as_object().expect("an object")["client_secret"].is_null());
    }

    #[test]
    fn lists_are_lines_and_what_is_empty_is_taken_away() {
        let of = body_of("issuer=i&audiences=a%0D%0A%0D%0A+b+&claim=sub&attribute=userName&dashboard=1");
        assert_eq!(of["audiences"], serde_json::json!(["a", "b"]));
        assert_eq!(of["subject"], serde_json::json!({"claim": "sub", "attribute": "userName"}));
        assert!(of["client_id"].is_null() && of["dashboard"] == true);
        assert!(body_of("")["subject"].is_null());
        let half = Form::parse(b"claim=sub").expect("a form");
        assert!(body(&entered(&half), &half).is_err());
    }

    #[test]
    fn a_problem_is_said_in_the_words_of_the_page() {
        let of = |field: &'static str| said(Refusal::invalid(field, "is wrong")).expect("words");
        assert_eq!(of("hosted_domain"), "Hosted domain: is wrong.");
        assert_eq!(of("claim_mappings.3.role"), "Role: is wrong.");
        assert_eq!(of(""), "This is wrong.");
        assert!(said(Refusal::NotFound).is_err());
    }
}
