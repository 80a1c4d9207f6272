//! The query of a request as a value.
//!
//! Invariant: an unknown or repeated parameter is refused, so that a filter with a typing error does not
//! silently filter nothing.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use deputy_engine::Paging;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::dialect::{Dialect, Problem};
use crate::refusal::Refusal;

/// A parsed query; its type says `deny_unknown_fields`.
#[derive(Debug, Clone)]
pub struct Query<T, D = Problem>(pub T, PhantomData<D>);

impl<T: DeserializeOwned + 'static, D: Dialect> FromRequest for Query<T, D> {
    type Error = D;
    type Future = Ready<Result<Self, D>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(|value| Self(value, PhantomData)).map_err(D::from))
    }
}

/// Which page of a list that takes no filter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Most entries.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl From<PageQuery> for Paging {
    fn from(query: PageQuery) -> Self {
        Self { limit: query.limit, cursor: query.cursor }
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Refusal> {
    let said = |error: actix_web::error::QueryPayloadError| match error {
        actix_web::error::QueryPayloadError::Deserialize(error) => error.to_string(),
        other => other.to_string(),
    };
    let parsed =
        web::Query::<T>::from_query(query).map_err(|error| Refusal::invalid("query", said(error)))?;
    Ok(parsed.into_inner())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::parse;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        limit: Option<u32>,
        #[serde(default)]
        preview: bool,
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert_eq!(
            parse::<Wanted>("limit=7&preview=true").ok(),
            Some(Wanted { limit: Some(7), preview: true })
        );
        for refused in ["limt=7", "limit=7&limit=8", "limit=x", "preview=maybe"] {
            assert!(parse::<Wanted>(refused).is_err(), "{refused}");
        }
    }
}
