//! `/t/{tenant}/orphans`: agents without a live owner.

use actix_web::HttpResponse;
use actix_web::web::Path;
use deputy_engine::{NewOwner, Paging};

use super::done::DoneQuery;
use super::rows;
use super::signed::{Signed, Submitted};
use crate::dialect::Page;
use crate::http::query::Query;
use crate::pages::chrome::Section;
use crate::pages::orphans::OrphansPage;
use crate::pages::{respond, see_other};

/// Orphans on the page: the longest come first, and each that is assigned makes room for the next.
const MOST: u32 = 100;

/// The orphans.
///
/// # Errors
/// `Unavailable` when the database is.
pub async fn show(signed: Signed, query: Query<DoneQuery, Page>) -> Result<HttpResponse, Page> {
    let paging = Paging { limit: Some(MOST), cursor: None };
    let found = signed.engine.orphans(&signed.view, &signed.caller, &paging)?;
    respond(&OrphansPage {
        chrome: signed.chrome(Section::Orphans, query.0.done).await?,
        orphans: found.items.into_iter().map(|orphan| rows::orphan(&signed, orphan)).collect(),
    })
}

/// Gives an orphan an owner.
///
/// # Errors
/// `Forbidden` for a role that may not; `Invalid` for an owner who is unknown or gone.
pub async fn assign(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let (signed, form) = (&submitted.signed, &submitted.form);
    signed.caller.require_admin()?;
    let new = NewOwner { owner: form.require("owner")?.to_owned() };
    signed.engine.assign_orphan(&signed.view, &signed.caller, &path.1, &new).await?;
    Ok(see_other(&signed.at("orphans?done=assigned")))
}

/// The manager to whom an orphan is proposed takes it.
///
/// # Errors
/// `Forbidden` for anybody else; `NotFound`; `Conflict` for an agent that is no orphan or is proposed to nobody.
pub async fn accept(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let signed = &submitted.signed;
    signed.engine.accept_orphan(&signed.view, &signed.caller, &path.1).await?;
    Ok(see_other(&signed.at("orphans?done=assigned")))
}
