//! The dashboard's pages: view models that a route fills and a template shows.
//!
//! Invariant: a view model holds words ready to show and decides nothing; every word is escaped by the
//! template, and no page has an inline script or style.

pub mod agent;
pub mod agents;
pub mod ceiling;
pub mod chrome;
pub mod connect;
pub mod docs;
pub mod error;
pub mod events;
pub mod halt;
pub mod identity_providers;
pub mod orphans;
pub mod overview;
pub mod provider_form;
pub mod revoke;
pub mod row;
#[cfg(test)]
mod samples;
pub mod sign_in;
#[cfg(test)]
mod tests;
pub mod trial;
pub mod trusted_issuers;
#[cfg(test)]
mod vouching_samples;
pub mod when;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::dialect::Page;
use crate::refusal::Refusal;

/// Answers with a page.
///
/// # Errors
/// `Internal` if the template cannot be rendered, which the log explains.
pub fn respond<T: Template>(page: &T) -> Result<HttpResponse, Page> {
    respond_with(StatusCode::OK, page)
}

/// Answers with a page that says that something went wrong, or right.
///
/// # Errors
/// `Internal` if the template cannot be rendered, which the log explains.
pub fn respond_with<T: Template>(status: StatusCode, page: &T) -> Result<HttpResponse, Page> {
    match page.render() {
        Ok(html) => Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html)),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Err(Page(Refusal::Internal))
        }
    }
}

/// Sends the browser on to another page after a form.
#[must_use]
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((actix_web::http::header::LOCATION, location)).finish()
}
