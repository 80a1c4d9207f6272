//! The token endpoint: requests and responses (RFC 6749 sections 4.4 and 5, RFC 8693, RFC 8707, RFC 9396).

mod attenuating;
mod exchange;
#[cfg(test)]
mod exchange_tests;
mod request;
mod resource;
mod response;
#[cfg(test)]
mod tests;
mod token_type;

pub use exchange::{DelegateName, ExchangeRequest, PresentedToken};
pub use request::{GRANT_TYPES, GrantRequest, TOKEN_EXCHANGE, Wanted};
pub use resource::Resource;
pub use response::{RemovedItem, TokenResponse};
pub use token_type::TokenType;
