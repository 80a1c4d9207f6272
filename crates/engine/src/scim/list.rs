//! Lists and searches: filters become SQL for people and groups, and are evaluated over the agents in memory.
//!
//! A page is read from a place on, whichever paging asks for it, so that the last costs what the first does.

use deputy_scim::{
    AGENT, Cursor, Filter, ListQuery, ListResponse, Paging, Projection, Resource, ResourceType, Sort, USER,
    sql::{Columns, Dialect, SqlCondition, SqlOrder, compile, compile_order},
};
use deputy_store::Page;
use serde_json::Value;

use super::{CURSOR_SECONDS, DEFAULT_PAGE, MOST_PAGE, pages::Asked, require_provisioner};
use crate::{Caller, Engine, Refusal, view::TenantView};

/// One part of a list: what is asked of one resource type.
pub(super) struct Part<'q> {
    pub(super) kind: &'static ResourceType,
    pub(super) filter: Option<Filter>,
    pub(super) sort: Option<Sort>,
    pub(super) projection: Projection,
    pub(super) query: &'q ListQuery,
    asked: Asked,
}

/// Resources of one type in their order, from a place on.
pub(super) struct Slice {
    /// They, complete but for what nobody asks for.
    pub(super) resources: Vec<Resource>,
    /// How many match in all, where that is known without counting.
    pub(super) total: Option<u64>,
}

/// Where a slice begins, and its length.
#[derive(Clone, Copy)]
pub(super) struct From<'c> {
    pub(super) after: Option<&'c Cursor>,
    pub(super) skip: u64,
    pub(super) limit: usize,
}

