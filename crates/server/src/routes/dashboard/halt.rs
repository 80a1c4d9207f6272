//! `/t/{tenant}/halt`: the kill switch.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use deputy_engine::{ApprovalAnswer, HaltOutcome, NewHalt};
use deputy_token::revocation::Halt as Level;

use super::done::{Done, DoneQuery};
use super::signed::{Signed, Submitted};
use crate::dialect::Page;
use crate::http::query::Query;
use crate::pages::chrome::Section;
use crate::pages::halt::{Approval, HaltPage, badge, levels};
use crate::pages::row::Tone;
use crate::pages::when::When;
use crate::pages::{respond_with, see_other};
use crate::refusal::Refusal;

/// The switch.
///
/// # Errors
/// `Unavailable` when the database is.
pub async fn show(signed: Signed, query: Query<DoneQuery, Page>) -> Result<HttpResponse, Page> {
    respond_with(StatusCode::OK, &page(&signed, query.0.done, None).await?)
}

/// Sets the level.
///
/// # Errors
/// `Forbidden` for a role that may not.
pub async fn set(submitted: Submitted) -> Result<HttpResponse, Page> {
    let (signed, form) = (&submitted.signed, &submitted.form);
    signed.caller.require_admin()?;
    let Some(level) = form.find("level").and_then(Level::from_name) else {
        return again(signed, StatusCode::BAD_REQUEST, "Choose one of the levels.").await;
    };
    let reason = form.find("reason").unwrap_or_default().to_owned();
    match signed.engine.set_halt(&signed.view, &signed.caller, NewHalt { level, reason }).await {
        Ok(HaltOutcome::Set(_)) => Ok(see_other(&signed.at("halt?done=halted"))),
        Ok(HaltOutcome::Waits(_)) => Ok(see_other(&signed.at("halt?done=waits"))),
        Err(Refusal::Invalid { problem, .. }) => {
            again(signed, StatusCode::BAD_REQUEST, &format!("Reason: {problem}.")).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Confirms a lowering that somebody else asked for.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound` for a lowering that does not wait any more.
pub async fn approve(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let signed = &submitted.signed;
    signed.caller.require_admin()?;
    match signed.engine.approve_halt(&signed.view, &signed.caller, &path.1).await {
        Ok(_) => Ok(see_other(&signed.at("halt?done=halted"))),
        // An administrator is refused for one reason only: they asked themselves.
        Err(Refusal::Forbidden) => {
            let problem = "Somebody else must confirm it: you asked for it yourself. Two keys of one holder \
                           are one person, and so are all keys without a holder.";
            again(signed, StatusCode::FORBIDDEN, problem).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

async fn again(signed: &Signed, status: StatusCode, problem: &str) -> Result<HttpResponse, Page> {
    respond_with(status, &page(signed, None, Some(problem.to_owned())).await?)
}

async fn page(signed: &Signed, done: Option<Done>, problem: Option<String>) -> Result<HaltPage, Refusal> {
    let (engine, now) = (&signed.engine, signed.now());
    let halt = engine.halt(&signed.view, &signed.caller)?;
    Ok(HaltPage {
        chrome: signed.chrome(Section::Halt, done).await?,
        level: badge(halt.level.as_str()),
        since: halt.since.as_deref().map(|since| When::read(since, now)),
        by: halt.by.map(|by| engine.actor_label(&signed.view, &by)).unwrap_or_default(),
        reason: halt.reason.unwrap_or_default(),
        approval: halt.approvals.into_iter().max_by(|a, b| a.created_at.cmp(&b.created_at)).map(waiting),
        choices: levels(halt.level.as_str()),
        problem,
    })
}

fn waiting(approval: ApprovalAnswer) -> Approval {
    Approval {
        id: approval.id,
        by: approval.requested_by.unwrap_or_else(|| "Somebody with a key that names no holder".to_owned()),
        level: approval.level.as_str().to_owned(),
        reason: approval.reason,
    }
}

/// What every page says while the tenant is halted.
#[must_use]
pub fn sentence(level: Level) -> Option<String> {
    let text = match level {
        Level::None => return None,
        Level::Noncritical => "Halted at level noncritical: only agents marked critical work.",
        Level::All => "Halted at level all: no token is issued and none is valid.",
        Level::Emergency => "Halted at level emergency: no token is issued and none is valid.",
    };
    Some(text.to_owned())
}

/// A level in a few words.
#[must_use]
pub fn note(level: Level) -> &'static str {
    match level {
        Level::None => "everything works",
        Level::Noncritical => "only critical agents work",
        Level::All | Level::Emergency => "nothing works",
    }
}

/// How a level feels.
#[must_use]
pub fn tone(level: Level) -> Tone {
    match level {
        Level::None => Tone::Calm,
        Level::Noncritical => Tone::Warn,
        Level::All | Level::Emergency => Tone::Bad,
    }
}
