//! `GET /`, `GET /open`: which tenant?

use actix_web::HttpResponse;
use serde::Deserialize;

use super::signed::is_slug;
use crate::dialect::Page;
use crate::http::query::Query;
use crate::pages::sign_in::StartPage;
use crate::pages::{respond, see_other};

/// What the form of the start page sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenQuery {
    #[serde(default)]
    tenant: String,
}

/// The start page.
///
/// # Errors
/// `Internal`.
pub async fn show() -> Result<HttpResponse, Page> {
    respond(&StartPage { problem: None })
}

/// Sends on to a tenant's dashboard, whether or not there is such a tenant: nobody is told.
///
/// # Errors
/// `Internal`.
pub async fn open(query: Query<OpenQuery, Page>) -> Result<HttpResponse, Page> {
    let tenant = query.0.tenant.trim();
    if is_slug(tenant) {
        return Ok(see_other(&format!("/t/{tenant}/")));
    }
    let problem = "A tenant's short name has only a-z, 0-9 and dashes.";
    respond(&StartPage { problem: Some(problem.to_owned()) })
}
