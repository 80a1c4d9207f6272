//! Token revocation by its client (RFC 7009).
//!
//! The answer to a well-formed request of an authenticated client is 200 with an empty body, whether or not
//! the token was known (section 2.2); so a response has no type here.

use zeroize::Zeroizing;

use crate::error::{OAuthError, RequestProblem};
use crate::form::Form;

/// What is asked: the end of a token. A wrong `token_type_hint` must not matter (section 2.1), so it is not
/// read.
#[derive(Clone)]
pub struct RevocationRequest {
    /// The token.
    pub token: Zeroizing<String>,
}

impl RevocationRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `invalid_request` without a `token`.
    pub fn parse(form: &Form) -> Result<Self, OAuthError> {
        let token = form.get("token").ok_or(RequestProblem::Missing("token"))?;
        Ok(Self { token: Zeroizing::new(token.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::RevocationRequest;
    use crate::form::Form;

    #[test]
    fn needs_a_token_and_no_hint() {
        let parse = |body: &str| RevocationRequest::parse(&Form::parse(body.as_bytes()).unwrap());
        assert_eq!(*parse("token=abc&token_type_hint=refresh_token").unwrap().token, "abc");
        assert_eq!(parse("token=").err().unwrap().code(), "invalid_request");
    }
}
