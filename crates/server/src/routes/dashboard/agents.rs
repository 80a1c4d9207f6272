//! `GET /t/{tenant}/agents`: the list.

use actix_web::HttpResponse;
use deputy_engine::AgentFilter;
use deputy_engine::model::AgentState;
use serde::Deserialize;

use super::rows;
use super::signed::Signed;
use crate::dialect::Page;
use crate::http::query::Query;
use crate::pages::agents::{AgentsPage, states};
use crate::pages::chrome::Section;
use crate::pages::respond;

/// Agents on a page.
const PAGE: usize = 50;

/// What the search form sends; an empty field does not constrain.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentsQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    state: String,
    cursor: Option<String>,
}

/// A page of agents.
///
/// # Errors
/// `Unavailable` when the database is.
pub async fn show(signed: Signed, query: Query<AgentsQuery, Page>) -> Result<HttpResponse, Page> {
    let (engine, view, caller, now) = (&signed.engine, &signed.view, &signed.caller, signed.now());
    let page = engine.agents(view, caller, &filter(&query.0), PAGE)?;
    let ids: Vec<String> = page.items.iter().map(|agent| agent.id.clone()).collect();
    let activity = engine.activity(view, caller, &ids).await?;
    let of = |id: &str| activity.get(id).copied().unwrap_or_default();
    let rows = page.items.into_iter().map(|agent| (of(&agent.id), agent));
    respond(&AgentsPage {
        chrome: signed.chrome(Section::Agents, None).await?,
        rows: rows.map(|(activity, agent)| rows::agent(agent, activity, now)).collect(),
        first: query.0.cursor.is_some().then(|| link(&signed, &query.0, None)),
        next: page.next_cursor.as_deref().map(|cursor| link(&signed, &query.0, Some(cursor))),
        states: states(&query.0.state),
        query: query.0.q,
        owner: query.0.owner,
    })
}

fn filter(query: &AgentsQuery) -> AgentFilter {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let state = match query.state.as_str() {
        "active" => Some(AgentState::Active),
        "suspended" => Some(AgentState::Suspended),
        "decommissioned" => Some(AgentState::Decommissioned),
        _ => None,
    };
    let owner =
        some(&query.owner).map(|owner| if owner.contains(':') { owner } else { format!("user:{owner}") });
    let orphaned = query.state == "orphaned";
    AgentFilter { state, owner, search: some(&query.q), orphaned, cursor: query.cursor.clone() }
}

/// The same search at another place of the list.
fn link(signed: &Signed, query: &AgentsQuery, cursor: Option<&str>) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", query.q.as_str()), ("owner", &query.owner), ("state", &query.state)] {
        if !value.is_empty() {
            text.append_pair(name, value);
        }
    }
    if let Some(cursor) = cursor {
        text.append_pair("cursor", cursor);
    }
    let text = text.finish();
    signed.at(&if text.is_empty() { "agents".to_owned() } else { format!("agents?{text}") })
}

#[cfg(test)]
mod tests {
    use deputy_engine::model::AgentState;

    use super::{AgentsQuery, filter};

    #[test]
    fn empty_fields_do_not_constrain_and_an_owner_is_a_person_unless_it_says_otherwise() {
        let all = filter(&AgentsQuery::default());
        assert!(all.state.is_none() && all.owner.is_none() && all.search.is_none() && !all.orphaned);
        let of = |state: &str, owner: &str| {
            filter(&AgentsQuery { state: state.into(), owner: owner.into(), ..AgentsQuery::default() })
        };
        assert_eq!(of("suspended", "a@b").state, Some(AgentState::Suspended));
        assert_eq!(of("", " a@b ").owner.as_deref(), Some("user:a@b"));
        assert_eq!(of("", "group:crm").owner.as_deref(), Some("group:crm"));
        assert!(of("orphaned", "").orphaned);
    }
}
