//! `GET /t/{tenant}/`: counts, orphans, recent events.

use askama::Template;

use super::chrome::Chrome;
use super::row::{EventRow, OrphanRow, Tone};

/// A number worth seeing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What it counts.
    pub label: &'static str,
    /// The number, or a word.
    pub value: String,
    /// What to know about it; may be empty.
    pub note: String,
    /// Whether it is a reason to act.
    pub tone: Tone,
    /// Where the things are listed.
    pub href: Option<String>,
}

/// The overview.
#[derive(Debug, Template)]
#[template(path = "overview.html")]
pub struct OverviewPage {
    /// The frame.
    pub chrome: Chrome,
    /// The numbers.
    pub figures: Vec<Figure>,
    /// The first few orphans.
    pub orphans: Vec<OrphanRow>,
    /// The newest events, newest first.
    pub events: Vec<EventRow>,
}
