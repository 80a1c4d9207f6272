//! `GET /t/{tenant}/events`: the newest events, and new ones as they happen.

use askama::Template;

use super::chrome::Chrome;
use super::row::EventRow;
use super::when::When;

/// The events.
#[derive(Debug, Template)]
#[template(path = "events.html")]
pub struct EventsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What agent, actor or action contain.
    pub query: String,
    /// Newest first.
    pub events: Vec<EventRow>,
    /// The newest number that this page knows of, shown or not: the stream goes on after it.
    pub last: u64,
    /// When the page was made.
    pub as_of: When,
    /// The stream's path; an older page has none.
    pub stream: Option<String>,
    /// The page before this one in time.
    pub older: Option<String>,
}

impl EventsPage {
    fn shown(&self) -> String {
        match self.events.len() {
            0 => String::new(),
            1 => "1 event".to_owned(),
            count if self.stream.is_some() => format!("The newest {count} events"),
            count => format!("{count} older events"),
        }
    }
}
