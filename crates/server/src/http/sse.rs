//! Server-sent events (WHATWG HTML §9.2).
//!
//! Invariant: a silent stream still says every 5 s that it lives, and every stream ends when the server drains.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use tokio::time::{Instant, sleep_until};

use super::drain::Drain;

/// The longest silence of a stream.
pub const HEARTBEAT: Duration = Duration::from_secs(5);

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// `id`, which a client sends back as `Last-Event-ID`.
    pub id: Option<u64>,
    /// `event`; absent means `message`.
    pub event: Option<&'static str>,
    /// `data`, usually one line of JSON.
    pub data: String,
}

impl Sent {
    fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.data.len() + 48);
        if let Some(id) = self.id {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "id: {id}");
        }
        if let Some(event) = self.event {
            let _ = writeln!(text, "event: {event}");
        }
        for line in self.data.lines() {
            let _ = writeln!(text, "data: {line}");
        }
        text.push('\n');
        text
    }
}

/// The position that a client has seen, by its `Last-Event-ID`.
#[must_use]
pub fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.trim().parse().ok().filter(|seq| *seq >= 0)
}

/// Answers with a stream. It ends with the source, with the drain, or when the client goes.
#[must_use]
pub fn respond(source: impl Stream<Item = Sent> + 'static, drain: Drain) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // Proxies such as nginx would otherwise hold the stream back.
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(framed(source, drain).map(Ok::<_, Infallible>))
}

fn framed(source: impl Stream<Item = Sent> + 'static, drain: Drain) -> impl Stream<Item = Bytes> {
    let opening = stream::once(async { Bytes::from_static(b"retry: 2000\n\n") });
    let events = stream::unfold((Box::pin(source), drain), |(mut source, drain)| async move {
        let bytes = tokio::select! {
            biased;
            () = drain.begun() => return None,
            sent = source.next() => Bytes::from(sent?.to_text()),
            () = sleep_until(Instant::now() + HEARTBEAT) => Bytes::from_static(b": alive\n\n"),
        };
        Some((bytes, (source, drain)))
    });
    opening.chain(events)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::StreamExt as _;
    use futures_util::stream;

    use super::{Sent, framed};
    use crate::http::drain::Drain;

    #[test]
    fn an_event_is_framed_line_by_line() {
        let sent = Sent { id: Some(7), event: Some("revoked"), data: "{\"a\":1}\nsecond".into() };
        assert_eq!(sent.to_text(), "id: 7\nevent: revoked\ndata: {\"a\":1}\ndata: second\n\n");
    }

    #[tokio::test]
    async fn a_stream_ends_when_the_server_drains() {
        let drain = Drain::default();
        let mut framed = Box::pin(framed(stream::pending(), drain.clone()));
        assert!(framed.next().await.is_some(), "the opening");
        drain.begin();
        let end = tokio::time::timeout(Duration::from_secs(2), framed.next()).await;
        assert_eq!(end, Ok(None));
    }
}
