//! What ends with a person besides the agents that are theirs alone.

use deputy_store::TenantTx;
use deputy_token::revocation::Target;

use super::Settling;
use crate::Refusal;

/// Ends every credential that was issued on a person's behalf, by one revocation.
pub(crate) fn end_for_subject(
    tx: &mut TenantTx<'_>,
    settling: &Settling,
    user: &str,
    reason: &str,
) -> Result<(), Refusal> {
    let mut event = settling.by.event("revocation.created");
    event.subject = Some(user.to_owned());
    tx.revoke(settling.sources.id()?, Target::Subject(user.to_owned()), reason, event);
    Ok(())
}
