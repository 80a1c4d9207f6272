//! `GET /.well-known/authzen-configuration/t/{tenant}` (AuthZEN Authorization API 1.0 §9).

use actix_web::HttpResponse;
use deputy_engine::DecisionPointMetadata;

use crate::dialect::Problem;
use crate::http::api::Tenant;

/// Where this tenant's decisions are asked for.
///
/// # Errors
/// `NotFound` for an unknown tenant.
#[utoipa::path(get, path = "/.well-known/authzen-configuration/t/{tenant}", tag = "decisions", params(("tenant" = String, Path)), responses((status = 200, description = "The decision point's metadata")))]
pub async fn show(tenant: Tenant) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(DecisionPointMetadata::of(&tenant.view)))
}
