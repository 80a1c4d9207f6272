//! `/t/{tenant}/trusted-issuers`: whose tokens stand for workloads, one of them, and trying it.

use actix_web::HttpResponse;
use actix_web::web::Path;
use deputy_engine::{Paging, ShownTrustedIssuer};
use deputy_mandate::Value;

use super::done::{Done, DoneQuery};
use super::provider_entry::{body_of, said};
use super::signed::{Signed, Submitted};
use super::trial;
use crate::dialect::Page;
use crate::http::form::Form;
use crate::http::query::Query;
use crate::pages::chrome::Section;
use crate::pages::trusted_issuers::{IssuerRow, NewIssuer, TrustedIssuerPage, TrustedIssuersPage, keys_from};
use crate::pages::when::When;
use crate::pages::{respond, respond_with, see_other};
use crate::refusal::Refusal;

/// Issuers on the page.
const MOST: u32 = 200;

/// The list, and the form for another.
///
/// # Errors
/// `Unavailable` when the database is.
pub async fn list(signed: Signed, query: Query<DoneQuery, Page>) -> Result<HttpResponse, Page> {
    respond(&page(&signed, query.0.done).await?)
}

/// Trusts one.
///
/// # Errors
/// `Forbidden` for a role that may not.
pub async fn create(submitted: Submitted) -> Result<HttpResponse, Page> {
    let (signed, new) = (&submitted.signed, entered(&submitted.form));
    signed.caller.require_admin()?;
    let made =
        async { signed.engine.create_trusted_issuer(&signed.view, &signed.caller, &body(&new)?).await };
    match made.await {
        Ok(made) => Ok(see_other(&signed.at(&format!("trusted-issuers/{}?done=issuer_trusted", made.id)))),
        Err(refusal) => {
            let status = crate::dialect::status(&refusal);
            let problem = Some(said(refusal)?);
            respond_with(status, &TrustedIssuersPage { new, problem, ..page(signed, None).await? })
        }
    }
}

/// One issuer.
///
/// # Errors
/// `NotFound`.
pub async fn show(
    signed: Signed,
    path: Path<(String, String)>,
    query: Query<DoneQuery, Page>,
) -> Result<HttpResponse, Page> {
    respond(&one(&signed, &path.1, query.0.done).await?)
}

/// Trusts it no more.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`.
pub async fn delete(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let signed = &submitted.signed;
    signed.engine.delete_trusted_issuer(&signed.view, &signed.caller, &path.1).await?;
    Ok(see_other(&signed.at("trusted-issuers?done=issuer_deleted")))
}

/// Tries it, with a pasted token or without.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`.
pub async fn test(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let (signed, asked) = (&submitted.signed, trial::asked(&submitted.form));
    let answer = signed.engine.test_trusted_issuer(&signed.view, &signed.caller, &path.1, &asked).await?;
    let page = one(signed, &path.1, None).await?;
    respond(&TrustedIssuerPage { trial: Some(trial::shown(answer)), ..page })
}

async fn page(signed: &Signed, done: Option<Done>) -> Result<TrustedIssuersPage, Refusal> {
    let paging = Paging { limit: Some(MOST), cursor: None };
    let found = signed.engine.trusted_issuers(&signed.view, &signed.caller, &paging)?;
    let now = signed.now();
    let row = |issuer: ShownTrustedIssuer| IssuerRow {
        keys: keys_from(issuer.keys_from),
        created: When::read(&issuer.created_at, now),
        description: issuer.body.description.unwrap_or_default(),
        issuer: issuer.body.issuer,
        id: issuer.id,
    };
    Ok(TrustedIssuersPage {
        chrome: signed.chrome(Section::TrustedIssuers, done).await?,
        issuers: found.items.into_iter().map(row).collect(),
        audience: signed.view.issuer.to_string(),
        new: NewIssuer::default(),
        problem: None,
    })
}

