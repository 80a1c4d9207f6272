//! What is remembered between the pages of a list: where the next one begins, and how many there are in all.
//!
//! Index paging would otherwise read everything before a page and count everything for each. A place is that of the
//! last resource of the page before, so that what comes or goes meanwhile moves nothing. Both are kept for a minute
//! at most, and only large counts; they are no more than what the database said then.

use std::collections::HashMap;

use deputy_mandate::Instant;
use deputy_scim::{Cursor, ListQuery};
use parking_lot::Mutex;

/// How long a place is good, in milliseconds.
const PLACE_LIFE: i64 = 60_000;
/// How long a count is good, in milliseconds.
const COUNT_LIFE: i64 = 10_000;
/// A smaller count is made anew each time.
const LARGE: u64 = 10_000;
/// Most entries; beyond them everything is forgotten.
const MOST: usize = 10_000;

/// A query of a tenant on one resource type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    tenant: String,
    kind: &'static str,
    filter: Option<String>,
    sort: Option<String>,
    descending: bool,
}

impl Asked {
    pub(super) fn new(tenant: &str, kind: &'static str, query: &ListQuery) -> Self {
        Self {
            tenant: tenant.to_owned(),
            kind,
            filter: query.filter.clone(),
            sort: query.sort_by.clone(),
            descending: query.descending,
        }
    }
}

/// Places and counts of the queries that were asked lately.
#[derive(Debug, Default)]
pub(crate) struct ScimPages {
    places: Mutex<HashMap<(Asked, u64), (Instant, Cursor)>>,
    counts: Mutex<HashMap<Asked, (Instant, u64)>>,
}

impl ScimPages {
    /// The place before the resource with this number, counted from 1.
    pub(super) fn place(&self, asked: &Asked, start: u64, now: Instant) -> Option<Cursor> {
        let places = self.places.lock();
        let (since, place) = places.get(&(asked.clone(), start))?;
        (now.0 - since.0 < PLACE_LIFE).then(|| place.clone())
    }

    /// Keeps the place before the resource with this number.
    pub(super) fn keep_place(&self, asked: &Asked, start: u64, place: Cursor, now: Instant) {
        let mut places = self.places.lock();
        if places.len() >= MOST {
            places.clear();
        }
        places.insert((asked.clone(), start), (now, place));
    }

    /// How many there were a moment ago.
    pub(super) fn count(&self, asked: &Asked, now: Instant) -> Option<u64> {
        let counts = self.counts.lock();
        let (since, count) = counts.get(asked)?;
        (now.0 - since.0 < COUNT_LIFE).then_some(*count)
    }

    /// Keeps a count, if it is large.
    pub(super) fn keep_count(&self, asked: &Asked, count: u64, now: Instant) {
        if count < LARGE {
            return;
        }
        let mut counts = self.counts.lock();
        if counts.len() >= MOST {
            counts.clear();
        }
        counts.insert(asked.clone(), (now, count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked::new("t", "User", &ListQuery::from_query("filter=active+eq+true").unwrap())
    }

    #[test]
    fn a_place_is_that_of_its_query_and_ends() {
        let (pages, place) = (ScimPages::default(), Cursor { key: None, id: "7".into() });
        pages.keep_place(&asked(), 101, place.clone(), Instant(0));
        assert_eq!(pages.place(&asked(), 101, Instant(PLACE_LIFE - 1)), Some(place));
        assert_eq!(pages.place(&asked(), 101, Instant(PLACE_LIFE)), None);
        assert_eq!(pages.place(&asked(), 100, Instant(0)), None);
        let other = Asked::new("u", "User", &ListQuery::from_query("filter=active+eq+true").unwrap());
        assert_eq!(pages.place(&other, 101, Instant(0)), None);
    }

    #[test]
    fn only_a_large_count_is_kept() {
        let pages = ScimPages::default();
        pages.keep_count(&asked(), LARGE - 1, Instant(0));
        assert_eq!(pages.count(&asked(), Instant(0)), None);
        pages.keep_count(&asked(), LARGE, Instant(0));
        assert_eq!(pages.count(&asked(), Instant(COUNT_LIFE - 1)), Some(LARGE));
        assert_eq!(pages.count(&asked(), Instant(COUNT_LIFE)), None);
    }
}
