//! `GET /t/{tenant}/orphans`: agents without a live owner.

use askama::Template;

use super::chrome::Chrome;
use super::row::OrphanRow;

/// The orphans, longest first.
#[derive(Debug, Template)]
#[template(path = "orphans.html")]
pub struct OrphansPage {
    /// The frame.
    pub chrome: Chrome,
    /// The orphans.
    pub orphans: Vec<OrphanRow>,
}
