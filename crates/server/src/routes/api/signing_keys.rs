//! `/t/{tenant}/api/v1/signing-keys`: the keys that sign tokens.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};
use deputy_engine::{Page, ShownSigningKey};
use utoipa::OpenApi;

use super::ok;
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::methods::resource;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/t/{tenant}/api/v1/signing-keys", &[Method::GET]).route(web::get().to(list)))
        .service(
            resource("/t/{tenant}/api/v1/signing-keys/rotate", &[Method::POST]).route(web::post().to(rotate)),
        )
        .service(
            resource("/t/{tenant}/api/v1/signing-keys/{id}/compromise", &[Method::POST])
                .route(web::post().to(compromise)),
        );
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(list, rotate, compromise))]
pub struct Description;

fn all(items: Vec<ShownSigningKey>) -> HttpResponse {
    ok(&Page { items, next_cursor: None })
}

/// Lists every signing key that there ever was, without private parts.
///
/// # Errors
/// `forbidden` unless admin or auditor.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/signing-keys", tag = "signing-keys", params(("tenant" = String, Path)), responses((status = 200, description = "`{items, next_cursor}`")))]
pub async fn list(api: Api) -> Result<HttpResponse, Problem> {
    Ok(all(api.engine.signing_keys(&api.view, &api.caller)?))
}

/// Makes the next key current; the current one retires and stays published while its tokens live.
///
/// # Errors
/// `forbidden` unless admin.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/signing-keys/rotate", tag = "signing-keys", params(("tenant" = String, Path)), responses((status = 200, description = "The keys as they are now")))]
pub async fn rotate(api: Api) -> Result<HttpResponse, Problem> {
    Ok(all(api.engine.rotate_signing_keys(&api.view, &api.caller).await?))
}

/// Withdraws a key at once: nothing that it signed is accepted any more.
///
/// # Errors
/// `not-found`.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/signing-keys/{id}/compromise", tag = "signing-keys", params(("tenant" = String, Path), ("id" = String, Path, description = "the `kid`")), responses((status = 200, description = "The keys as they are now"), (status = 404, description = "No such key")))]
pub async fn compromise(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(all(api.engine.compromise_signing_key(&api.view, &api.caller, &path.1).await?))
}
