//! The parameters of a list, from a query string or from a search request (RFC 7644 sections 3.4.2 and 3.4.3).
//!
//! `startIndex` below 1 is 1, a negative `count` is 0. Parameters that are not SCIM's are left alone, those that are
//! may stand once.

use serde_json::{Map, Value};

use super::QueryError;

/// The URN of a search request.
pub const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// From this place on, counted from 1.
    Index(u64),
    /// After this cursor (RFC 9865); none for the first page.
    Cursor(Option<String>),
}

/// What a list is asked for, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// The filter.
    pub filter: Option<String>,
    /// `sortBy`.
    pub sort_by: Option<String>,
    /// `sortOrder=descending`.
    pub descending: bool,
    /// Which page.
    pub paging: Paging,
    /// How many resources; none when the client does not say.
    pub count: Option<u64>,
    /// `attributes`.
    pub attributes: Vec<String>,
    /// `excludedAttributes`.
    pub excluded: Vec<String>,
}

const NAMES: [&str; 8] =
    ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];
/// Most names of attributes in one parameter.
const MAX_NAMES: usize = 256;

impl ListQuery {
    /// Reads a query string, without its question mark; `+` is a space.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn from_query(text: &str) -> Result<Self, QueryError> {
        let mut members = Map::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) = known(&decoded(name)?) else { continue };
            if members.insert(name.to_owned(), decoded(value)?.into()).is_some() {
                return Err(QueryError::Repeated(name));
            }
        }
        Self::from_members(&members)
    }

    /// Reads the body of a `/.search`.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn from_search(body: &Map<String, Value>) -> Result<Self, QueryError> {
        let mut members = Map::new();
        let mut named = false;
        for (name, value) in body {
            if name.eq_ignore_ascii_case("schemas") {
                let urn =
                    |value: &Value| value.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(SEARCH_URN));
                named = value.as_array().is_some_and(|all| all.iter().any(urn));
            } else if let Some(name) = known(name)
                && members.insert(name.to_owned(), value.clone()).is_some()
            {
                return Err(QueryError::Repeated(name));
            }
        }
        if named { Self::from_members(&members) } else { Err(QueryError::Schemas) }
    }

    fn from_members(members: &Map<String, Value>) -> Result<Self, QueryError> {
        let cursor = match members.get("cursor") {
            None | Some(Value::Null) => None,
            Some(Value::String(cursor)) => Some(cursor.clone()),
            Some(_) => return Err(QueryError::Cursor),
        };
        let start = number(members, "startIndex", QueryError::Value("startIndex"))?;
        let wrong = if cursor.is_some() { QueryError::Count } else { QueryError::Value("count") };
        let count = number(members, "count", wrong)?.map(|count| u64::try_from(count).unwrap_or(0));
        let paging = match (cursor, start) {
            (Some(_), Some(_)) => return Err(QueryError::TwoPagings),
            (Some(cursor), None) => Paging::Cursor(Some(cursor).filter(|cursor| !cursor.is_empty())),
            (None, start) => {
                Paging::Index(start.and_then(|start| u64::try_from(start).ok()).unwrap_or(1).max(1))
            }
        };
        let order = text(members, "sortOrder")?.unwrap_or_default();
        let descending = order.eq_ignore_ascii_case("descending");
        if !(descending || order.is_empty() || order.eq_ignore_ascii_case("ascending")) {
            return Err(QueryError::Value("sortOrder"));
        }
        Ok(Self {
            filter: text(members, "filter")?,
            sort_by: text(members, "sortBy")?.filter(|name| !name.is_empty()),
            descending,
            paging,
            count,
            attributes: names(members, "attributes")?,
            excluded: names(members, "excludedAttributes")?,
        })
    }

    /// How many resources the page has at most.
    #[must_use]
    pub fn page_size(&self, default: usize, most: usize) -> usize {
        self.count.map_or(default, |count| usize::try_from(count).unwrap_or(usize::MAX)).min(most)
    }
}

fn known(name: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|known| known.eq_ignore_ascii_case(name))
}

fn text(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, QueryError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(QueryError::Value(name)),
    }
}

fn number(
    members: &Map<String, Value>,
    name: &'static str,
    wrong: QueryError,
) -> Result<Option<i64>, QueryError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => text.trim().parse().map(Some).map_err(|_| wrong),
        Some(Value::Number(number)) => number.as_i64().map(Some).ok_or(wrong),
        Some(_) => Err(wrong),
    }
}

/// Names as an array, or as text with commas.
fn names(members: &Map<String, Value>, name: &'static str) -> Result<Vec<String>, QueryError> {
    let all: Vec<String> = match members.get(name) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => text.split(',').take(MAX_NAMES + 1).map(str::to_owned).collect(),
        Some(Value::Array(entries)) => {
            let texts = entries.iter().take(MAX_NAMES + 1).map(|entry| entry.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or(QueryError::Value(name))?
        }
        Some(_) => return Err(QueryError::Value(name)),
    };
    if all.len() > MAX_NAMES {
        return Err(QueryError::TooManyNames(name));
    }
    Ok(all.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
}

fn decoded(text: &str) -> Result<String, QueryError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let (Some(high), Some(low)) = (high, low) else { return Err(QueryError::Encoding) };
                u8::try_from(high * 16 + low).map_err(|_| QueryError::Encoding)?
            }
            byte => byte,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or(QueryError::Encoding)
}
