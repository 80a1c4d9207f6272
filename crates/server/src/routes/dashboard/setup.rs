//! `GET /setup`, `POST /setup`: the first tenant, by the one-time link that an empty installation prints.
//!
//! Invariant: only a browser on the server's own machine gets here; looking at the form does not use the link
//! up, and the administrator's key is on the answer to the form alone.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use deputy_engine::NewTenant;
use serde::Deserialize;

use super::signed::verify_sender;
use crate::dialect::Page;
use crate::http::api::{engine, limited, request_id};
use crate::http::client;
use crate::http::form::Form;
use crate::http::query::Query;
use crate::pages::sign_in::{SetUpDonePage, SetUpPage};
use crate::pages::{respond, respond_with};
use crate::refusal::Refusal;

/// What the link carries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeQuery {
    code: String,
}

/// The form.
///
/// # Errors
/// `NotFound` from another machine.
pub async fn show(request: HttpRequest, query: Query<CodeQuery, Page>) -> Result<HttpResponse, Page> {
    require_loopback(&request)?;
    respond(&SetUpPage { code: query.0.code, name: String::new(), slug: String::new(), problem: None })
}

/// Makes the tenant and shows its key.
///
/// # Errors
/// `NotFound` from another machine; `Forbidden` for a form of another site; `TooMany` after too many failures.
pub async fn submit(request: HttpRequest, form: Form) -> Result<HttpResponse, Page> {
    require_loopback(&request)?;
    verify_sender(&request)?;
    let code = form.require("code")?;
    let (name, slug) = (form.find("name"), form.find("slug").unwrap_or_default());
    let made = limited(&request, async {
        engine(&request)?.use_setup_link(code, slug, name, request_id(&request)).await
    });
    match made.await {
        Ok(tenant) => respond(&done(tenant, name)),
        Err(refusal) => again(&form, refusal),
    }
}

fn require_loopback(request: &HttpRequest) -> Result<(), Refusal> {
    if client::address(request).is_loopback() { Ok(()) } else { Err(Refusal::NotFound) }
}

fn done(tenant: NewTenant, name: Option<&str>) -> SetUpDonePage {
    SetUpDonePage {
        name: name.unwrap_or(&tenant.slug).to_owned(),
        slug: tenant.slug,
        issuer: tenant.issuer,
        admin_key: tenant.admin_key,
    }
}

/// The form once more, with what was typed and what was wrong.
fn again(form: &Form, refusal: Refusal) -> Result<HttpResponse, Page> {
    let problem = match &refusal {
        Refusal::Invalid { field, problem } => {
            let field = if field == "slug" { "Short name" } else { "Name" };
            format!("{field}: {problem}.")
        }
        Refusal::Conflict { .. } => {
            "This installation is set up already. Sign in with an administrator key.".to_owned()
        }
        Refusal::Unauthenticated => {
            "This link has been used, or its 15 minutes are over. Restart the server for a new one."
                .to_owned()
        }
        _ => return Err(refusal.into()),
    };
    let text = |name: &str| form.find(name).unwrap_or_default().to_owned();
    let page =
        SetUpPage { code: text("code"), name: text("name"), slug: text("slug"), problem: Some(problem) };
    let status = crate::dialect::status(&refusal);
    respond_with(if status == StatusCode::UNAUTHORIZED { StatusCode::FORBIDDEN } else { status }, &page)
}
