//! `POST /t/{tenant}/access/v1/evaluation` (AuthZEN Authorization API 1.0 §6).

use actix_web::{HttpRequest, HttpResponse};

use super::json;
use crate::dialect::Problem;
use crate::http::asking::Asking;
use crate::http::body::Body;

/// Decides whether the holder of a token may call a tool, use a scope, or both; a denial is 200, with its reasons.
///
/// # Errors
/// Of the call itself, never of the decision.
#[utoipa::path(post, path = "/t/{tenant}/access/v1/evaluation", tag = "decisions", params(("tenant" = String, Path)), responses((status = 200, description = "`decision`, and why not"), (status = 400, description = "Not an evaluation"), (status = 403, description = "Not this key's audience")))]
pub async fn decide(asking: Asking, request: HttpRequest, body: Body) -> Result<HttpResponse, Problem> {
    let text = json(&request, &body.0)?;
    let answer = asking.engine.evaluate(&asking.view, &asking.caller, text).await?;
    Ok(HttpResponse::Ok().json(answer))
}
