//! The frame around real routes: headers, refused bytes, limits, methods, unknown paths.

use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpResponse, web};

use super::body::{Body, ORDINARY};
use super::form::Form;
use super::frame::{Framing, frame};
use super::json::Json;
use super::methods::{nowhere, resource};
use crate::dialect::{OAuth, Problem};
use crate::refusal::Refusal;

#[derive(serde::Deserialize)]
struct Named {
    name: String,
}

async fn named(body: Json<Named>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().body(body.value.name))
}

async fn sized(body: Body<ORDINARY, OAuth>) -> Result<HttpResponse, OAuth> {
    Ok(HttpResponse::Ok().body(body.0.len().to_string()))
}

async fn submitted(form: Form) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html").body(form.find("a").unwrap_or_default().to_owned())
}

async fn broken() -> Result<HttpResponse, Problem> {
    Err(Refusal::Internal.into())
}

/// The type of an initialised service cannot be named.
macro_rules! app {
    () => {
        init_service(
            App::new()
                .app_data(web::Data::new(Framing { https: true }))
                .wrap(from_fn(frame))
                .service(resource("/t/{tenant}/api/v1/named", &[Method::POST]).route(web::post().to(named)))
                .service(resource("/t/{tenant}/api/v1/broken", &[Method::GET]).route(web::get().to(broken)))
                .service(resource("/t/{tenant}/oauth/token", &[Method::POST]).route(web::post().to(sized)))
                .service(resource("/t/{tenant}/form", &[Method::POST]).route(web::post().to(submitted)))
                .default_service(web::to(nowhere)),
        )
        .await
    };
}

#[actix_web::test]
async fn every_answer_has_an_id_and_the_security_headers() {
    let app = app!();
    for path in ["/t/acme/api/v1/broken", "/nowhere", "/t/acme/oauth/%00", "/t/acme/oauth/token"] {
        let response = call_service(&app, TestRequest::get().uri(path).to_request()).await;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("x-request-id").map(str::len), Some(36), "{path}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header("cache-control"), Some("no-store"), "{path}");
        assert!(header("strict-transport-security").is_some(), "{path}");
        let policy = header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(policy.contains("script-src 'self'"), path == "/nowhere", "{path}: {policy}");
    }
}

#[actix_web::test]
async fn an_unknown_path_and_a_wrong_method_answer_in_the_paths_dialect() {
    let app = app!();
    let response = call_service(&app, TestRequest::get().uri("/t/acme/scim/v2/Nothing").to_request()).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(
        String::from_utf8_lossy(&read_body(response).await)
            .contains("urn:ietf:params:scim:api:messages:2.0:Error")
    );

    let response = call_service(&app, TestRequest::get().uri("/t/acme/oauth/token").to_request()).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers().get("allow").map(|value| value.as_bytes()), Some(&b"POST"[..]));
    assert!(String::from_utf8_lossy(&read_body(response).await).contains("invalid_request"));

    let response = call_service(&app, TestRequest::get().uri("/t/acme/api/v1/x?q=%ff").to_request()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(String::from_utf8_lossy(&read_body(response).await).contains("urn:deputy:problem:invalid"));
}

#[actix_web::test]
async fn a_json_body_is_read_strictly() {
    let app = app!();
    let post = |kind: &'static str, body: &'static str| {
        let request = TestRequest::post().uri("/t/acme/api/v1/named").insert_header(("content-type", kind));
        call_service(&app, request.set_payload(body).to_request())
    };
    assert_eq!(post("application/json; charset=utf-8", r#"{"name":"a"}"#).await.status(), StatusCode::OK);
    for (kind, body) in [
        ("text/plain", r#"{"name":"a"}"#),
        ("application/json", r#"{"name":"a","name":"b"}"#),
        ("application/json", r#"{"name":1}"#),
        ("application/json", ""),
    ] {
        assert_eq!(post(kind, body).await.status(), StatusCode::BAD_REQUEST, "{kind} {body}");
    }
}

#[actix_web::test]
async fn a_body_over_the_limit_is_a_413_in_the_routes_dialect() {
    let app = app!();
    for (length, status) in [(ORDINARY, StatusCode::OK), (ORDINARY + 1, StatusCode::PAYLOAD_TOO_LARGE)] {
        let request = TestRequest::post().uri("/t/acme/oauth/token").set_payload(vec![b'a'; length]);
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), status, "{length}");
        let body = read_body(response).await;
        assert!(status == StatusCode::OK || body.starts_with(b"{\"error\":\"invalid_request\""), "{body:?}");
    }
}

#[actix_web::test]
async fn a_form_is_read_strictly_and_refused_with_a_page() {
    let app = app!();
    let post = |body: &'static str| {
        let request = TestRequest::post().uri("/t/acme/form");
        let request = request.insert_header(("content-type", "application/x-www-form-urlencoded"));
        call_service(&app, request.set_payload(body).to_request())
    };
    assert_eq!(read_body(post("a=x%20y").await).await, "x y");
    let refused = post("a=1&a=2").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert!(read_body(refused).await.starts_with(b"<!doctype html>"));
}
