//! The token endpoint: requests and responses (RFC 6749 sections 4.4 and 5, RFC 8707, RFC 9396).

mod request;
mod resource;
mod response;
#[cfg(test)]
mod tests;

pub use request::{ClientCredentialsRequest, GRANT_TYPES, GrantRequest};
pub use resource::Resource;
pub use response::{RemovedItem, TokenResponse};
