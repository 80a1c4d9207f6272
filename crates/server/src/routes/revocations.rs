//! `/t/{tenant}/revocations`: the feed by which verifiers know what is dead.

use actix_web::http::Method;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use deputy_engine::{Feed, FeedMessage, FeedTail};
use futures_util::stream::{self, Stream};
use serde::Deserialize;

use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::drain::Drain;
use crate::http::methods::resource;
use crate::http::query::Query;
use crate::http::sse::{self, Sent};

/// The routes of this file.
pub fn configure(config: &mut ServiceConfig) {
    let get = [Method::GET];
    config
        .service(resource("/t/{tenant}/revocations", &get).route(web::get().to(show)))
        .service(resource("/t/{tenant}/revocations/stream", &get).route(web::get().to(follow)));
}

/// From where on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// The position up to which the verifier knows everything; 0 asks for the whole live set.
    #[serde(default)]
    after: i64,
}

/// What a verifier does not know yet.
///
/// # Errors
/// 403 for a role that may not.
#[utoipa::path(get, path = "/t/{tenant}/revocations", tag = "revocations", params(("tenant" = String, Path), ("after" = Option<i64>, Query)), responses((status = 200, description = "`{entries: [{seq, target, kept_until?}], head_seq, as_of, halt}`")))]
pub async fn show(api: Api, query: Query<After>) -> Result<HttpResponse, Problem> {
    let feed = api.engine.revocation_feed(&api.view, &api.caller, query.0.after).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(feed))
}

/// The same as it grows, with a heartbeat every 5 s (server-sent events).
///
/// # Errors
/// 403 for a role that may not.
#[utoipa::path(get, path = "/t/{tenant}/revocations/stream", tag = "revocations", params(("tenant" = String, Path), ("after" = Option<i64>, Query)), responses((status = 200, description = "`text/event-stream`: `revocations` and `heartbeat`, each with a feed as `data` and its `head_seq` as `id`")))]
pub async fn follow(
    api: Api,
    request: HttpRequest,
    query: Query<After>,
    drain: web::Data<Drain>,
) -> Result<HttpResponse, Problem> {
    let after = sse::last_event_id(request.headers()).unwrap_or(query.0.after);
    let tail = api.engine.follow_revocations(&api.view, &api.caller, after)?;
    Ok(sse::respond(sent(tail), drain.get_ref().clone()))
}

fn sent(tail: FeedTail) -> impl Stream<Item = Sent> {
    stream::unfold(tail, |mut tail| async move {
        let message = tail.next_message().await?;
        let sent = match &message {
            FeedMessage::News(feed) => told("revocations", feed),
            FeedMessage::Heartbeat(feed) => told("heartbeat", feed),
        };
        Some((sent, tail))
    })
}

fn told(event: &'static str, feed: &Feed) -> Sent {
    let data = serde_json::to_string(feed).unwrap_or_default();
    Sent { id: u64::try_from(feed.head_seq).ok(), event: Some(event), data }
}
