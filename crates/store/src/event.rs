//! Events: one entry of the append-only log, and how entries are chained by hash.
//!
//! An event's text is RFC 8785 canonical JSON, without `hash`; `prev` is the hash of the event
//! before it, and `hash` is `base64url(SHA-256(text))`. Fields are declared in the order in which
//! RFC 8785 §3.2.3 sorts them, so that serialising is canonicalising. Absent fields are left out.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use deputy_mandate::Instant;
use deputy_token::access::Hop;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::Kind;

/// `prev` of a tenant's first event: 32 zero bytes.
pub const GENESIS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// An event before the writer has given it a position.
#[derive(Debug, Clone, Default)]
pub struct EventDraft {
    /// What happened, as `noun.verb` in the past tense.
    pub action: &'static str,
    /// Who did it: `key:{id}`, `agent:{id}`, `user:{id}`, `system`.
    pub actor: String,
    /// On whose behalf, when it is not the agent itself.
    pub subject: Option<String>,
    /// The agent that it is about, by opaque id.
    pub agent: Option<String>,
    /// The agent's owners at the time.
    pub owners: Vec<String>,
    /// The credential that it is about.
    pub credential: Option<String>,
    /// The credential's chain, root first.
    pub chain: Vec<Hop>,
    /// `allow` or `deny`.
    pub decision: Option<&'static str>,
    /// Why not, as reason codes.
    pub reasons: Vec<String>,
    /// `X-Request-Id` of the request.
    pub request_id: Option<String>,
    /// What else there is to say, as canonical JSON; never a secret.
    pub detail: Option<Box<RawValue>>,
    /// Which records and people it changed, so that memory reads them again.
    pub touched: Vec<Touched>,
}

/// Something in memory that an event makes stale.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Touched {
    /// A record.
    Record(Kind, String),
    /// A user.
    User(String),
    /// A group, with its members.
    Group(String),
    /// A revocation that this event is.
    Revocation,
    /// The tenant itself: its status.
    Tenant,
}

impl Touched {
    /// The stored form.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Record(kind, id) => format!("{}:{id}", kind.as_str()),
            Self::User(id) => format!("user:{id}"),
            Self::Group(id) => format!("group:{id}"),
            Self::Revocation => "revocation:".to_owned(),
            Self::Tenant => "tenant:".to_owned(),
        }
    }

    /// Reads the stored form; `None` for a form of a newer version.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        Some(match kind {
            "user" => Self::User(id.to_owned()),
            "group" => Self::Group(id.to_owned()),
            "revocation" => Self::Revocation,
            "tenant" => Self::Tenant,
            kind => Self::Record(Kind::parse(kind)?, id.to_owned()),
        })
    }
}

/// The canonical text, in the order of RFC 8785 §3.2.3.
#[derive(Serialize)]
struct Text<'a> {
    action: &'a str,
    actor: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Chain::is_empty")]
    chain: Chain<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    owners: &'a [String],
    prev: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    reasons: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    time: &'a str,
}

/// A chain whose hops are written in the same order.
struct Chain<'a>(&'a [Hop]);

impl Chain<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Chain<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct HopText<'a> {
            agent: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            bind: Option<BindingText<'a>>,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            crit: bool,
            id: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            jkt: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            rt: Option<&'a str>,
            seq: i64,
            #[serde(skip_serializing_if = "Option::is_none")]
            sub: Option<&'a str>,
        }
        #[derive(Serialize)]
        struct BindingText<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            contract: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            session: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            task: Option<&'a str>,
        }
        serializer.collect_seq(self.0.iter().map(|hop| HopText {
            agent: &hop.agent,
            bind: hop.bind.as_ref().map(|bind| BindingText {
                contract: bind.contract.as_deref(),
                session: bind.session.as_deref(),
                task: bind.task.as_deref(),
            }),
            crit: hop.crit,
            id: &hop.id,
            jkt: hop.jkt.as_deref(),
            rt: hop.rt.as_deref(),
            seq: hop.seq,
            sub: hop.sub.as_deref(),
        }))
    }
}

impl EventDraft {
    /// A draft of an action by somebody.
    #[must_use]
    pub fn new(action: &'static str, actor: impl Into<String>) -> Self {
        Self { action, actor: actor.into(), ..Self::default() }
    }

    /// Adds detail, canonically; what cannot be written as JSON is left out.
    #[must_use]
    pub fn detail<T: Serialize>(mut self, detail: &T) -> Self {
        self.detail =
            deputy_mandate::jcs::canonical(detail).ok().and_then(|text| RawValue::from_string(text).ok());
        self
    }

    /// Adds detail whose members are declared in the order of RFC 8785 §3.2.3, down to the last: writing it is
    /// canonicalising it.
    #[must_use]
    pub fn detail_in_order<T: Serialize>(mut self, detail: &T) -> Self {
        self.detail = serde_json::value::to_raw_value(detail).ok();
        self
    }

    /// The canonical text at a position, and its hash.
    pub(crate) fn seal(
        &self,
        seq: i64,
        time: &str,
        prev: &str,
    ) -> Result<(String, String), serde_json::Error> {
        let text = Text {
            action: self.action,
            actor: &self.actor,
            agent: self.agent.as_deref(),
            chain: Chain(&self.chain),
            credential: self.credential.as_deref(),
            decision: self.decision,
            detail: self.detail.as_deref(),
            owners: &self.owners,
            prev,
            reasons: &self.reasons,
            request_id: self.request_id.as_deref(),
            seq,
            subject: self.subject.as_deref(),
            time,
        };
        let body = serde_json::to_string(&text)?;
        let hash = hash(&body);
        Ok((body, hash))
    }
}

/// `base64url(SHA-256(text))`.
#[must_use]
pub fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// An instant as RFC 3339 in UTC with milliseconds.
#[must_use]
pub fn rfc3339(at: Instant) -> String {
    const FORMAT: &[time::format_description::BorrowedFormatItem<'_>] = time::macros::format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
    );
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000)
        .ok()
        .and_then(|t| t.format(FORMAT).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_event_is_canonical() {
        let mut draft =
            EventDraft::new("agent.suspended", "key:1").detail(&serde_json::json!({"b": 1, "a": "\u{1}"}));
        draft.agent = Some("a1".into());
        let bind = deputy_mandate::Binding { task: Some("t".into()), ..Default::default() };
        draft.chain = vec![Hop {
            id: "j".into(),
            agent: "a1/w".into(),
            sub: Some("u".into()),
            jkt: Some("k".into()),
            rt: Some("r".into()),
            bind: Some(bind),
            crit: true,
            seq: 3,
        }];
        let (body, hash) = draft.seal(7, &rfc3339(Instant(1_700_000_000_123)), GENESIS).unwrap();
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(deputy_mandate::jcs::canonical(&value).unwrap(), body);
        assert_eq!(value["time"], "2023-11-14T22:13:20.123Z");
        assert_eq!(hash, super::hash(&body));
    }

    #[test]
    fn what_was_touched_is_read_back() {
        for touched in [
            Touched::Record(Kind::RoleBinding, "x:y".into()),
            Touched::User("u".into()),
            Touched::Group("g".into()),
            Touched::Revocation,
            Touched::Tenant,
        ] {
            assert_eq!(Touched::parse(&touched.text()), Some(touched));
        }
        assert_eq!(Touched::parse("novelty:1"), None);
    }
}
