//! Problem details (RFC 9457), the errors of the management API and of everything else that is JSON.
//!
//! Invariant: `type` is stable and documented; programs may compare it.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use crate::refusal::{self, Refusal};

super::dialect! {
    /// The error type of `/api/v1/…` and the other JSON routes.
    Problem, respond
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: Cow<'static, str>,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a [refusal::Problem]>,
}

/// The refusal as problem+json.
#[must_use]
pub fn respond(refusal: &Refusal) -> HttpResponse {
    let (name, title) = match refusal {
        Refusal::Unauthenticated => ("unauthenticated", "Authentication required"),
        Refusal::Forbidden => ("forbidden", "Not allowed for this role"),
        Refusal::NotFound => ("not-found", "Not found"),
        Refusal::Invalid { .. } | Refusal::InvalidMany(_) => ("invalid", "Invalid request"),
        Refusal::Conflict { .. } => ("conflict", "Conflict"),
        Refusal::Precondition => ("precondition-failed", "Changed since it was read"),
        Refusal::TooLarge { .. } => ("too-large", "Request too large"),
        Refusal::TooMany { .. } => ("too-many-requests", "Too many requests"),
        Refusal::Unavailable { .. } => ("unavailable", "Temporarily unavailable"),
        Refusal::Halted => ("halted", "Tenant halted"),
        Refusal::OAuth(error) => (error.code(), "Refused by OAuth rules"),
        Refusal::Scim(_) => ("invalid", "Refused by SCIM rules"),
        Refusal::Internal => ("internal", "Internal error"),
    };
    let field = if let Refusal::Invalid { field, .. } = refusal { Some(field.as_ref()) } else { None };
    let errors = if let Refusal::InvalidMany(problems) = refusal { Some(problems.as_slice()) } else { None };
    let status = super::status(refusal);
    let body = body(status, name, title, &refusal.to_string(), field, errors);
    super::respond(status, refusal, "Bearer realm=\"deputy\"", "application/problem+json", body)
}

/// An answer that no refusal stands for.
#[must_use]
pub fn message(status: StatusCode, name: &str, title: &str, said: &str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("application/problem+json")
        .body(body(status, name, title, said, None, None))
}

fn body(
    status: StatusCode,
    name: &str,
    title: &str,
    detail: &str,
    field: Option<&str>,
    errors: Option<&[refusal::Problem]>,
) -> String {
    let r#type = Cow::Owned(format!("urn:deputy:problem:{name}"));
    let body = Body { r#type, title, status: status.as_u16(), detail, field, errors };
    serde_json::to_string(&body).unwrap_or_default()
}
