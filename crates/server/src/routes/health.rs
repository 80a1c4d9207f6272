//! `GET /healthz`: the process answers. Whether it can do its work is `/readyz`.

use actix_web::HttpResponse;

/// Says `ok`.
#[utoipa::path(get, path = "/healthz", tag = "installation", responses((status = 200, description = "The process answers")))]
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}
