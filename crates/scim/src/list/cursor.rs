//! Cursors (RFC 9865): the place after which a page continues, opaque to the client.
//!
//! A cursor holds the last resource's sort key and id, the instant it was given out and a digest of the query, so
//! that nothing is kept on the server. It grants nothing: the page is read with the rights of the one who asks, and
//! a made-up cursor is only another place to start from.

use serde_json::{Value, json};

use super::{ListQuery, QueryError, SortKey};

/// Longest cursor that is looked at.
const MAX_CURSOR: usize = 16 * 1024;

/// The place after which a page continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key of the last resource; none when it has no value, or nothing is sorted by.
    pub key: Option<SortKey>,
    /// The id of the last resource.
    pub id: String,
}

impl Cursor {
    /// The text that the client gets; `now` is in seconds.
    #[must_use]
    pub fn encode(&self, query: &ListQuery, now: i64) -> String {
        let key = match &self.key {
            None => Value::Null,
            Some(SortKey::Number(number)) => (*number).into(),
            Some(SortKey::Text(text)) => text.as_str().into(),
        };
        let text = json!([digest(query), now, key, self.id]).to_string();
        text.bytes().fold(String::with_capacity(text.len() * 2), |mut hex, byte| {
            for digit in [byte >> 4, byte & 15] {
                hex.extend(char::from_digit(u32::from(digit), 16));
            }
            hex
        })
    }

    /// Reads a cursor that was given out for the same query at most `lifetime` seconds ago.
    ///
    /// # Errors
    /// [`QueryError::Cursor`] and [`QueryError::CursorExpired`].
    pub fn decode(text: &str, query: &ListQuery, now: i64, lifetime: u64) -> Result<Self, QueryError> {
        if text.len() > MAX_CURSOR || !text.len().is_multiple_of(2) {
            return Err(QueryError::Cursor);
        }
        let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
        let digits = digits.ok_or(QueryError::Cursor)?;
        let bytes: Vec<u8> = digits
            .chunks_exact(2)
            .filter_map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte * 16 + digit)).ok())
            .collect();
        let (of, issued, key, id): (String, i64, Value, String) =
            serde_json::from_slice(&bytes).map_err(|_| QueryError::Cursor)?;
        if of != digest(query) || id.contains('\0') {
            return Err(QueryError::Cursor);
        }
        if u64::try_from(now.saturating_sub(issued)).is_ok_and(|age| age > lifetime) {
            return Err(QueryError::CursorExpired);
        }
        let key = match key {
            Value::Null => None,
            Value::Number(number) => Some(SortKey::Number(number.as_i64().ok_or(QueryError::Cursor)?)),
            Value::String(text) if !text.contains('\0') => Some(SortKey::Text(text)),
            _ => return Err(QueryError::Cursor),
        };
        Ok(Self { key, id })
    }
}

/// Tells queries apart (FNV-1a); it is no secret and protects nothing.
fn digest(query: &ListQuery) -> String {
    let text = format!("{:?}", (&query.filter, &query.sort_by, query.descending));
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:x}")
}
