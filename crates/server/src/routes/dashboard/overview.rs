//! `GET /t/{tenant}/`: counts, orphans, recent events.

use actix_web::{HttpRequest, HttpResponse};
use deputy_engine::{Overview, Paging};

use super::done::DoneQuery;
use super::signed::{Signed, is_slug, slug};
use super::{halt, rows};
use crate::dialect::Page;
use crate::http::query::Query;
use crate::pages::chrome::Section;
use crate::pages::overview::{Figure, OverviewPage};
use crate::pages::row::Tone;
use crate::pages::{respond, see_other};
use crate::refusal::Refusal;

/// Orphans on the front page.
const ORPHANS: u32 = 5;
/// Events on the front page.
const EVENTS: usize = 12;

/// `/t/{tenant}` belongs to the page, but the cookie is only sent below `/t/{tenant}/`.
///
/// # Errors
/// `NotFound` for what cannot be a tenant.
pub async fn with_slash(request: HttpRequest) -> Result<HttpResponse, Page> {
    let tenant = slug(&request);
    if is_slug(tenant) { Ok(see_other(&format!("/t/{tenant}/"))) } else { Err(Refusal::NotFound.into()) }
}

/// The overview.
///
/// # Errors
/// `Unavailable` when the database is.
pub async fn show(signed: Signed, query: Query<DoneQuery, Page>) -> Result<HttpResponse, Page> {
    let (engine, view, caller, now) = (&signed.engine, &signed.view, &signed.caller, signed.now());
    let paging = Paging { limit: Some(ORPHANS), cursor: None };
    let orphans = engine.orphans(view, caller, &paging)?;
    let events = engine.recent_events(view, caller, "", None, EVENTS).await?;
    let figures = figures(&signed, &engine.overview(view, caller).await?);
    respond(&OverviewPage {
        chrome: signed.chrome(Section::Overview, query.0.done).await?,
        figures,
        orphans: orphans.items.into_iter().map(|orphan| rows::orphan(&signed, orphan)).collect(),
        events: events.items.into_iter().map(|event| rows::event(event, now)).collect(),
    })
}

fn figures(signed: &Signed, counted: &Overview) -> Vec<Figure> {
    let figure = |label, value: String, note: String, tone, path: Option<&str>| Figure {
        label,
        value,
        note,
        tone,
        href: path.map(|path| signed.at(path)),
    };
    let alert = |count: usize, tone| if count == 0 { Tone::Calm } else { tone };
    let (tokens, more) = (grouped(counted.live.tokens), if counted.live.at_least { "+" } else { "" });
    let holders = match counted.live.agents {
        0 => "no agent holds one".to_owned(),
        1 => "held by 1 agent".to_owned(),
        count => format!("held by {count} agents"),
    };
    let level = counted.halt.level;
    vec![
        figure(
            "Agents",
            count(counted.agents),
            format!("{} active", counted.active),
            Tone::Calm,
            Some("agents"),
        ),
        figure("Live tokens", format!("{tokens}{more}"), holders, Tone::Calm, None),
        figure(
            "Orphans",
            count(counted.orphans),
            "no live owner".to_owned(),
            alert(counted.orphans, Tone::Bad),
            Some("orphans"),
        ),
        figure(
            "Suspended",
            count(counted.suspended),
            String::new(),
            alert(counted.suspended, Tone::Warn),
            Some("agents?state=suspended"),
        ),
        figure(
            "Halt",
            level.as_str().to_owned(),
            halt::note(level).to_owned(),
            halt::tone(level),
            Some("halt"),
        ),
    ]
}

fn count(number: usize) -> String {
    grouped(u64::try_from(number).unwrap_or(u64::MAX))
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        let shown: Vec<String> = [0, 999, 1_000, 1_234_567].into_iter().map(grouped).collect();
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }
}
