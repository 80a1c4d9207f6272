//! OAuth 2.0 messages and rules, without transport: what a request says, and what an answer looks like.
//!
//! - [`form`]: the request body, read strictly.
//! - [`client`]: how a client authenticates.
//! - [`token`]: token requests and responses.
//! - [`introspection`], [`revocation`]: RFC 7662, RFC 7009.
//! - [`metadata`]: RFC 8414; it says nothing that does not work.
//! - [`error`]: every refusal, with its code, status and description.
//!
//! Nothing here looks anything up: a parsed request is a claim, and the engine decides.

pub mod client;
pub mod error;
pub mod form;
pub mod introspection;
pub mod metadata;
pub mod revocation;
pub mod token;
