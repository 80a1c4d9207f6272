//! The token endpoint: requests and responses (RFC 6749 sections 4.4 and 5, RFC 8693, RFC 8707, RFC 9396).

mod attenuating;
mod bearer;
mod exchange;
#[cfg(test)]
mod exchange_tests;
mod request;
mod resource;
mod response;
mod svid;
#[cfg(test)]
mod tests;
mod token_type;

pub use bearer::JwtBearerRequest;
pub use exchange::{DelegateName, ExchangeRequest, PresentedToken, PresentedType};
pub use request::{GRANT_TYPES, GrantRequest, JWT_BEARER, TOKEN_EXCHANGE, Wanted};
pub use resource::Resource;
pub use response::{RemovedItem, TokenResponse};
pub use svid::{JWT_SVID, SvidRequest};
pub use token_type::TokenType;
