//! `deputy token delegate`: narrows a credential without a network, in both forms that can be.
//!
//! Invariant: nothing is sent anywhere, and nothing comes out that a verifier would refuse: what claims more than
//! the parent is refused here, in one sentence that says what the parent has, and never clipped.

mod capability;
mod chain;
mod explain;
mod wanted;

use std::path::PathBuf;

use clap::Args;
use deputy_engine::Sources;
use deputy_mandate::{Instant, ReasonCode};
use deputy_token::access::is_segment;

use super::credential::{Form, Presented};
use super::said::Said;
use crate::cli::{Failure, output};
use crate::pages::when::When;
use wanted::Less;

/// `token delegate`.
#[derive(Debug, Args)]
pub struct Delegate {
    #[command(flatten)]
    presented: Presented,
    /// Who it is for, one segment: lower-case letters, digits, `.`, `_` and `-`
    #[arg(long, value_name = "NAME", value_parser = segment)]
    name: String,
    #[command(flatten)]
    less: Less,
    /// The next holder's public JWK, as JSON or a file: required for an attenuating agent token, and binds a
    /// capability to the key
    #[arg(long, value_name = "JWK", help_heading = "Keys")]
    to: Option<String>,
    /// The holder's own private Ed25519 key, PKCS#8 PEM or JWK: for an attenuating agent token
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    key: Option<PathBuf>,
}

impl Delegate {
    pub(super) fn run(self, sources: &Sources) -> Result<(), Failure> {
        let text = self.presented.read()?;
        let parent = Said::read(&text).map_err(|error| Failure::Negative(error.to_string()))?;
        let now = sources.now();
        verify_life(&parent, now)?;
        let wanted = self.less.narrowing(&parent.claims.mandate, now)?;
        let child = match parent.form {
            Form::Capability if self.key.is_some() => {
                return Err(Failure::Usage(
                    "a capability is narrowed without a key: leave --key out".to_owned(),
                ));
            }
            Form::Capability => {
                capability::narrow(&text, &parent, &self.name, wanted, self.to.as_deref(), sources)?
            }
            Form::Aat => {
                let keys = (self.key.as_deref(), self.to.as_deref());
                chain::narrow(&text, &parent, &self.name, &wanted, keys, sources)?
            }
            Form::Access | Form::Other => {
                return Err(Failure::Negative(
                    "an access token cannot be narrowed offline: only its issuer's `token exchange` can"
                        .to_owned(),
                ));
            }
        };
        note(&child, now);
        output::line(&child)
    }
}

/// A dead parent has only dead children.
fn verify_life(parent: &Said, now: Instant) -> Result<(), Failure> {
    let end = parent.claims.expires_at();
    if now < end {
        return Ok(());
    }
    let end = When::of(end.0, now.0);
    Err(refused(ReasonCode::Expired, &format!("the credential expired {} ({})", end.text, end.iso)))
}

/// A refusal under the code that a verifier would give.
fn refused(code: ReasonCode, sentence: &str) -> Failure {
    Failure::Negative(output::visible(&format!("{}: {sentence}", code.as_str())))
}

/// What was made, for the person at the terminal.
fn note(child: &str, now: Instant) {
    let Ok(said) = Said::read(child) else { return };
    let (claims, mandate) = (&said.claims, &said.claims.mandate);
    let end = When::of(claims.expires_at().0, now.0);
    let left = usize::from(mandate.max_depth).saturating_sub(claims.del_depth());
    let further = match (mandate.may_delegate, left) {
        (false, _) | (_, 0) => "may not be delegated further".to_owned(),
        (true, 1) => "1 delegation left".to_owned(),
        (true, left) => format!("{left} delegations left"),
    };
    eprintln!("{}: ends {} ({}); {further}", output::visible(&claims.agent.name), end.text, end.iso);
}

/// A name that every form takes.
fn segment(text: &str) -> Result<String, String> {
    if is_segment(text) {
        Ok(text.to_owned())
    } else {
        Err("a name is 1 to 63 lower-case letters, digits, `.`, `_` or `-`, and begins with a letter or digit".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn a_name_is_one_segment() {
        for good in ["a", "worker-1", "0.b_c", &"a".repeat(63)] {
            assert!(segment(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "a/b", "-a", "ä", &"a".repeat(64)] {
            assert!(segment(bad).is_err(), "{bad}");
        }
    }
}
