//! Pages of what memory holds, by keyset of ids: ids grow with time, so the order is that of making.

use crate::{
    Refusal,
    page::{Page, Paging},
};

/// The page of `items` (id and item) that was asked for.
pub(crate) fn page<'s, T>(
    items: impl Iterator<Item = (&'s str, T)>,
    paging: &Paging,
) -> Result<Page<T>, Refusal> {
    let limit = paging.limit()?;
    let after = paging.cursor.as_deref().unwrap_or_default();
    let mut rest: Vec<(&str, T)> = items.filter(|(id, _)| *id > after).collect();
    rest.sort_unstable_by_key(|(id, _)| *id);
    Ok(Page::cut(rest, limit, |(id, _)| (*id).to_owned()).map(|(_, item)| item))
}
