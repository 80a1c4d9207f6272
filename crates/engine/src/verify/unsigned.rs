//! Why nothing is known of a token's claims.

use deputy_mandate::ReasonCode;
use deputy_token::{access::AccessError, capability::CapabilityError};

use crate::Refusal;

/// A text whose claims are not believed.
#[derive(Debug)]
pub(crate) enum Unsigned {
    /// It is no token of this tenant.
    Refused(ReasonCode),
    /// It could not be asked whether it is one.
    Unknown(Refusal),
}

impl From<AccessError> for Unsigned {
    fn from(error: AccessError) -> Self {
        Self::Refused(error.reason())
    }
}

impl From<CapabilityError> for Unsigned {
    fn from(error: CapabilityError) -> Self {
        Self::Refused(error.reason())
    }
}
