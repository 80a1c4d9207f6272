//! `POST /t/{tenant}/access/v1/evaluations` (AuthZEN Authorization API 1.0 §7).

use actix_web::{HttpRequest, HttpResponse};

use super::json;
use crate::dialect::Problem;
use crate::http::asking::Asking;
use crate::http::body::Body;

/// Decides up to 100 evaluations, each with what it lacks from the call itself.
///
/// # Errors
/// Of the call as a whole; an evaluation that cannot be decided is denied in its place.
#[utoipa::path(post, path = "/t/{tenant}/access/v1/evaluations", tag = "decisions", params(("tenant" = String, Path)), responses((status = 200, description = "`evaluations`, in order"), (status = 400, description = "Not a call of evaluations")))]
pub async fn decide(asking: Asking, request: HttpRequest, body: Body) -> Result<HttpResponse, Problem> {
    let text = json(&request, &body.0)?;
    let answer = asking.engine.evaluate_several(&asking.view, &asking.caller, text).await?;
    Ok(HttpResponse::Ok().json(answer))
}
