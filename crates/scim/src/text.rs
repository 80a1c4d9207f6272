//! How text is compared, and how much of a client's text a message repeats.

/// The folded form in which values that are not `caseExact` are compared, stored for search and sorted.
///
/// The same function must fold what a database column holds, because `lower()` folds ASCII only on SQLite.
#[must_use]
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// A client's text as a message repeats it: short, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
