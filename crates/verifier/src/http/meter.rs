//! Asking the issuer about a metered credential, which no verifier can count alone (AuthZEN 1.0 section 6).
//!
//! Invariant: only the issuer's `"decision": true` allows. The whole request goes to it, so that it judges what
//! was judged here; a request that cannot be put into its words is not asked, and stays denied.

use deputy_mandate::{Decision, Members, Reason, ReasonCode, Request, Value};
use deputy_token::access::AccessClaims;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;

use super::fetch::{FetchError, Fetcher, MAX_DOCUMENT, PATIENCE, sent, text};
use crate::presented::{Presented, Proof};

/// Members of `context` that the issuer reads as its own.
const PROFILE: [&str; 8] =
    ["audience", "scope", "subject", "binding", "runtime", "dpop", "use_id", "dry_run"];

#[derive(Debug, Deserialize)]
struct Answer {
    decision: bool,
    #[serde(default)]
    context: Option<AnswerContext>,
}

#[derive(Debug, Default, Deserialize)]
struct AnswerContext {
    #[serde(default)]
    reasons: Vec<AnswerReason>,
}

#[derive(Debug, Deserialize)]
struct AnswerReason {
    code: ReasonCode,
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    limit: Option<Value>,
    #[serde(default)]
    value: Option<Value>,
    message: String,
}

impl From<AnswerReason> for Reason {
    fn from(told: AnswerReason) -> Self {
        let mut reason = Self::of(told.code).message(told.message);
        if let Some(field) = told.field {
            reason = reason.field(field);
        }
        if let Some(limit) = told.limit {
            reason = reason.limit(limit);
        }
        match told.value {
            Some(value) => reason.value(&value),
            None => reason,
        }
    }
}

/// The issuer's decision about this use.
pub(super) async fn ask(
    fetcher: &Fetcher,
    audience: &str,
    presented: &Presented<'_>,
    request: &Request,
    claims: &AccessClaims,
) -> Decision {
    let Some(body) = body(audience, presented, request, claims) else {
        return unanswered("The context has a member that the issuer would read as its own.");
    };
    match answer(fetcher, body).await {
        Ok(answer) if answer.decision => Decision::Allow,
        Ok(answer) => {
            let told = answer.context.unwrap_or_default().reasons;
            match Decision::from_reasons(told.into_iter().map(Reason::from).collect()) {
                Decision::Allow => unanswered("The issuer refused the use and gave no reason."),
                denied @ Decision::Deny(_) => denied,
            }
        }
        Err(error) => {
            tracing::warn!(%error, "the issuer could not be asked about a metered credential");
            unanswered("The credential is metered, and the issuer could not be asked.")
        }
    }
}

async fn answer(fetcher: &Fetcher, body: String) -> Result<Answer, FetchError> {
    let request = fetcher.request(Method::POST, "/access/v1/evaluation")?.timeout(PATIENCE);
    let response = sent(request.header(CONTENT_TYPE, "application/json").body(body)).await?;
    serde_json::from_str(&text(response, MAX_DOCUMENT).await?).map_err(|_| FetchError::Malformed)
}

fn unanswered(sentence: &str) -> Decision {
    let reason = Reason::of(ReasonCode::OnlineCheckRequired).field("uses").message(sentence);
    Decision::from_reasons(vec![reason])
}

/// The evaluation; `None` when the request's own context speaks over the profile's.
fn body(
    audience: &str,
    presented: &Presented<'_>,
    request: &Request,
    claims: &AccessClaims,
) -> Option<String> {
    let mut context = request.context.as_object()?.clone();
    if PROFILE.iter().any(|name| context.contains_key(*name)) {
        return None;
    }
    let mut put = |name: &str, value: Value| drop(context.insert(name.to_owned(), value));
    put("audience", audience.into());
    if let Some(scope) = &request.scope {
        put("scope", scope.as_str().into());
    }
    if let Some(subject) = &request.subject {
        put("subject", subject.as_str().into());
    }
    if let Some(runtime) = &request.runtime {
        put("runtime", runtime.as_str().into());
    }
    if let Some(use_id) = presented.use_id {
        put("use_id", use_id.into());
    }
    if !request.binding.is_empty() {
        let bound = request.binding.members().into_iter();
        put("binding", object(bound.filter_map(|(name, value)| Some((name, value?.into())))));
    }
    if let Some(Proof::Dpop { proof, method, uri }) = presented.proof {
        put("dpop", object([("proof", proof.into()), ("htm", method.into()), ("htu", uri.into())]));
    }
    let tool = request.tool.as_deref().unwrap_or_default();
    let what = request.tool.as_deref().or(request.scope.as_ref().map(|scope| scope.as_str()))?;
    let properties = object([("token", presented.token.into())]);
    let arguments = object([("arguments", request.arguments.clone())]);
    let evaluation = object([
        (
            "subject",
            object([
                ("type", "agent".into()),
                ("id", claims.agent.name.as_str().into()),
                ("properties", properties),
            ]),
        ),
        ("action", object([("name", tool.into()), ("properties", arguments)])),
        ("resource", object([("type", "tool".into()), ("id", what.into())])),
        ("context", Value::Object(context)),
    ]);
    Some(evaluation.to_canonical())
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let members: Members = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Value::Object(members)
}
