//! `/t/{tenant}/api/v1/agents/{id}/credentials`: what an agent authenticates with.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};
use deputy_mandate::Value;
use utoipa::OpenApi;

use super::{created_once, ok};
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::json::Json;
use crate::http::methods::resource;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    let of_agent = "/t/{tenant}/api/v1/agents/{id}/credentials";
    config
        .service(
            resource(of_agent, &[Method::GET, Method::POST])
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            resource(&format!("{of_agent}/{{credential}}"), &[Method::DELETE])
                .route(web::delete().to(delete)),
        )
        .service(
            resource(&format!("{of_agent}/{{credential}}/rotate"), &[Method::POST])
                .route(web::post().to(rotate)),
        );
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(list, create, delete, rotate))]
pub struct Description;

/// Lists an agent's credentials, never a secret.
///
/// # Errors
/// `not-found`.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/agents/{id}/credentials", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The credentials")))]
pub async fn list(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.credentials(&api.view, &api.caller, &path.1)?))
}

/// Makes a credential; a secret is shown this once.
///
/// # Errors
/// `invalid`, naming the member.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/agents/{id}/credentials", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 201, description = "The credential, with its secret if it is one")))]
pub async fn create(
    api: Api,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    Ok(created_once(&api.engine.create_credential(&api.view, &api.caller, &path.1, &body.value).await?))
}

/// Deletes a credential.
///
/// # Errors
/// `not-found`.
#[utoipa::path(delete, path = "/t/{tenant}/api/v1/agents/{id}/credentials/{credential}", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path), ("credential" = String, Path)), responses((status = 204, description = "It opens nothing any more")))]
pub async fn delete(api: Api, path: Path<(String, String, String)>) -> Result<HttpResponse, Problem> {
    api.engine.delete_credential(&api.view, &api.caller, &path.1, &path.2).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Makes a secret in the place of another, which keeps working for a day.
///
/// # Errors
/// `not-found`; `invalid` for a key.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/agents/{id}/credentials/{credential}/rotate", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path), ("credential" = String, Path)), responses((status = 201, description = "The new secret")))]
pub async fn rotate(api: Api, path: Path<(String, String, String)>) -> Result<HttpResponse, Problem> {
    Ok(created_once(&api.engine.rotate_credential(&api.view, &api.caller, &path.1, &path.2).await?))
}
