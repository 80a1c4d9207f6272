//! Which dialect a path speaks, for answers that no route gives: unknown paths, wrong methods, refused bytes.
//!
//! Invariant: a path under an interface never gets an answer in another interface's dialect.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use deputy_scim::ErrorMessage;

use super::{oauth, page, problem, scim};
use crate::refusal::Refusal;

/// One of the four dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// RFC 6749 §5.2.
    OAuth,
    /// RFC 7644 §3.12.
    Scim,
    /// RFC 9457.
    Problem,
    /// A page for people.
    Page,
}

impl Kind {
    /// The dialect of a path, which need not lead anywhere.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let mut segments = path.split('/').skip(1);
        let first = segments.next().unwrap_or_default();
        let inner = if first == "t" { segments.nth(1).unwrap_or_default() } else { first };
        // The one interface among the pages, where identity providers call.
        if first == "t" && path.ends_with("/sign-in/logout") {
            return Self::OAuth;
        }
        match (first, inner) {
            ("t", "oauth") => Self::OAuth,
            ("t", "scim") => Self::Scim,
            ("t", "api" | "access" | "revocations" | "jwks.json" | "audit-keys.json" | ".well-known") => {
                Self::Problem
            }
            (".well-known" | "api" | "healthz" | "readyz" | "openapi.json" | "metrics", _) => Self::Problem,
            _ => Self::Page,
        }
    }

    /// A refusal in this dialect.
    #[must_use]
    pub fn respond(self, refusal: &Refusal) -> HttpResponse {
        match self {
            Self::OAuth => oauth::respond(refusal),
            Self::Scim => scim::respond(refusal),
            Self::Problem => problem::respond(refusal),
            Self::Page => page::respond(refusal),
        }
    }

    /// 405 (RFC 9110 §15.5.6), which only the frame can say: the engine knows no methods.
    #[must_use]
    pub fn method_not_allowed(self) -> HttpResponse {
        let said = "this path does not take that method; see the Allow header";
        let status = StatusCode::METHOD_NOT_ALLOWED;
        match self {
            Self::OAuth => oauth::message(status, "invalid_request", said),
            Self::Scim => scim::message(&ErrorMessage::plain(status.as_u16(), said)),
            Self::Problem => problem::message(status, "method-not-allowed", "Method not allowed", said),
            Self::Page => page::message(status, "That does not work here", said),
        }
    }
}
