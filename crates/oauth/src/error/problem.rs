//! The causes behind each OAuth code, with the data that the description needs.

use deputy_mandate::ReasonCode;
use deputy_token::{aat::AatSealError, dpop::ProofError};

use crate::client::AssertionError;
use crate::form::FormError;

/// Behind `invalid_request`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestProblem {
    /// The body is not a form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The `Content-Type` is not `application/x-www-form-urlencoded`.
    #[error("the body must be application/x-www-form-urlencoded")]
    ContentType,
    /// A required parameter is absent or empty.
    #[error("the parameter `{0}` is missing")]
    Missing(&'static str),
    /// A parameter is not of its form.
    #[error("the parameter `{0}` is malformed")]
    Malformed(&'static str),
    /// A value that exists, but is not supported here.
    #[error("the value of the parameter `{0}` is not supported")]
    Unsupported(&'static str),
    /// The client authenticates in more than one way (RFC 6749 section 2.3).
    #[error("the client must authenticate in exactly one way")]
    SeveralAuthentications,
    /// `client_id` differs from the client that authenticates.
    #[error("the parameter `client_id` is not the client that authenticates")]
    ClientIdDiffers,
    /// A worker without registration, below a token of another client.
    #[error("`delegate_name` is for the subject token's own client only")]
    ForeignDelegate,
    /// The agent must be given bound tokens only, or what it presents or asks for is bound to a key (RFC 9449
    /// section 5).
    #[error("the request must carry a DPoP proof")]
    ProofMissing,
}

/// Behind `invalid_dpop_proof`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofProblem {
    /// More than one `DPoP` header (RFC 9449 section 4.3, the first check).
    #[error("the request carries more than one DPoP header")]
    Several,
    /// The proof itself does not hold.
    #[error(transparent)]
    Refused(#[from] ProofError),
    /// The proof has been used before.
    #[error("the proof has been used before")]
    Replayed,
    /// The proof is by another key than `req_cnf` names.
    #[error("the proof is not by the key in `req_cnf`")]
    OtherKey,
    /// The proof's key is revoked.
    #[error("the proof's key is revoked")]
    Revoked,
}

/// Behind `invalid_client`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientProblem {
    /// No client authentication.
    #[error("client authentication is missing")]
    Missing,
    /// The `Authorization` header is of another scheme than Basic, or not one of that scheme.
    #[error("the Authorization header is not one of scheme Basic")]
    Header,
    /// A `client_assertion_type` other than that of RFC 7523.
    #[error("the client assertion type is not supported")]
    AssertionType,
    /// The client assertion does not hold.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// No such client, not its secret, not its key, a used assertion, or a client that is not active.
    #[error("client authentication failed")]
    Refused,
}

/// Behind `invalid_grant`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantProblem {
    /// The agent has a registered runtime, and the request carries none.
    #[error("the agent has a registered runtime and the request carries none")]
    RuntimeMissing,
    /// The runtime of the request is not the registered one.
    #[error("the runtime is not the registered one")]
    RuntimeChanged,
    /// A subject token that this tenant did not sign, or that this client may not exchange: they look the same.
    #[error("the subject token is not one that this client may exchange")]
    SubjectUnknown,
    /// A subject token that this client may exchange, and that may not be used: the first reason.
    #[error("the subject token may not be used: {}", .0.as_str())]
    SubjectDead(ReasonCode),
    /// A person's token, or an assertion, that no identity provider of this tenant made for it, or of nobody whom
    /// the tenant knows as active: they look the same, because whoever presents it may have found it.
    #[error(
        "the token is not one of a person whom this tenant knows, from an identity provider that it trusts"
    )]
    PersonUnknown,
    /// A person for whom the agent may not act.
    #[error("the agent may not act for this person")]
    NotForPerson,
    /// An assertion that was made for another client.
    #[error("the assertion is not for this client, or not for what is asked for")]
    AssertionFor,
    /// The actor token is not a live token of the client.
    #[error("the actor token is not a live token of this client")]
    Actor,
    /// The holder of the subject token may not hand it on.
    #[error("the subject token may not be delegated")]
    DelegationNotAllowed,
    /// One delegation too many.
    #[error("the chain is at its greatest depth: {ceiling} delegations")]
    Depth {
        /// How many there may be.
        ceiling: u8,
    },
}

/// Behind `invalid_scope`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeProblem {
    /// Not a list of scope tokens (RFC 6749 section 3.3).
    #[error("the parameter `scope` is not a list of scope tokens with single spaces between")]
    Malformed,
    /// Neither `scope` nor `authorization_details` says what is asked for.
    #[error("say what is asked for in `scope` or `authorization_details`; this client may have: {}", listed(.ceiling))]
    NothingRequested {
        /// What the client could get: `scope:…`, `tool:…`.
        ceiling: Vec<String>,
    },
    /// Nothing of what was asked for is granted.
    #[error("nothing that was asked for is granted: {}", removals(.removed))]
    NothingGranted {
        /// What was asked for, and the leg that removed it.
        removed: Vec<(String, &'static str)>,
    },
    /// What would be granted has no room in a token.
    #[error("what would be granted is too large for one token: ask for fewer tools or scopes")]
    TooLarge,
}

/// Behind `invalid_target`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetProblem {
    /// Not an absolute URI without a fragment.
    #[error("a resource must be an absolute URI without a fragment")]
    Malformed,
    /// More audiences than the token may have.
    #[error("a token that is not bound to a key has one resource only")]
    Several,
    /// Not among the audiences of the token that is exchanged.
    #[error("the resource is not an audience of the subject token")]
    NotOfParent,
    /// The tenant has no such resource server, or none of the client's roles covers it.
    #[error("the resource is not registered")]
    Unknown,
}

/// Behind `invalid_authorization_details`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DetailsProblem {
    /// Not the JSON that was expected, an unknown type or member.
    #[error("the parameter `authorization_details` is not valid: {0}")]
    Malformed(deputy_mandate::DetailsError),
    /// Well-formed, but what it asks for cannot be sealed.
    #[error("the authorization details cannot be granted: {0}")]
    Ungrantable(deputy_mandate::GrantRefusal),
    /// What is granted cannot be said in the form that was asked for.
    #[error("the grant cannot be carried: {0}")]
    NotCarried(AatSealError),
}

fn listed(what: &[String]) -> String {
    if what.is_empty() { "nothing".to_owned() } else { what.join(" ") }
}

fn removals(removed: &[(String, &'static str)]) -> String {
    let each: Vec<String> = removed.iter().map(|(what, by)| format!("{what} (by {by})")).collect();
    listed(&each)
}
