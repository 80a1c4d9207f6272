//! SCIM error answers (RFC 7644 §3.12).
//!
//! Invariant: `status` is a string, and `scimType` is one of table 9 or absent.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use crate::refusal::Refusal;

super::dialect! {
    /// The error type of `/scim/v2/…` routes.
    Scim, respond
}

#[derive(Serialize)]
struct Body<'a> {
    schemas: [&'static str; 1],
    status: String,
    #[serde(rename = "scimType", skip_serializing_if = "Option::is_none")]
    scim_type: Option<&'a str>,
    detail: &'a str,
}

/// The refusal as a SCIM error.
#[must_use]
pub fn respond(refusal: &Refusal) -> HttpResponse {
    let scim_type = match refusal {
        Refusal::Invalid { .. } | Refusal::InvalidMany(_) => Some("invalidValue"),
        Refusal::Conflict { .. } => Some("uniqueness"),
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
    let status = super::status(refusal);
    let body = body(status, scim_type, &refusal.to_string());
    super::respond(status, refusal, "Bearer realm=\"deputy\"", "application/scim+json", body)
}

/// An answer that no refusal stands for.
#[must_use]
pub fn message(status: StatusCode, scim_type: Option<&str>, said: &str) -> HttpResponse {
    HttpResponse::build(status).content_type("application/scim+json").body(body(status, scim_type, said))
}

fn body(status: StatusCode, scim_type: Option<&str>, detail: &str) -> String {
    let body = Body {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
        status: status.as_str().to_owned(),
        scim_type,
        detail,
    };
    serde_json::to_string(&body).unwrap_or_default()
}
