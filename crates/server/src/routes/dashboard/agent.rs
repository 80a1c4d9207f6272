//! `/t/{tenant}/agents/{id}`: one agent.

use actix_web::HttpResponse;
use actix_web::web::Path;
use deputy_engine::model::{AgentState, RuntimeRecord};
use deputy_engine::{ShownAgent, ShownCredential, TokenQuery, TokenSummary};

use super::done::DoneQuery;
use super::signed::{Signed, Submitted};
use super::{ceiling, rows};
use crate::dialect::Page;
use crate::http::query::Query;
use crate::pages::agent::{AgentPage, CredentialRow, Fact, TokenRow};
use crate::pages::ceiling::Ceiling;
use crate::pages::chrome::{Chrome, Section};
use crate::pages::row::{Notice, Tone};
use crate::pages::when::When;
use crate::pages::{respond, see_other};
use crate::refusal::Refusal;

/// Live tokens on the page.
const TOKENS: u32 = 20;

/// One agent.
///
/// # Errors
/// `NotFound`; `Unavailable` when the database is.
pub async fn show(
    signed: Signed,
    path: Path<(String, String)>,
    query: Query<DoneQuery, Page>,
) -> Result<HttpResponse, Page> {
    let agent = signed.engine.agent(&signed.view, &signed.caller, &path.1)?;
    let chrome = signed.chrome(Section::Agents, query.0.done).await?;
    respond(&page(&signed, chrome, agent).await?)
}

/// Suspends it.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`; `Conflict` for a decommissioned agent.
pub async fn suspend(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let signed = &submitted.signed;
    let reason = "suspended at the dashboard";
    let agent = signed.engine.suspend_agent(&signed.view, &signed.caller, &path.1, reason).await?;
    Ok(see_other(&signed.at(&format!("agents/{}?done=suspended", agent.id))))
}

/// Lets it work again.
///
/// # Errors
/// `Forbidden` for a role that may not; `NotFound`; `Conflict` for an orphan.
pub async fn reactivate(submitted: Submitted, path: Path<(String, String)>) -> Result<HttpResponse, Page> {
    let signed = &submitted.signed;
    let agent = signed.engine.reactivate_agent(&signed.view, &signed.caller, &path.1).await?;
    Ok(see_other(&signed.at(&format!("agents/{}?done=reactivated", agent.id))))
}

async fn page(signed: &Signed, chrome: Chrome, agent: ShownAgent) -> Result<AgentPage, Refusal> {
    let (engine, view, caller, now) = (&signed.engine, &signed.view, &signed.caller, signed.now());
    let query = TokenQuery { agent: Some(agent.id.clone()), live: true, limit: Some(TOKENS), cursor: None };
    let tokens = engine.tokens(view, caller, &query).await?;
    let activity = engine.activity(view, caller, std::slice::from_ref(&agent.id)).await?;
    let credentials = engine.credentials(view, caller, &agent.id)?;
    Ok(AgentPage {
        chrome,
        state: rows::state(agent.state, agent.orphaned),
        why: why(&agent),
        may_suspend: agent.state == AgentState::Active,
        may_reactivate: agent.state == AgentState::Suspended && !agent.orphaned,
        ceiling: table(signed, &agent.id)?,
        created: When::read(&agent.created_at, now),
        runtime: agent.runtime.map(facts).unwrap_or_default(),
        tokens: tokens.items.into_iter().map(|token| token_row(signed, token, now)).collect(),
        tokens_total: activity.get(&agent.id).map_or(0, |activity| activity.live_tokens),
        credentials: credentials.items.into_iter().map(|one| credential_row(one, now)).collect(),
        id: agent.id,
        name: agent.name,
        display_name: agent.display_name.unwrap_or_default(),
        critical: agent.critical,
        spiffe_id: agent.spiffe_id,
        owners: agent.owners,
        roles: agent.roles,
        parent: agent.parent,
    })
}

/// An audience that is no longer registered leaves nothing to ask for.
fn table(signed: &Signed, id: &str) -> Result<Ceiling, Refusal> {
    match signed.engine.ceiling(&signed.view, &signed.caller, id, None) {
        Ok(answer) => Ok(ceiling::table(&answer)),
        Err(Refusal::Invalid { .. }) => Ok(Ceiling::default()),
        Err(refusal) => Err(refusal),
    }
}

fn why(agent: &ShownAgent) -> Option<Notice> {
    let (text, tone) = match (agent.state, agent.orphaned) {
        (AgentState::Decommissioned, _) => ("Decommissioned for good. Its name stays used.", Tone::Calm),
        (AgentState::Suspended, true) => {
            ("Suspended, and no owner of it is live: assign one before it is reactivated.", Tone::Bad)
        }
        (AgentState::Suspended, false) => {
            ("Suspended: it gets no token, and its old ones are dead.", Tone::Warn)
        }
        (AgentState::Active, true) => ("No owner of it is live. Assign one under Orphans.", Tone::Bad),
        (AgentState::Active, false) => return None,
    };
    Some(Notice { text: text.to_owned(), tone })
}

fn facts(runtime: RuntimeRecord) -> Vec<Fact> {
    let tools: Vec<&str> = runtime.tools.iter().map(String::as_str).collect();
    vec![
        Fact { name: "Model", value: runtime.model },
        Fact { name: "Tools", value: if tools.is_empty() { "none".to_owned() } else { tools.join(", ") } },
        Fact { name: "Configuration", value: runtime.config },
        Fact { name: "Fingerprint", value: runtime.fingerprint },
    ]
}

fn token_row(signed: &Signed, token: TokenSummary, now: i64) -> TokenRow {
    let person = |id: String| signed.engine.actor_label(&signed.view, &format!("user:{id}"));
    TokenRow {
        id: token.id,
        subject: token.subject.map(person).unwrap_or_default(),
        scopes: token.scope,
        depth: token.depth,
        expires: When::read(&token.expires_at, now),
    }
}

fn credential_row(credential: ShownCredential, now: i64) -> CredentialRow {
    CredentialRow {
        kind: credential.kind,
        detail: credential.hint,
        created: When::read(&credential.created_at, now),
        expires: credential.expires_at.map(|at| When::read(&at, now)),
    }
}