async fn one(signed: &Signed, id: &str, done: Option<Done>) -> Result<TrustedIssuerPage, Refusal> {
    let issuer = signed.engine.trusted_issuer(&signed.view, &signed.caller, id)?;
    let (now, body) = (signed.now(), issuer.body);
    let pasted = body.jwks.or(body.bundle);
    let keys = pasted.as_ref().and_then(|set| set["keys"].as_array()).map_or(&[][..], Vec::as_slice);
    let kid = |key: &serde_json::Value| key["kid"].as_str().unwrap_or("(no kid)").to_owned();
    Ok(TrustedIssuerPage {
        chrome: signed.chrome(Section::TrustedIssuers, done).await?,
        keys: keys_from(issuer.keys_from),
        address: body.jwks_uri.or(body.bundle_uri).unwrap_or_default(),
        kids: keys.iter().map(kid).collect(),
        audience: issuer.audience,
        created: When::read(&issuer.created_at, now),
        updated: When::read(&issuer.updated_at, now),
        description: body.description.unwrap_or_default(),
        issuer: body.issuer,
        id: issuer.id,
        trial: None,
    })
}

fn entered(form: &Form) -> NewIssuer {
    let text = |name: &str| form.find(name).unwrap_or_default().to_owned();
    NewIssuer {
        issuer: text("issuer"),
        description: text("description"),
        keys: text("keys"),
        address: text("address"),
        document: text("document"),
    }
}

fn body(new: &NewIssuer) -> Result<Value, Refusal> {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let body = body_of(&serde_json::json!({
        "issuer": some(&new.issuer), "description": some(&new.description),
    }))?;
    let Value::Object(mut members) = body else { return Err(Refusal::Internal) };
    let (field, keys) = match new.keys.as_str() {
        "jwks_uri" => ("jwks_uri", address(new, "jwks_uri")?),
        "bundle_uri" => ("bundle_uri", address(new, "bundle_uri")?),
        "jwks" => ("jwks", document(new, "jwks")?),
        "bundle" => ("bundle", document(new, "bundle")?),
        _ => return Ok(Value::Object(members)),
    };
    members.insert(field.to_owned(), keys);
    Ok(Value::Object(members))
}

/// Left empty it would mean discovery, which was not chosen.
fn address(new: &NewIssuer, field: &'static str) -> Result<Value, Refusal> {
    if new.address.is_empty() {
        return Err(Refusal::invalid(field, "is missing: say where the keys are"));
    }
    Ok(Value::from(new.address.as_str()))
}

fn document(new: &NewIssuer, field: &'static str) -> Result<Value, Refusal> {
    match Value::parse(&new.document) {
        Ok(set @ Value::Object(_)) => Ok(set),
        Ok(_) => Err(Refusal::invalid(field, "paste the whole document, a JSON object with `keys`")),
        Err(error) => Err(Refusal::invalid(field, format!("this is not JSON: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{NewIssuer, body};

    fn of(keys: &str, address: &str, document: &str) -> Option<String> {
        let text = str::to_owned;
        let new = NewIssuer {
            issuer: text("i"),
            keys: text(keys),
            address: text(address),
            document: text(document),
            ..NewIssuer::default()
        };
        body(&new).ok().map(|body| body.to_canonical())
    }

    #[test]
    fn keys_come_from_the_place_that_was_chosen_and_no_other() {
        let discovery = of("discovery", "https://k.example/", "{}").expect("a body");
        assert_eq!(discovery, r#"{"description":null,"issuer":"i"}"#);
        assert!(of("jwks_uri", "https://k.example/", "{}").expect("a body").contains("\"jwks_uri\":\"https"));
        assert!(of("bundle", "", r#"{"keys":[]}"#).expect("a body").contains("\"bundle\":{\"keys\":[]}"));
        for (keys, address, document) in [("jwks_uri", "", "{}"), ("jwks", "a", ""), ("bundle", "a", "[]")] {
            assert!(of(keys, address, document).is_none(), "{keys}");
        }
    }
}
