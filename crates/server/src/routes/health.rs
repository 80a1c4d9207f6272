//! `GET /healthz`: the process answers. `GET /readyz`: it can do its work, so send it requests.

use actix_web::{HttpResponse, web};
use deputy_engine::Engine;

use crate::dialect::Problem;
use crate::http::drain::Drain;
use crate::refusal::Refusal;

/// Says `ok`.
#[utoipa::path(get, path = "/healthz", tag = "installation", responses((status = 200, description = "The process answers")))]
pub async fn alive() -> HttpResponse {
    ok()
}

/// Says `ok` while the database answers and the server does not drain.
///
/// # Errors
/// `Unavailable`.
#[utoipa::path(get, path = "/readyz", tag = "installation", responses((status = 200, description = "It can do its work"), (status = 503, description = "The database does not answer, or the server drains")))]
pub async fn ready(engine: web::Data<Engine>, drain: web::Data<Drain>) -> Result<HttpResponse, Problem> {
    let not_ready = Refusal::Unavailable { retry_after_secs: 5 };
    if drain.has_begun() {
        return Err(not_ready.into());
    }
    // Any small read; the name is that of a value which every opened database has.
    match engine.database().value("master_key_check").await {
        Ok(_) => Ok(ok()),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            Err(not_ready.into())
        }
    }
}

fn ok() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}
