//! Narrowing a capability: one block more, under its tag as the key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_engine::Sources;
use deputy_mandate::Narrowing;
use deputy_token::access::{ChainError, Cnf};
use deputy_token::capability::{AttenuateError, Attenuation, CapabilityError, attenuate};

use super::{explain, refused};
use crate::cli::Failure;
use crate::cli::token::holder_key;
use crate::cli::token::said::Said;

pub(super) fn narrow(
    text: &str,
    parent: &Said,
    name: &str,
    wanted: Narrowing,
    to: Option<&str>,
    sources: &Sources,
) -> Result<String, Failure> {
    let cnf = to.map(|jwk| holder_key::public("--to", jwk)).transpose()?;
    let cnf = cnf.map(|jwk| Cnf { jkt: jwk.thumbprint() });
    // The seal judges in normal form and whole seconds; the sentence must speak of the same.
    let narrowing = wanted.normalized().in_whole_seconds();
    if let Err(error) = narrowing.verify_bounds() {
        return Err(Failure::Usage(error.to_string()));
    }
    let wanted = Attenuation { name: name.to_owned(), narrowing, cnf };
    attenuate(text, &wanted, nonce(sources)?).map_err(|error| told(error, parent, &wanted.narrowing))
}

fn nonce(sources: &Sources) -> Result<[u8; 16], Failure> {
    let failed = || Failure::Negative("the random source failed".to_owned());
    let random = sources.secret().map_err(|_| failed())?;
    let bytes = B64.decode(random).map_err(|_| failed())?;
    bytes.first_chunk().copied().ok_or_else(failed)
}

fn told(error: AttenuateError, parent: &Said, stated: &Narrowing) -> Failure {
    let (claims, mandate) = (&parent.claims, &parent.claims.mandate);
    let sentence = match error {
        AttenuateError::Refused(CapabilityError::NotAttenuated { member, .. }) => {
            explain::member(member, stated, mandate)
        }
        AttenuateError::Refused(CapabilityError::DelegationNotAllowed { .. }) => {
            format!("`{}` may not hand it on: its `may_delegate` is false", claims.agent.name)
        }
        AttenuateError::Refused(CapabilityError::Chain(ChainError::Depth { ceiling })) => {
            let made = claims.del_depth();
            format!(
                "`max_depth`: the chain may have {ceiling} delegations, and this would be number {}",
                made + 1
            )
        }
        AttenuateError::Refused(error) | AttenuateError::Parent(error) => error.to_string(),
    };
    refused(error.reason(), &sentence)
}
