//! A path and the methods that it takes.
//!
//! Invariant: any other method is a 405 with `Allow` (RFC 9110 §15.5.6), in the path's own dialect.

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Resource, web};

use crate::dialect::Kind;
use crate::refusal::Refusal;

/// A resource that answers 405 for what no route of it takes: `resource("/x", &[Method::GET]).route(…)`.
#[must_use]
pub fn resource(path: &str, methods: &[Method]) -> Resource {
    let allow = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    web::resource(path).default_service(web::to(move |request: HttpRequest| {
        let allow = allow.clone();
        async move { refuse(&request, &allow) }
    }))
}

fn refuse(request: &HttpRequest, allow: &str) -> HttpResponse {
    let mut response = Kind::of(request.path()).method_not_allowed();
    if let Ok(allow) = HeaderValue::from_str(allow) {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

/// The answer of a path that no route has.
pub async fn nowhere(request: HttpRequest) -> HttpResponse {
    Kind::of(request.path()).respond(&Refusal::NotFound)
}
