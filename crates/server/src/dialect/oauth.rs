//! OAuth error answers (RFC 6749 §5.2; 7009 §2.2.1; 7662 §2.3).
//!
//! Invariant: `error` is a registered code, and `error_description` keeps to the characters of §5.2.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use deputy_oauth::error::OAuthError;
use serde::Serialize;

use crate::refusal::Refusal;

super::dialect! {
    /// The error type of `/oauth/…` routes.
    OAuth, respond
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    error_description: &'a str,
}

/// Authentication failed at the token endpoint by way of the header: §5.2 wants the matching challenge.
const CHALLENGE: &str = "Basic realm=\"deputy\", charset=\"UTF-8\"";

/// The refusal as OAuth JSON.
#[must_use]
pub fn respond(refusal: &Refusal) -> HttpResponse {
    let said = refusal.to_string();
    let (status, code) = match refusal {
        Refusal::OAuth(error) => (status(error), error.code()),
        Refusal::Unauthenticated => (StatusCode::UNAUTHORIZED, "invalid_client"),
        Refusal::Forbidden => (StatusCode::FORBIDDEN, "unauthorized_client"),
        Refusal::Halted => (StatusCode::FORBIDDEN, "access_denied"),
        Refusal::Invalid { .. } | Refusal::InvalidMany(_) | Refusal::Conflict { .. } => {
            (StatusCode::BAD_REQUEST, "invalid_request")
        }
        Refusal::NotFound | Refusal::Precondition | Refusal::TooLarge { .. } | Refusal::Scim(_) => {
            (super::status(refusal), "invalid_request")
        }
        Refusal::TooMany { .. } | Refusal::Unavailable { .. } => {
            (super::status(refusal), "temporarily_unavailable")
        }
        Refusal::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    };
    super::respond(status, refusal, CHALLENGE, "application/json", body(code, &said))
}

/// An answer that no refusal stands for.
#[must_use]
pub fn message(status: StatusCode, code: &str, said: &str) -> HttpResponse {
    HttpResponse::build(status).content_type("application/json").body(body(code, said))
}

/// The status that goes with an OAuth error.
#[must_use]
pub fn status(error: &OAuthError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST)
}

fn body(error: &str, said: &str) -> String {
    // §5.2 allows %x20-21, %x23-5B and %x5D-7E: neither quotes nor backslashes.
    let description: String = said
        .chars()
        .map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            ' '..='~' => c,
            _ => '?',
        })
        .collect();
    serde_json::to_string(&Body { error, error_description: &description }).unwrap_or_default()
}
