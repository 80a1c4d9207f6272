//! Puts a refusal into the words of the interface it happened on: OAuth JSON, SCIM, problem+json or a page.
//!
//! Invariant: each dialect matches [`Refusal`] exhaustively, so that a new reason cannot fall into a default.

pub mod kind;
pub mod oauth;
pub mod page;
pub mod problem;
pub mod scim;
#[cfg(test)]
mod tests;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};

use crate::refusal::Refusal;

pub use kind::Kind;
pub use oauth::OAuth;
pub use page::Page;
pub use problem::Problem;
pub use scim::Scim;

/// A way of answering: the error type of a route.
pub trait Dialect: From<Refusal> + Into<actix_web::Error> + std::fmt::Debug + 'static {}

/// Makes a tuple struct of a refusal into a route's error type, worded by a function.
macro_rules! dialect {
    ($(#[$doc:meta])* $name:ident, $respond:path) => {
        $(#[$doc])*
        #[derive(Debug, thiserror::Error)]
        #[error("{0}")]
        pub struct $name(pub $crate::refusal::Refusal);
        impl From<$crate::refusal::Refusal> for $name {
            fn from(refusal: $crate::refusal::Refusal) -> Self {
                Self(refusal)
            }
        }
        impl actix_web::ResponseError for $name {
            fn status_code(&self) -> actix_web::http::StatusCode {
                self.error_response().status()
            }
            fn error_response(&self) -> actix_web::HttpResponse {
                $respond(&self.0)
            }
        }
        impl $crate::dialect::Dialect for $name {}
    };
}
use dialect;

/// The status that a refusal has in every dialect but OAuth's own codes.
#[must_use]
pub fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Unauthenticated => StatusCode::UNAUTHORIZED,
        Refusal::Forbidden | Refusal::Halted => StatusCode::FORBIDDEN,
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::Invalid { .. } | Refusal::InvalidMany(_) => StatusCode::BAD_REQUEST,
        Refusal::Conflict { .. } => StatusCode::CONFLICT,
        Refusal::Precondition => StatusCode::PRECONDITION_FAILED,
        Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::OAuth(error) => oauth::status(error),
        Refusal::Scim(message) => scim::status(message),
        Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The seconds that belong into `Retry-After`, where the refusal names any.
#[must_use]
pub fn retry_after(refusal: &Refusal) -> Option<u32> {
    match refusal {
        Refusal::TooMany { retry_after_secs } | Refusal::Unavailable { retry_after_secs } => {
            Some((*retry_after_secs).max(1))
        }
        Refusal::OAuth(error) => error.retry_after().map(|secs| secs.max(1)),
        Refusal::Unauthenticated
        | Refusal::Forbidden
        | Refusal::NotFound
        | Refusal::Invalid { .. }
        | Refusal::InvalidMany(_)
        | Refusal::Conflict { .. }
        | Refusal::Precondition
        | Refusal::TooLarge { .. }
        | Refusal::Halted
        | Refusal::Scim(_)
        | Refusal::Internal => None,
    }
}

/// A response with the headers that every dialect shares: `Retry-After`, and the challenge of a 401.
fn respond(
    status: StatusCode,
    refusal: &Refusal,
    challenge: &'static str,
    content_type: &'static str,
    body: String,
) -> HttpResponse {
    let mut response = HttpResponse::build(status).content_type(content_type).body(body);
    let headers = response.headers_mut();
    if let Some(secs) = retry_after(refusal) {
        headers.insert(RETRY_AFTER, HeaderValue::from(secs));
    }
    let own = if let Refusal::OAuth(error) = refusal { error.www_authenticate() } else { None };
    if let Some(challenge) = own.or((status == StatusCode::UNAUTHORIZED).then_some(challenge)) {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}
