//! `/t/{tenant}/events`, `/t/{tenant}/events/stream`: what happened, and what happens.

use actix_web::{HttpRequest, HttpResponse, web};
use deputy_engine::{EventQuery, EventTail};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Deserialize;

use super::rows;
use super::signed::Signed;
use crate::dialect::Page;
use crate::http::drain::Drain;
use crate::http::query::Query;
use crate::http::sse::{self, Sent};
use crate::pages::chrome::Section;
use crate::pages::events::EventsPage;
use crate::pages::respond;
use crate::pages::when::When;

/// Events on a page.
const PAGE: usize = 50;

/// What the filter form sends, and where an older page begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    #[serde(default)]
    q: String,
    before: Option<i64>,
}

/// Where the stream begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamQuery {
    after: Option<i64>,
}

/// The newest events, or older ones.
///
/// # Errors
/// `Unavailable` when the database is.
pub async fn show(signed: Signed, query: Query<EventsQuery, Page>) -> Result<HttpResponse, Page> {
    let EventsQuery { q, before } = query.0;
    let (engine, view, now) = (&signed.engine, &signed.view, signed.now());
    // Before the events are read: the stream goes on after it, and nothing falls between.
    let known = view.applied();
    let found = engine.recent_events(view, &signed.caller, q.trim(), before, PAGE).await?;
    let last = found.items.first().filter(|_| before.is_none()).map_or(known, |event| event.seq.max(known));
    respond(&EventsPage {
        chrome: signed.chrome(Section::Events, None).await?,
        events: found.items.into_iter().map(|event| rows::event(event, now)).collect(),
        last: u64::try_from(last).unwrap_or_default(),
        as_of: When::of(now, now),
        stream: before.is_none().then(|| signed.at(&format!("events/stream?after={last}"))),
        older: found.before.map(|before| older(&signed, q.trim(), before)),
        query: q,
    })
}

fn older(signed: &Signed, wanted: &str, before: i64) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    if !wanted.is_empty() {
        text.append_pair("q", wanted);
    }
    signed.at(&format!("events?{}", text.append_pair("before", &before.to_string()).finish()))
}

/// Events as they happen (server-sent events), as people read them.
///
/// # Errors
/// `Unauthenticated` without a session.
pub async fn follow(
    signed: Signed,
    request: HttpRequest,
    query: Query<StreamQuery, Page>,
    drain: web::Data<Drain>,
) -> Result<HttpResponse, Page> {
    let from = EventQuery { after: query.0.after, ..EventQuery::default() };
    let last_seen = sse::last_event_id(request.headers());
    let tail = signed.engine.follow_events(&signed.view, &signed.caller, &from, last_seen).await?;
    Ok(sse::respond(sent(signed, tail), drain.get_ref().clone()))
}

/// Ends with the session: whoever signs out, or whose key ends, sees nothing that comes later.
fn sent(signed: Signed, tail: EventTail) -> impl Stream<Item = Sent> {
    let pages = stream::unfold((signed, tail), |(signed, mut tail)| async move {
        let events = tail.next_events().await?;
        signed.engine.session(&signed.view, signed.secret.secret(), None).await.ok()?;
        let readable = |json: &str| signed.engine.readable_event(&signed.view, json);
        let told: Vec<Sent> = events
            .iter()
            .filter_map(|event| {
                let data = serde_json::to_string(&readable(&event.json)?).ok()?;
                Some(Sent { id: u64::try_from(event.seq).ok(), event: None, data })
            })
            .collect();
        Some((stream::iter(told), (signed, tail)))
    });
    pages.flatten()
}
