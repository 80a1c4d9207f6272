//! One decision that was made offline, as a line of the report to `POST /t/{tenant}/api/v1/uses`.
//!
//! The body is NDJSON (`application/x-ndjson`), at most [`MAX_LINES`] lines and [`MAX_BODY`] bytes. A line that
//! comes again with the same `id` changes nothing, so a report without an answer is sent again as it was.
//! Arguments are not in it, neither names nor values.

use deputy_mandate::{Instant, ReasonCode, Request};
use deputy_token::access::Hop;
use serde::{Deserialize, Serialize};

use crate::rfc3339;
use crate::verdict::Verdict;

/// Most lines of one report.
pub const MAX_LINES: usize = 1000;
/// Most bytes of one report: below the 1 MiB that the server reads.
pub const MAX_BODY: usize = 960 * 1024;
/// Longest text of a request that a line repeats, in bytes.
const MOST_TEXT: usize = 200;

/// One offline decision. Members are in the order of RFC 8785; unknown ones are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseLine {
    /// Where it was decided: the verifier's audience.
    pub audience: String,
    /// The chain, root first, when hops of it were made offline: the issuer does not know those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Vec<Hop>>,
    /// The id of the credential's last hop.
    pub credential: String,
    /// The answer.
    pub decision: Outcome,
    /// Makes the line idempotent: 22 base64url characters, drawn at random.
    pub id: String,
    /// The codes of the reasons, in their order, each once; empty for `allow`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonCode>,
    /// The scope that was wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// When it was decided (RFC 3339, by the verifier's clock).
    pub time: String,
    /// The tool that was called; texts over 200 bytes are cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
}

/// The answer of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was allowed.
    Allow,
    /// It was denied.
    Deny,
}

impl UseLine {
    /// The line of a verdict; `None` where the issuer signed nothing, so that there is nobody to tell of.
    #[must_use]
    pub fn of(verdict: &Verdict, request: &Request, audience: &str, id: String, at: Instant) -> Option<Self> {
        let signed = verdict.signed()?;
        let claims = signed.claims();
        let mut reasons: Vec<ReasonCode> = verdict.codes().collect();
        // Codes of several classes can come twice, with others between them.
        let mut seen = std::collections::BTreeSet::new();
        reasons.retain(|code| seen.insert(*code));
        Some(Self {
            audience: audience.to_owned(),
            chain: (signed.issued_hops() < claims.chain.len()).then(|| claims.chain.clone()),
            credential: claims.jti().to_owned(),
            decision: if verdict.is_allow() { Outcome::Allow } else { Outcome::Deny },
            id,
            reasons,
            scope: request.scope.as_ref().map(|scope| cut(scope.as_str())),
            time: rfc3339::write(at)?,
            tool: request.tool.as_deref().map(cut),
        })
    }
}

fn cut(text: &str) -> String {
    if text.len() <= MOST_TEXT {
        return text.to_owned();
    }
    let end = (0..=MOST_TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}
