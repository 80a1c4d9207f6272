//! The outermost middleware: request id, refused bytes, security headers, a session's new secret, one line of access
//! log, metrics.
//!
//! Invariant: neither the query string nor any header value but the request id is logged.

use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::SET_COOKIE;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};

use super::request_id::RequestId;
use super::{headers, methods, session, text};
use crate::dialect::Kind;

/// What the frame has to know of the installation.
#[derive(Debug, Clone, Copy)]
pub struct Framing {
    /// Whether the public URL is https.
    pub https: bool,
}

/// Wraps every request: `App::new().wrap(middleware::from_fn(frame))`.
///
/// # Errors
/// Only what an inner middleware could not turn into a response.
pub async fn frame<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let https = request.app_data::<web::Data<Framing>>().is_some_and(|framing| framing.https);
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let is_head = methods::as_get(&mut request);

    let mut response = match text::verify_target(request.uri().path(), request.query_string()) {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(refusal) => request.into_response(Kind::of(&path).respond(&refusal)).map_into_right_body(),
    };
    if let Some(cookie) = session::renewed(response.request()) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    if is_head {
        response = methods::ended(response);
    }
    headers::dress(response.headers_mut(), &id, https);
    log(&method, &path, response.status(), started.elapsed(), &id, response.request().match_pattern());
    Ok(response)
}

fn log(
    method: &Method,
    path: &str,
    status: StatusCode,
    took: Duration,
    id: &RequestId,
    pattern: Option<String>,
) {
    let micros = took.as_micros();
    let (status, id) = (status.as_u16(), id.as_str());
    if status >= 500 {
        tracing::error!(target: "deputy::access", %method, path, status, micros, id, "answered");
    } else {
        tracing::debug!(target: "deputy::access", %method, path, status, micros, id, "answered");
    }
    // The pattern, not the path: a label per agent name would be without bound.
    let route = pattern.unwrap_or_else(|| "unknown".to_owned());
    let labels = [("route", route), ("status", status.to_string()), ("method", known(method).to_owned())];
    metrics::histogram!("deputy_http_request_seconds", &labels).record(took.as_secs_f64());
}

/// A method as a label: any other than the usual ones is `OTHER`.
fn known(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS") => known,
        _ => "OTHER",
    }
}
