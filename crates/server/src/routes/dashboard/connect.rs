//! `/t/{tenant}/connect`: the identity provider's base URL, its keys, and how its synchronisation goes.
//!
//! Invariant: a key is in the answer to the form that made it, and nowhere else.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use deputy_engine::scim::ShownSync;
use deputy_engine::{MOST_SCIM_KEYS, NewKey};

use super::done::{Done, DoneQuery};
use super::signed::{Signed, Submitted};
use crate::dialect::Page;
use crate::http::query::Query;
use crate::pages::chrome::Section;
use crate::pages::connect::{ConnectPage, KeyRow, lives};
use crate::pages::row::{Badge, Tone};
use crate::pages::when::When;
use crate::pages::{respond, respond_with, see_other};
use crate::refusal::Refusal;

/// The page.
///
/// # Errors
/// `Unavailable` when the database is.
pub async fn show(signed: Signed, query: Query<DoneQuery, Page>) -> Result<HttpResponse, Page> {
    respond(&page(&signed, query.0.done).await?)
}

/// Makes a key and shows it this once.
///
/// # Errors
/// `Forbidden` for a role that may not.
pub async fn create(submitted: Submitted) -> Result<HttpResponse, Page> {
    let (signed, form) = (&submitted.signed, &submitted.form);
    let expires = form.find("expires").filter(|text| !text.is_empty());
    match signed.engine.create_scim_key(&signed.view, &signed.caller, expires).await {
        Ok(NewKey { key, .. }) => respond(&ConnectPage { made: Some(key), ..page(signed, None).await? }),
        Err(Refusal::Conflict { what }) => {
            again(signed, StatusCode::CONFLICT, format!("No key was made: {what}.")).await
        }
        Err(Refusal::Invalid { problem, .. }) => {
            again(signed, StatusCode::BAD_REQUEST, format!("Its end {problem}.")).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Ends a key at once.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`.
pub async fn end(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let signed = &submitted.signed;
    signed.engine.end_scim_key(&signed.view, &signed.caller, &path.1).await?;
    Ok(see_other(&signed.at("connect?done=key_ended")))
}

async fn again(signed: &Signed, status: StatusCode, problem: String) -> Result<HttpResponse, Page> {
    respond_with(status, &ConnectPage { problem: Some(problem), ..page(signed, None).await? })
}

async fn page(signed: &Signed, done: Option<Done>) -> Result<ConnectPage, Refusal> {
    let (engine, view, now) = (&signed.engine, &signed.view, signed.now());
    let keys: Vec<KeyRow> =
        engine.syncs(view, &signed.caller).await?.into_iter().map(|sync| row(sync, now)).collect();
    let live = keys.iter().filter(|key| !has_ended(key, now)).count();
    Ok(ConnectPage {
        chrome: signed.chrome(Section::Connect, done).await?,
        base: engine.scim_base(view),
        may_make: live < MOST_SCIM_KEYS,
        keys,
        lives: lives(),
        made: None,
        problem: None,
    })
}

fn has_ended(key: &KeyRow, now: i64) -> bool {
    key.ends.as_ref().is_some_and(|ends| ends.iso <= crate::pages::when::iso(now))
}

fn row(sync: ShownSync, now: i64) -> KeyRow {
    let when = |text: Option<&String>| text.map(|text| When::read(text, now));
    let mut row = KeyRow {
        made: When::read(&sync.created_at, now),
        ends: when(sync.expires_at.as_ref()),
        synced: when(sync.synced_at.as_ref()),
        failed: when(sync.failed_at.as_ref()),
        state: state(&sync),
        failure: sync.failure.unwrap_or_default(),
        id: sync.key,
        prefix: sync.prefix,
    };
    if has_ended(&row, now) {
        row.state = Badge::new("expired", Tone::Warn);
    }
    row
}

/// Successes are kept a few times a minute at most, so that an error need not be the last word.
fn state(sync: &ShownSync) -> Badge {
    match (&sync.synced_at, &sync.failed_at) {
        (None, None) => Badge::new("not used yet", Tone::Calm),
        (Some(synced), Some(failed)) if failed < synced => Badge::new("syncing", Tone::Good),
        (Some(_), None) => Badge::new("syncing", Tone::Good),
        (_, Some(_)) => Badge::new("refused lately", Tone::Bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(expires: Option<&str>, synced: Option<&str>, failed: Option<&str>) -> String {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let sync = ShownSync {
            key: "k".into(),
            prefix: "dpy_AAAA".into(),
            created_at: "2026-11-21T12:00:00.000Z".into(),
            expires_at: text(expires),
            synced_at: text(synced),
            failed_at: text(failed),
            failure: text(failed.map(|_| "said")),
        };
        row(sync, 1_795_266_300_000).state.text
    }

    #[test]
    fn the_later_of_success_and_failure_counts_and_an_end_more_than_both() {
        let (early, late) = (Some("2026-11-21T12:00:01.000Z"), Some("2026-11-21T12:00:02.000Z"));
        assert_eq!(shown(None, None, None), "not used yet");
        assert_eq!(shown(None, early, None), "syncing");
        assert_eq!(shown(None, late, early), "syncing");
        assert_eq!(shown(None, early, late), "refused lately");
        assert_eq!(shown(None, None, late), "refused lately");
        assert_eq!(shown(Some("2026-11-21T13:05:00.000Z"), late, early), "expired");
        assert_eq!(shown(Some("2026-11-21T13:05:01.000Z"), late, early), "syncing");
    }
}
