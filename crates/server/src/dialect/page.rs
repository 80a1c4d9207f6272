//! Refusals as pages for people.
//!
//! Invariant: the page says what happened and what to do next, and nothing about what is or is not there.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::pages::error::ErrorPage;
use crate::refusal::Refusal;

super::dialect! {
    /// The error type of dashboard and documentation pages.
    Page, respond
}

/// The refusal as a page.
#[must_use]
pub fn respond(refusal: &Refusal) -> HttpResponse {
    let title = match refusal {
        Refusal::Unauthenticated => "Please sign in",
        Refusal::Forbidden => "Your role does not allow this",
        Refusal::NotFound => "There is nothing here",
        Refusal::Invalid { .. } | Refusal::InvalidMany(_) => "That could not be accepted",
        Refusal::Conflict { .. } => "That contradicts what is there",
        Refusal::Precondition => "Somebody changed it meanwhile",
        Refusal::TooLarge { .. } => "That is too large",
        Refusal::TooMany { .. } => "Too many attempts",
        Refusal::Unavailable { .. } => "Not available right now",
        Refusal::Halted => "This tenant is halted",
        Refusal::OAuth(_) | Refusal::Scim(_) => "Refused",
        Refusal::Internal => "Something went wrong on our side",
    };
    let detail = match refusal {
        Refusal::Unauthenticated => "Your session has ended, or you have not signed in yet.".to_owned(),
        Refusal::Forbidden => "Ask an administrator of this tenant for a key with a wider role.".to_owned(),
        Refusal::NotFound => "The page does not exist, or it belongs to another tenant.".to_owned(),
        Refusal::TooMany { retry_after_secs } | Refusal::Unavailable { retry_after_secs } => {
            format!("Please try again in {retry_after_secs} s.")
        }
        Refusal::Internal => "The cause is in the server's log, under the id of this request.".to_owned(),
        Refusal::InvalidMany(problems) => {
            problems.iter().map(|p| format!("{}: {}", p.field, p.message)).collect::<Vec<_>>().join("; ")
        }
        Refusal::Invalid { .. }
        | Refusal::Conflict { .. }
        | Refusal::Precondition
        | Refusal::TooLarge { .. }
        | Refusal::Halted
        | Refusal::OAuth(_)
        | Refusal::Scim(_) => refusal.to_string(),
    };
    let status = super::status(refusal);
    super::respond(
        status,
        refusal,
        "Cookie",
        "text/html; charset=utf-8",
        ErrorPage::html(status, title, &detail),
    )
}

/// An answer that no refusal stands for.
#[must_use]
pub fn message(status: StatusCode, title: &str, said: &str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(ErrorPage::html(status, title, said))
}
