//! A path and the methods that it takes.
//!
//! Invariant: any other method is a 405 with `Allow` (RFC 9110 §15.5.6), in the path's own dialect. HEAD is taken
//! wherever GET is and uses nothing up: no route sees it, because [`as_get`] makes it one.

use actix_web::body::{self, BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, Resource, Route, guard, web};

use crate::dialect::Kind;
use crate::refusal::Refusal;

/// A resource that answers 405 for what no route of it takes: `resource("/x", &[Method::GET]).route(…)`.
#[must_use]
pub fn resource(path: &str, methods: &[Method]) -> Resource {
    let heads = |method: &Method| (*method == Method::GET).then_some("HEAD");
    let allow = methods.iter().flat_map(|method| std::iter::once(method.as_str()).chain(heads(method)));
    allowing(path, &allow.collect::<Vec<_>>())
}

/// A resource whose GET, which is [`get_alone`], uses a link or a code up. HEAD, by which programs look at links that
/// people send each other, is not taken.
#[must_use]
pub fn spending_resource(path: &str, methods: &[Method]) -> Resource {
    allowing(path, &methods.iter().map(Method::as_str).collect::<Vec<_>>())
}

/// The GET of a [`spending_resource`].
pub fn get_alone() -> Route {
    web::get().guard(guard::fn_guard(|context| context.req_data().get::<WasHead>().is_none()))
}

fn allowing(path: &str, methods: &[&str]) -> Resource {
    let allow = methods.join(", ");
    web::resource(path).default_service(web::to(move |request: HttpRequest| {
        let allow = allow.clone();
        async move { refuse(&request, &allow) }
    }))
}

/// Stands beside a request that was made a GET.
struct WasHead;

/// Makes a HEAD a GET, whose answer it gets without its content (RFC 9110 §9.3.2); says whether it was one. The
/// connection remembers what was asked and leaves the content out.
pub fn as_get(request: &mut ServiceRequest) -> bool {
    let is_head = request.method() == Method::HEAD;
    if is_head {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(WasHead);
    }
    is_head
}

/// The answer to what was a HEAD; content without an end is let go, or it would be waited for.
pub fn ended<B: MessageBody + 'static>(
    response: ServiceResponse<EitherBody<B, BoxBody>>,
) -> ServiceResponse<EitherBody<B, BoxBody>> {
    match response.response().body().size() {
        BodySize::Stream => response.map_body(|_, _| EitherBody::right(BoxBody::new(body::None::new()))),
        BodySize::None | BodySize::Sized(_) => response,
    }
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