impl Engine {
    /// A page of resources of one type, or of several for a search at the root, one type after the other.
    ///
    /// # Errors
    /// `Forbidden` for a key that is not for SCIM; `Scim` for a query that cannot be answered.
    pub async fn scim_list(
        &self,
        view: &TenantView,
        caller: &Caller,
        kinds: &[&'static ResourceType],
        query: &ListQuery,
    ) -> Result<ListResponse, Refusal> {
        require_provisioner(caller)?;
        let parts = parts(view, kinds, query)?;
        let limit = query.page_size(DEFAULT_PAGE, MOST_PAGE);
        match &query.paging {
            Paging::Index(start) => self.by_index(view, &parts, *start, limit).await,
            Paging::Cursor(cursor) => self.by_cursor(view, &parts, cursor.as_deref(), limit).await,
        }
    }

    async fn by_index(
        &self,
        view: &TenantView,
        parts: &[Part<'_>],
        start: u64,
        limit: usize,
    ) -> Result<ListResponse, Refusal> {
        let now = self.inner.sources.now();
        let (mut resources, mut total, mut skip) = (Vec::new(), 0_u64, start.saturating_sub(1));
        for part in parts {
            let room = limit.saturating_sub(resources.len());
            let place = self.inner.scim_pages.place(&part.asked, skip.saturating_add(1), now);
            let from =
                From { after: place.as_ref(), skip: if place.is_some() { 0 } else { skip }, limit: room };
            let slice = match room {
                0 => Slice { resources: Vec::new(), total: None },
                _ => self.slice(view, part, from).await?,
            };
            let found = u64::try_from(slice.resources.len()).unwrap_or(u64::MAX);
            let is_last = room > 0 && slice.resources.len() < room && (found > 0 || skip == 0);
            let of_part = match slice.total {
                Some(total) => total,
                None if is_last => skip + found,
                None => self.total(view, part).await?,
            };
            if let Some(last) = slice.resources.last().filter(|_| !is_last) {
                let next = skip.saturating_add(found).saturating_add(1);
                self.inner.scim_pages.keep_place(&part.asked, next, place_of(part, last), now);
            }
            resources.extend(slice.resources.iter().map(|resource| part.projection.apply(resource)));
            total = total.saturating_add(of_part);
            skip = skip.saturating_sub(of_part);
        }
        Ok(ListResponse { total: Some(total), start_index: Some(start), next_cursor: None, resources })
    }

    /// A cursor's id begins with the resource type, so that a search across types finds its place again.
    async fn by_cursor(
        &self,
        view: &TenantView,
        parts: &[Part<'_>],
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<ListResponse, Refusal> {
        let Some(first) = parts.first() else { return Ok(ListResponse::default()) };
        let seconds = self.inner.sources.now().0 / 1_000;
        let query = first.query;
        let decoded = cursor.map(|text| Cursor::decode(text, query, seconds, CURSOR_SECONDS)).transpose();
        let mut after = decoded.map_err(Refusal::scim)?.map(|cursor| split(parts, cursor)).transpose()?;
        let begin = after.as_ref().map_or(0, |(part, _)| *part);
        let mut resources: Vec<Value> = Vec::new();
        let mut next_cursor = None;
        for (at, part) in parts.iter().enumerate().skip(begin) {
            let room = limit.saturating_sub(resources.len());
            let place = after.take().map(|(_, place)| place);
            // One more says whether there is a next page.
            let from = From { after: place.as_ref(), skip: 0, limit: room.saturating_add(1) };
            let mut found = self.slice(view, part, from).await?.resources;
            let more = found.len() > room;
            found.truncate(room);
            resources.extend(found.iter().map(|resource| part.projection.apply(resource)));
            let is_full = resources.len() == limit;
            if more || (is_full && at + 1 < parts.len()) {
                let place = found.last().map(|last| place_of(part, last)).or(place);
                let place = place.unwrap_or(Cursor { key: None, id: String::new() });
                let id = format!("{}/{}", part.kind.name, place.id);
                next_cursor = Some(Cursor { id, ..place }.encode(query, seconds));
                break;
            }
        }
        Ok(ListResponse { total: None, start_index: None, next_cursor, resources })
    }

    async fn slice(&self, view: &TenantView, part: &Part<'_>, from: From<'_>) -> Result<Slice, Refusal> {
        if *part.kind == AGENT {
            return self.agents_slice(view, part, from).await;
        }
        let read = self.inner.database.tenant(&view.id);
        let dialect = read.dialect();
        let base = self.scim_base(view);
        let resources = if *part.kind == USER {
            let (condition, order) = sql(part, &read.user_columns(), "u.id", dialect)?;
            let people = read.people_page(&page(&condition, &order, from)).await?;
            self.show_people(&read, &people, &part.projection, &base).await?
        } else {
            let (condition, order) = sql(part, &read.group_columns(), "g.id", dialect)?;
            let teams = read.teams_page(&page(&condition, &order, from)).await?;
            self.show_teams(view, &read, &teams, &part.projection, &base).await?
        };
        Ok(Slice { resources, total: None })
    }

    async fn total(&self, view: &TenantView, part: &Part<'_>) -> Result<u64, Refusal> {
        let now = self.inner.sources.now();
        if let Some(total) = self.inner.scim_pages.count(&part.asked, now) {
            return Ok(total);
        }
        if *part.kind == AGENT {
            let none = From { after: None, skip: 0, limit: 0 };
            return Ok(self.agents_slice(view, part, none).await?.total.unwrap_or(0));
        }
        let read = self.inner.database.tenant(&view.id);
        let total = if *part.kind == USER {
            read.count_people(&condition(part, &read.user_columns(), read.dialect())?).await?
        } else {
            read.count_teams(&condition(part, &read.group_columns(), read.dialect())?).await?
        };
        self.inner.scim_pages.keep_count(&part.asked, total, now);
        Ok(total)
    }
}

fn parts<'q>(
    view: &TenantView,
    kinds: &[&'static ResourceType],
    query: &'q ListQuery,
) -> Result<Vec<Part<'q>>, Refusal> {
    let text = query.filter.as_deref();
    let filters: Vec<Option<Filter>> = match (text, kinds) {
        (None, _) => kinds.iter().map(|_| None).collect(),
        (Some(text), [kind]) => vec![Some(Filter::parse(text, kind).map_err(Refusal::scim)?)],
        (Some(text), kinds) => {
            let filters = Filter::parse_across(text, kinds).map_err(Refusal::scim)?;
            filters.into_iter().map(Some).collect()
        }
    };
    let part = |(kind, filter): (&&'static ResourceType, Option<Filter>)| {
        let sort = query.sort_by.as_deref().map(|by| Sort::parse(by, query.descending, kind));
        // Across types an attribute that one of them lacks gives it no order of its own.
        let sort = if kinds.len() > 1 {
            sort.and_then(Result::ok)
        } else {
            sort.transpose().map_err(Refusal::scim)?
        };
        Ok(Part {
            kind,
            filter,
            sort,
            projection: Projection::new(query, kind),
            query,
            asked: Asked::new(&view.id, kind.name, query),
        })
    };
    kinds.iter().zip(filters).map(part).collect()
}

fn sql(
    part: &Part<'_>,
    columns: &dyn Columns,
    id: &'static str,
    dialect: Dialect,
) -> Result<(SqlCondition, SqlOrder), Refusal> {
    let order = compile_order(part.sort.as_ref(), columns, id, dialect).map_err(Refusal::scim)?;
    Ok((condition(part, columns, dialect)?, order))
}

fn condition(part: &Part<'_>, columns: &dyn Columns, dialect: Dialect) -> Result<SqlCondition, Refusal> {
    match &part.filter {
        Some(filter) => compile(filter, columns, dialect).map_err(Refusal::scim),
        None => Ok(SqlCondition { text: "1 = 1".to_owned(), binds: Vec::new() }),
    }
}

const fn page<'q>(condition: &'q SqlCondition, order: &'q SqlOrder, from: From<'q>) -> Page<'q> {
    Page { condition, order, after: from.after, skip: from.skip, limit: from.limit }
}

pub(super) fn place_of(part: &Part<'_>, last: &Resource) -> Cursor {
    Cursor {
        key: part.sort.as_ref().and_then(|sort| sort.key(last)),
        id: last.text("id").unwrap_or_default().to_owned(),
    }
}

/// The part that a cursor stands in, and its place there.
fn split(parts: &[Part<'_>], cursor: Cursor) -> Result<(usize, Cursor), Refusal> {
    let invalid = || Refusal::scim(deputy_scim::QueryError::Cursor);
    let (kind, id) = cursor.id.split_once('/').ok_or_else(invalid)?;
    let at = parts.iter().position(|part| part.kind.name == kind).ok_or_else(invalid)?;
    Ok((at, Cursor { id: id.to_owned(), key: cursor.key }))
}
