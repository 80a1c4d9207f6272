//! `GET /docs`, `GET /docs/{slug}`: the user documentation.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};

use crate::dialect::Page;
use crate::manual::{self, Manual};
use crate::pages::docs::{DocLink, DocsPage};
use crate::pages::{respond, see_other};
use crate::refusal::Refusal;

/// Sends on to the first page.
///
/// # Errors
/// `NotFound` for a build without documentation.
pub async fn first() -> Result<HttpResponse, Page> {
    let first = manual::pages().next().ok_or(Page(Refusal::NotFound))?;
    Ok(see_other(&format!("/docs/{}", first.slug)))
}

/// One page.
///
/// # Errors
/// `NotFound` for a page that is not there.
pub async fn show(slug: web::Path<String>) -> Result<HttpResponse, Page> {
    let found = manual::pages().find(|page| page.slug == slug.as_str()).ok_or(Page(Refusal::NotFound))?;
    let mut response = respond(&page(&found))?;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, actix_web::http::header::HeaderValue::from_static("max-age=300"));
    Ok(response)
}

fn page(found: &Manual) -> DocsPage {
    let rendered = manual::render(found.text);
    let link = |page: Manual| DocLink {
        href: format!("/docs/{}", page.slug),
        title: page.title.to_owned(),
        here: page.slug == found.slug,
    };
    DocsPage {
        title: found.title.to_owned(),
        pages: manual::pages().map(link).collect(),
        contents: rendered.headings,
        body: rendered.html,
    }
}
