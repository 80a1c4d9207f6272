//! What the routes of authority share: a change that is made, or only previewed.

use actix_web::HttpResponse;
use deputy_engine::{AuthorityChange, Paging, Written};
use serde::Deserialize;

use super::{created, ok};
use crate::dialect::Problem;
use crate::http::api::Api;

/// Whether a change is only previewed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DryRun {
    /// Says whose authority would change, and writes nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    limit: Option<u32>,
    cursor: Option<String>,
}

impl From<PageQuery> for Paging {
    fn from(query: PageQuery) -> Self {
        Self { limit: query.limit, cursor: query.cursor }
    }
}

/// Makes the change, or says what it would do: 200 with a preview; else 201, 200 or 204.
///
/// # Errors
/// What the change is refused for, the same in both.
pub async fn answer(api: &Api, change: AuthorityChange, dry_run: bool) -> Result<HttpResponse, Problem> {
    if dry_run {
        return Ok(ok(&api.engine.preview_authority(&api.view, &api.caller, &change).await?));
    }
    let makes = matches!(change, AuthorityChange::CreateRole(_) | AuthorityChange::CreateBinding(_));
    Ok(match api.engine.change_authority(&api.view, &api.caller, change).await? {
        Written::Deleted => HttpResponse::NoContent().finish(),
        written if makes => created(&written),
        written => ok(&written),
    })
}
