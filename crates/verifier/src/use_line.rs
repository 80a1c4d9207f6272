//! One decision that was made offline, as a line of the report to `POST /t/{tenant}/api/v1/uses`.
//!
//! The body is NDJSON (`application/x-ndjson`), at most [`MAX_LINES`] lines and [`MAX_BODY`] bytes, taken whole or
//! not at all. A line that comes again with the same `id` and `credential` changes nothing, so a report without an
//! answer is sent again as it was. Arguments are not in it, neither names nor values.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, ReasonCode, Request};
use serde::{Deserialize, Serialize};

use crate::rfc3339;
use crate::verdict::Verdict;

/// Most lines of one report.
pub const MAX_LINES: usize = 1000;
/// Most bytes of one report: below the 1 MiB that the server reads.
pub const MAX_BODY: usize = 960 * 1024;
/// Longest text that the server takes, in bytes.
const MOST_TEXT: usize = 256;
/// What is put where a text was cut.
const CUT: char = '…';

/// One offline decision. Unknown members are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseLine {
    /// Makes the line idempotent: 22 base64url characters, drawn at random.
    pub id: String,
    /// The id of the credential: of its last hop, which the issuer does not know when it was made offline.
    pub credential: String,
    /// The agent that used it: the registered agent's opaque id, with `/segment` for each unregistered delegate.
    pub agent: String,
    /// Where it was decided: the verifier's audience.
    pub audience: String,
    /// The tool that was called; cut at 256 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The scope that was wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The answer.
    pub decision: Outcome,
    /// The codes of the reasons, in their order, each once; empty for `allow`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonCode>,
    /// When it was decided (RFC 3339, by the verifier's clock).
    pub time: String,
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
    /// The line of a verdict; `None` where the issuer signed nothing, so that there is nobody to tell of, and
    /// where the request named neither tool nor scope, so that nothing was tried.
    #[must_use]
    pub fn of(verdict: &Verdict, request: &Request, audience: &str, id: String, at: Instant) -> Option<Self> {
        let claims = verdict.signed()?.claims();
        let tool = request.tool.as_deref().filter(|tool| !tool.is_empty()).map(shown);
        let scope = request.scope.as_ref().map(|scope| scope.as_str().to_owned());
        if tool.is_none() && scope.is_none() {
            return None;
        }
        // A code of several classes can come twice, with others between.
        let mut seen = BTreeSet::new();
        Some(Self {
            id,
            credential: claims.jti().to_owned(),
            agent: nearest(&claims.chain.last()?.agent).to_owned(),
            audience: audience.to_owned(),
            tool,
            scope,
            decision: if verdict.is_allow() { Outcome::Allow } else { Outcome::Deny },
            reasons: verdict.codes().filter(|code| seen.insert(*code)).collect(),
            time: rfc3339::write(at)?,
        })
    }
}

/// The path as far down as it fits, by whole segments.
fn nearest(agent: &str) -> &str {
    let mut path = agent;
    while path.len() > MOST_TEXT
        && let Some((above, _)) = path.rsplit_once('/')
    {
        path = above;
    }
    path
}

/// A name that the server takes: no NUL, and not too long.
fn shown(text: &str) -> String {
    let clean = text.replace('\0', "\u{fffd}");
    if clean.len() <= MOST_TEXT {
        return clean;
    }
    let end = (0..=MOST_TEXT - CUT.len_utf8()).rev().find(|end| clean.is_char_boundary(*end)).unwrap_or(0);
    let mut cut = clean.get(..end).unwrap_or_default().to_owned();
    cut.push(CUT);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_the_server_takes() {
        assert_eq!(shown("search"), "search");
        assert_eq!(shown("a\0b"), "a\u{fffd}b");
        for long in ["é".repeat(200), "x".repeat(257), "\0".repeat(256)] {
            let cut = shown(&long);
            assert!(cut.len() <= MOST_TEXT && cut.ends_with(CUT), "{}", cut.len());
        }
        assert_eq!(shown(&"x".repeat(256)).len(), 256);
        let deep = format!("a1{}", "/worker".repeat(100));
        assert!(nearest(&deep).len() <= MOST_TEXT && nearest(&deep).ends_with("/worker"));
        assert_eq!(nearest("a1/worker"), "a1/worker");
    }
}
