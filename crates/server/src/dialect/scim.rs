//! SCIM error answers (RFC 7644 §3.12).
//!
//! Invariant: `status` is a string, and `scimType` is one of table 9 or absent.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use deputy_scim::{ErrorMessage, ScimType};

use crate::refusal::Refusal;

super::dialect! {
    /// The error type of `/scim/v2/…` routes.
    Scim, respond
}

/// The media type of every SCIM message (RFC 7644 §8.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

/// The refusal as a SCIM error.
#[must_use]
pub fn respond(refusal: &Refusal) -> HttpResponse {
    let body = worded(refusal).body().to_string();
    super::respond(super::status(refusal), refusal, "Bearer realm=\"deputy\"", MEDIA_TYPE, body)
}

/// An answer that no refusal stands for.
#[must_use]
pub fn message(error: &ErrorMessage) -> HttpResponse {
    HttpResponse::build(status(error)).content_type(MEDIA_TYPE).body(error.body().to_string())
}

/// The status that a SCIM error has.
#[must_use]
pub fn status(error: &ErrorMessage) -> StatusCode {
    StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST)
}

fn worded(refusal: &Refusal) -> ErrorMessage {
    let scim_type = match refusal {
        Refusal::Scim(error) => return error.clone(),
        Refusal::Invalid { .. } | Refusal::InvalidMany(_) => Some(ScimType::InvalidValue),
        Refusal::Conflict { .. } => Some(ScimType::Uniqueness),
        Refusal::Unauthenticated
        | Refusal::Forbidden
        | Refusal::NotFound
        | Refusal::Precondition
        | Refusal::TooLarge { .. }
        | Refusal::TooMany { .. }
        | Refusal::Unavailable { .. }
        | Refusal::Halted
        | Refusal::OAuth(_)
        | Refusal::Internal => None,
    };
    ErrorMessage { status: super::status(refusal).as_u16(), scim_type, detail: refusal.to_string() }
}
