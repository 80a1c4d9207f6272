//! Uses that a resource server decided offline, reported afterwards so that the log has them.
//!
//! Invariant: a report is all or nothing, and each use of a credential is in the log once, however often it is
//! reported. A report is evidence, not authority: it counts nothing and lifts nothing.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use deputy_mandate::{Instant, ReasonCode, Scope};
use deputy_store::{event::EventDraft, model::ApiRole};
use deputy_token::access::registered_agent;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{Caller, Engine, Problem, Refusal, view::TenantState, view::TenantView};

/// Most uses of one report.
pub const MOST_USES: usize = 1_000;
/// Longest id or name, in bytes.
const MOST_TEXT: usize = 256;
/// How far a reporter's clock may be ahead, in seconds.
const AHEAD_SECS: i64 = 300;
/// How long a use's id is remembered, in seconds: as long as a report may be repeated.
const REMEMBERED_SECS: i64 = 7 * 24 * 3600;

/// One use, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportedUse {
    /// What makes a repeated report one use; unique for its credential.
    pub id: String,
    /// The credential that was used, by id.
    pub credential: String,
    /// The agent that used it: its opaque id, with `/segment` for each unregistered delegate.
    pub agent: String,
    /// The resource server that decided.
    pub audience: String,
    /// The tool that was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The scope that was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The answer.
    pub decision: Answer,
    /// Why not, as reason codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonCode>,
    /// When (RFC 3339).
    pub time: String,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It was allowed.
    Allow,
    /// It was denied.
    Deny,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct UsesAnswer {
    /// Uses that are in the log now.
    pub accepted: usize,
    /// Uses that were in it already.
    pub repeated: usize,
}

impl Engine {
    /// Takes a report: one JSON object a line.
    ///
    /// # Errors
    /// `Forbidden` for a role that reports nothing, or a verifier's report about another audience; `InvalidMany` names
    /// every line that is wrong.
    pub async fn report_uses(
        &self,
        view: &TenantView,
        caller: &Caller,
        lines: &str,
    ) -> Result<UsesAnswer, Refusal> {
        caller.require(&[ApiRole::Admin, ApiRole::Verifier])?;
        let now = self.inner.sources.now();
        let uses = read(lines, &view.read(), now)?;
        let foreign = |(used, _): &(ReportedUse, Owners)| !caller.audiences.contains(&used.audience);
        if caller.role == Some(ApiRole::Verifier) && uses.values().any(foreign) {
            return Err(Refusal::Forbidden);
        }
        let reported = uses.len();
        let caller = caller.clone();
        let ((accepted, repeated), _) = self
            .change(view, move |tx| {
                Box::pin(async move {
                    let keys: Vec<(String, String, String)> = uses
                        .iter()
                        .map(|((credential, id), (used, _))| (credential.clone(), id.clone(), digest(used)))
                        .collect();
                    let new: BTreeSet<(String, String)> =
                        tx.keep_uses(&keys, now.plus_secs(REMEMBERED_SECS)).await?.into_iter().collect();
                    for (_, (used, owners)) in uses.iter().filter(|(key, _)| new.contains(*key)) {
                        tx.event(event(&caller, used, owners));
                    }
                    Ok((new.len(), reported - new.len()))
                })
            })
            .await?;
        Ok(UsesAnswer { accepted, repeated })
    }
}

/// Who answers for the agent, in words.
type Owners = Vec<String>;
type Uses = BTreeMap<(String, String), (ReportedUse, Owners)>;

/// The uses by credential and id; one that stands there twice is one.
fn read(lines: &str, state: &TenantState, now: Instant) -> Result<Uses, Refusal> {
    let lines: Vec<&str> = lines.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() || lines.len() > MOST_USES {
        return Err(Refusal::invalid(
            "body",
            format!("report 1 to {MOST_USES} uses, one JSON object a line"),
        ));
    }
    let (mut uses, mut problems) = (Uses::new(), Vec::new());
    for (number, line) in lines.into_iter().enumerate() {
        match read_one(line, state, now) {
            Ok(one) => drop(uses.insert((one.0.credential.clone(), one.0.id.clone()), one)),
            Err(message) => problems.push(problem(number, message)),
        }
    }
    if problems.is_empty() { Ok(uses) } else { Err(Refusal::InvalidMany(problems)) }
}

fn read_one(line: &str, state: &TenantState, now: Instant) -> Result<(ReportedUse, Owners), String> {
    let used: ReportedUse = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let texts = [&used.id, &used.credential, &used.agent, &used.audience].into_iter();
    if texts.chain(&used.tool).any(|text| text.is_empty() || text.len() > MOST_TEXT || text.contains('\0')) {
        return Err(format!("ids and names have 1 to {MOST_TEXT} bytes"));
    }
    if used.scope.as_deref().is_some_and(|scope| Scope::try_from(scope.to_owned()).is_err()) {
        return Err("`scope` is not one scope token".to_owned());
    }
    if used.tool.is_none() && used.scope.is_none() {
        return Err("name the `tool`, the `scope`, or both".to_owned());
    }
    if (used.decision == Answer::Deny) == used.reasons.is_empty() {
        return Err("a denial has reasons, and nothing else has".to_owned());
    }
    let time =
        OffsetDateTime::parse(&used.time, &Rfc3339).map_err(|_| "`time` is not RFC 3339".to_owned())?;
    if time.unix_timestamp() > now.plus_secs(AHEAD_SECS).as_secs_floor() {
        return Err("`time` is in the future".to_owned());
    }
    let agent = state.agents.get(registered_agent(&used.agent)).ok_or("`agent` is no agent's id")?;
    let owners = state.owner_labels(agent);
    Ok((used, owners))
}

fn problem(number: usize, message: String) -> Problem {
    Problem { field: "body".to_owned(), message, line: u64::try_from(number + 1).ok(), column: None }
}

/// Tells a repeated report from another use under the same id.
fn digest(used: &ReportedUse) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(serde_json::to_vec(used).unwrap_or_default()))
}

fn event(caller: &Caller, used: &ReportedUse, owners: &Owners) -> EventDraft {
    #[derive(Serialize)]
    struct Detail<'a> {
        agent: &'a str,
        audience: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        scope: Option<&'a str>,
        time: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        tool: Option<&'a str>,
        use_id: &'a str,
    }
    let detail = Detail {
        agent: &used.agent,
        audience: &used.audience,
        scope: used.scope.as_deref(),
        time: &used.time,
        tool: used.tool.as_deref(),
        use_id: &used.id,
    };
    let mut event = caller.event("use.reported").detail_in_order(&detail);
    event.agent = Some(registered_agent(&used.agent).to_owned());
    event.owners.clone_from(owners);
    event.credential = Some(used.credential.clone());
    event.decision = Some(if used.decision == Answer::Allow { "allow" } else { "deny" });
    event.reasons = used.reasons.iter().map(|code| code.as_str().to_owned()).collect();
    event
}
