//! What every request passes before a route and every answer after it.
//!
//! Invariant: no answer leaves without a request id and the security headers, and no route reads a body
//! that is over its limit.

pub mod api;
pub mod asking;
pub mod bearer;
pub mod body;
pub mod client;
pub mod drain;
pub mod form;
pub mod frame;
pub mod headers;
pub mod json;
pub mod limits;
pub mod metered;
pub mod methods;
pub mod query;
pub mod request_id;
pub mod serve;
pub mod session;
pub mod sse;
pub mod strict;
#[cfg(test)]
mod tests;
pub mod text;
pub mod tls;
