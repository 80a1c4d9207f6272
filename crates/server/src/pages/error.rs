//! The page of a refusal.

use actix_web::http::StatusCode;
use askama::Template;

/// What happened and what to do next.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
}

impl ErrorPage<'_> {
    /// The page as text; if even that fails, the bare title.
    #[must_use]
    pub fn html(status: StatusCode, title: &str, detail: &str) -> String {
        let page = ErrorPage { status: status.as_u16(), title, detail };
        page.render().unwrap_or_else(|_| format!("<!doctype html><title>{}</title>", status.as_u16()))
    }
}
