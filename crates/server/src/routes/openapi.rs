//! `GET /openapi.json`: the description that each route adds itself to.

use actix_web::HttpResponse;
use utoipa::OpenApi;

use super::health;

/// The document. A new route is one more entry of `paths`.
#[derive(Debug, OpenApi)]
#[openapi(
    info(title = "Deputy", description = "Identity, owners and mandates for AI agents."),
    paths(health::alive),
    tags((name = "installation", description = "The installation as a whole"))
)]
pub struct Document;

/// The document as JSON.
pub async fn show() -> HttpResponse {
    match Document::openapi().to_json() {
        Ok(json) => HttpResponse::Ok().content_type("application/json").body(json),
        Err(error) => {
            tracing::error!(%error, "the API description could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
