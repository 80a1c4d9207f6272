//! `/t/{tenant}/api/v1/events`: the event log, as pages, as an export, and as it grows.

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use deputy_engine::{EventExport, EventQuery, EventTail};
use futures_util::stream::{self, Stream, StreamExt as _};
use utoipa::OpenApi;

use super::ok;
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::drain::Drain;
use crate::http::methods::resource;
use crate::http::query::Query;
use crate::http::sse::{self, Sent};

/// The media type of an export.
const NDJSON: &str = "application/x-ndjson";

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    let get = [Method::GET];
    config
        .service(resource("/t/{tenant}/api/v1/events", &get).route(web::get().to(list)))
        .service(resource("/t/{tenant}/api/v1/events/stream", &get).route(web::get().to(follow)));
}

/// What the API says of itself.
#[derive(Debug, OpenApi)]
#[openapi(paths(list, follow))]
pub struct Description;

/// A page of events, or with `Accept: application/x-ndjson` all that match, one a line.
///
/// # Errors
/// 400 for a filter that cannot be; 403 for a role that may not read.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/events", tag = "events", params(("tenant" = String, Path), ("agent" = Option<String>, Query), ("subject" = Option<String>, Query), ("credential" = Option<String>, Query), ("action" = Option<String>, Query), ("from" = Option<String>, Query), ("to" = Option<String>, Query), ("after" = Option<i64>, Query), ("order" = Option<String>, Query, description = "`oldest` or `newest`"), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items, next_cursor}`, or NDJSON")))]
pub async fn list(api: Api, request: HttpRequest, query: Query<EventQuery>) -> Result<HttpResponse, Problem> {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accept.split(',').any(|kind| kind.split(';').next().unwrap_or_default().trim() == NDJSON) {
        return Ok(ok(&api.engine.events(&api.view, &api.caller, &query.0).await?));
    }
    let export = api.engine.export_events(&api.view, &api.caller, &query.0).await?;
    let answer = HttpResponse::Ok()
        .content_type(NDJSON)
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(lines(export));
    Ok(answer)
}

/// An export page by page. A failure breaks the answer off, so that half of it is not taken for all.
fn lines(export: EventExport) -> impl Stream<Item = Result<Bytes, Problem>> {
    stream::try_unfold(export, |mut export| async move {
        let lines = export.next_lines().await?;
        Ok(lines.map(|lines| (Bytes::from(lines), export)))
    })
}

/// Events as they happen, after `Last-Event-ID` or `after` (server-sent events).
///
/// # Errors
/// 400 for a filter that cannot be; 403 for a role that may not read.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/events/stream", tag = "events", params(("tenant" = String, Path), ("after" = Option<i64>, Query), ("agent" = Option<String>, Query), ("action" = Option<String>, Query)), responses((status = 200, description = "`text/event-stream`; `id` is the position, `data` the event")))]
pub async fn follow(
    api: Api,
    request: HttpRequest,
    query: Query<EventQuery>,
    drain: web::Data<Drain>,
) -> Result<HttpResponse, Problem> {
    let last_seen = sse::last_event_id(request.headers());
    let tail = api.engine.follow_events(&api.view, &api.caller, &query.0, last_seen).await?;
    Ok(sse::respond(sent(tail), drain.get_ref().clone()))
}

fn sent(tail: EventTail) -> impl Stream<Item = Sent> {
    let pages = stream::unfold(tail, |mut tail| async move {
        let events = tail.next_events().await?;
        Some((stream::iter(events), tail))
    });
    pages.flatten().map(|event| Sent { id: u64::try_from(event.seq).ok(), event: None, data: event.json })
}
