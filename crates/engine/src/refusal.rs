//! The one refusal that leaves the engine.
//!
//! Every operation's own error converts into [`Refusal`]; an HTTP dialect matches only this enum,
//! exhaustively. Nothing in it is internal: private detail goes to tracing where it arises.

use std::borrow::Cow;

use deputy_oauth::error::OAuthError;
use deputy_scim::ErrorMessage;

/// Why the engine did not do what was asked, in terms that a caller may see.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// No credential, an unknown one, one of another tenant, or one that has ended.
    #[error("authentication is required")]
    Unauthenticated,
    /// The credential is good, its role does not allow this.
    #[error("this key's role does not allow it")]
    Forbidden,
    /// Not there, or somebody else's: never told apart.
    #[error("not found")]
    NotFound,
    /// A member of the request is wrong; `field` is its path in the request, empty for the whole of it.
    #[error("{}{problem}", named(field))]
    Invalid {
        /// Path of the member, such as `tools.transfer.amount`.
        field: Cow<'static, str>,
        /// One plain sentence without a full stop.
        problem: Cow<'static, str>,
    },
    /// Several members are wrong; every one is told at once.
    #[error("{} problems in the request", .0.len())]
    InvalidMany(Vec<Problem>),
    /// The change contradicts what is there (a used name, a last owner, different argument maps).
    #[error("{what}")]
    Conflict {
        /// What it contradicts, in one plain sentence without a full stop.
        what: Cow<'static, str>,
    },
    /// An `If-Match` that no longer matches (RFC 9110 §13.1.1).
    #[error("it has changed since it was read")]
    Precondition,
    /// The body or a list in it is larger than allowed.
    #[error("the request is too large: at most {limit_bytes} bytes")]
    TooLarge {
        /// The bound that was broken.
        limit_bytes: usize,
    },
    /// Too many requests (RFC 6585 §4).
    #[error("too many requests")]
    TooMany {
        /// Seconds to wait.
        retry_after_secs: u32,
    },
    /// The database cannot be reached, or a queue is full: try again (RFC 9110 §15.6.4).
    #[error("temporarily unavailable")]
    Unavailable {
        /// Seconds to wait.
        retry_after_secs: u32,
    },
    /// The tenant is halted or suspended.
    #[error("the tenant is halted")]
    Halted,
    /// A token endpoint's answer with its own code (RFC 6749 §5.2).
    #[error("{0}")]
    OAuth(OAuthError),
    /// A SCIM answer with its own keyword (RFC 7644 §3.12).
    #[error("{0}")]
    Scim(ErrorMessage),
    /// A fault of ours; its cause is in the log under the request's id.
    #[error("internal error")]
    Internal,
}

/// One of several problems, with its place in a submitted document where there is one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Path of the member.
    pub field: String,
    /// 1-based line in the submitted document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// 1-based column in the submitted document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// One plain sentence.
    pub message: String,
}

impl Refusal {
    /// A refusal of one member.
    pub fn invalid(field: impl Into<Cow<'static, str>>, problem: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid { field: field.into(), problem: problem.into() }
    }

    /// A refusal in SCIM's own words.
    pub fn scim(problem: impl Into<ErrorMessage>) -> Self {
        Self::Scim(problem.into())
    }

    /// A refusal for what it would contradict.
    pub fn conflict(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict { what: what.into() }
    }
}

/// The field as the beginning of a sentence; a request that is wrong as a whole has none.
fn named(field: &str) -> String {
    if field.is_empty() { "the request ".to_owned() } else { format!("`{field}`: ") }
}
