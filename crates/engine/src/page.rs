//! Lists: `{items, next_cursor}`, a page at a time by keyset.

use serde::Serialize;

use crate::Refusal;

/// Entries of a page when the request does not say.
const USUAL: u32 = 50;
/// Most entries of a page.
const MOST: u32 = 1_000;

/// One page of a list.
#[derive(Debug, Clone, Serialize)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Asks for the next page; `null` when this is the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page out of `limit` + 1 entries that were read: the extra one only says that there are more.
    pub fn cut(mut items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if more { items.last().map(cursor) } else { None };
        Self { items, next_cursor }
    }

    /// The same page with other entries.
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(into).collect(), next_cursor: self.next_cursor }
    }
}

/// Which page of a list.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    /// Most entries; 50 when absent, 1,000 at most.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl Paging {
    /// Most entries of the page.
    ///
    /// # Errors
    /// `Invalid` for none, or more than there may be.
    pub fn limit(&self) -> Result<u32, Refusal> {
        match self.limit {
            None => Ok(USUAL),
            Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
            Some(_) => Err(Refusal::invalid("limit", format!("use a number from 1 to {MOST}"))),
        }
    }

    /// The cursor of a list that is in the order of the log.
    ///
    /// # Errors
    /// `Invalid` for a cursor that no such list gave out.
    pub fn position(&self) -> Result<Option<i64>, Refusal> {
        let wrong = |_| Refusal::invalid("cursor", "is not one that this list gave out");
        self.cursor.as_deref().map(str::parse::<i64>).transpose().map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, Paging};

    #[test]
    fn the_extra_entry_only_says_that_there_is_more() {
        let page = Page::cut(vec![1, 2, 3], 2, ToString::to_string);
        assert_eq!((page.items, page.next_cursor.as_deref()), (vec![1, 2], Some("2")));
        assert_eq!(Page::cut(vec![1, 2], 2, ToString::to_string).next_cursor, None);
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        let paging = |limit, cursor: Option<&str>| Paging { limit, cursor: cursor.map(str::to_owned) };
        assert!(paging(Some(0), None).limit().is_err() && paging(Some(1_001), None).limit().is_err());
        assert_eq!(paging(None, Some("7")).position(), Ok(Some(7)));
        assert!(paging(None, Some("x")).position().is_err());
    }
}
