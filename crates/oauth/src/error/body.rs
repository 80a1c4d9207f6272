//! The JSON of an error (RFC 6749 section 5.2).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Longest description that is sent, in characters.
const MAX_DESCRIPTION: usize = 1000;

/// What an OAuth error looks like on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The code.
    pub error: Cow<'static, str>,
    /// One sentence for the client's developer.
    pub error_description: String,
}

/// Brings a text into `%x20-21 / %x23-5B / %x5D-7E`, and to a bounded length.
pub(super) fn printable(text: &str) -> String {
    let allowed = |character: char| match character {
        '"' => '\'',
        '\\' => '/',
        ' '..='~' => character,
        _ => '?',
    };
    let mut printable: String = text.chars().take(MAX_DESCRIPTION).map(allowed).collect();
    if text.chars().nth(MAX_DESCRIPTION).is_some() {
        printable.push_str("...");
    }
    printable
}
