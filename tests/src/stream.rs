//! A client of server-sent events that waits for what it expects, but not for ever.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::Api;

/// The longest wait for one message.
const PATIENCE: Duration = Duration::from_secs(15);

/// One message of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// `id`.
    pub id: Option<i64>,
    /// `event`; `message` when it says none.
    pub event: String,
    /// `data` as JSON.
    pub data: Value,
}

/// An open stream.
#[derive(Debug)]
pub struct EventStream {
    response: Response,
    text: String,
}

impl EventStream {
    /// Opens a stream; `last_seen` becomes `Last-Event-ID`.
    ///
    /// # Panics
    /// When the answer is not a stream.
    pub async fn open(api: &Api, path: &str, last_seen: Option<i64>) -> Self {
        let mut request = api.request(Method::GET, path);
        if let Some(seq) = last_seen {
            request = request.header("last-event-id", seq.to_string());
        }
        Self::of(request).await
    }

    /// Opens the stream that a request asks for.
    ///
    /// # Panics
    /// When the answer is not a stream.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.timeout(Duration::from_secs(600)).send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200, "{}", response.url());
        let kind = response.headers()["content-type"].to_str().expect("text").to_owned();
        assert!(kind.starts_with("text/event-stream"), "{}: {kind}", response.url());
        Self { response, text: String::new() }
    }

    /// The next message, or `None` when the stream has ended.
    ///
    /// # Panics
    /// When neither comes in time.
    pub async fn next(&mut self) -> Option<Message> {
        let next = async {
            loop {
                if let Some(end) = self.text.find("\n\n") {
                    let block: String = self.text.drain(..end + 2).collect();
                    if let Some(message) = message(&block) {
                        return Some(message);
                    }
                    continue;
                }
                match self.response.chunk().await {
                    Ok(Some(bytes)) => self.text.push_str(&String::from_utf8_lossy(&bytes)),
                    Ok(None) | Err(_) => return None,
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("a message in time")
    }

    /// The next message of this kind; others are passed over.
    ///
    /// # Panics
    /// When the stream ends before.
    pub async fn next_of(&mut self, event: &str) -> Message {
        loop {
            let message = self.next().await.unwrap_or_else(|| panic!("the stream ended before `{event}`"));
            if message.event == event {
                return message;
            }
        }
    }
}

/// A block with data in it; comments and `retry` are no message.
fn message(block: &str) -> Option<Message> {
    let mut found = Message { id: None, event: "message".to_owned(), data: Value::Null };
    let mut data = String::new();
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("id", id)) => found.id = id.parse().ok(),
            Some(("event", event)) => event.clone_into(&mut found.event),
            Some(("data", text)) => data.push_str(text),
            _ => {}
        }
    }
    found.data = serde_json::from_str(&data).ok()?;
    Some(found)
}
