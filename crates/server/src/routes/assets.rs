//! `GET /static/{version}/{name}`: the dashboard's own files.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};

use crate::assets;
use crate::dialect::Page;
use crate::refusal::Refusal;

/// A file of this build, for ever.
///
/// # Errors
/// `NotFound` for another build's version.
pub async fn show(path: web::Path<(String, String)>) -> Result<HttpResponse, Page> {
    let (version, name) = path.into_inner();
    let bytes = assets::find(&version, &name).ok_or(Page(Refusal::NotFound))?;
    Ok(HttpResponse::Ok()
        .content_type(assets::media_type(&name))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(bytes))
}
