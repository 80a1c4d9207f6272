//! `GET /t/{tenant}/connect`: connecting an identity provider over SCIM.

use askama::Template;

use super::chrome::Chrome;
use super::row::{Badge, Choice, choices};
use super::when::When;

/// A key of an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id.
    pub id: String,
    /// The part of it that may be shown.
    pub prefix: String,
    /// How it is doing.
    pub state: Badge,
    /// When it was made.
    pub made: When,
    /// When it ends by itself.
    pub ends: Option<When>,
    /// When a request of it last succeeded.
    pub synced: Option<When>,
    /// When a request of it was last refused.
    pub failed: Option<When>,
    /// What that request was told; may be empty.
    pub failure: String,
}

/// How to connect, and how it goes.
#[derive(Debug, Template)]
#[template(path = "connect.html")]
pub struct ConnectPage {
    /// The frame.
    pub chrome: Chrome,
    /// The base URL of the tenant's SCIM service.
    pub base: String,
    /// The keys, the newest first.
    pub keys: Vec<KeyRow>,
    /// Whether there is room for another live key.
    pub may_make: bool,
    /// How long a new key may live; see [`lives`].
    pub lives: Vec<Choice>,
    /// The key that was just made: it is on this page alone.
    pub made: Option<String>,
    /// What was wrong with the last attempt.
    pub problem: Option<String>,
}

/// How long a new key may live, as the form sends it.
#[must_use]
pub fn lives() -> Vec<Choice> {
    let of = [("365d", "In one year", ""), ("90d", "In 90 days", ""), ("", "Only when somebody ends it", "")];
    choices(&of, "365d")
}
