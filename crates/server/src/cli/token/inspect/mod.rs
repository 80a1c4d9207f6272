//! `deputy token inspect`: what a credential says, for a person or a script. Nothing is verified.
//!
//! Invariant: whatever the text is, it is shown or its fault is told; text from a token cannot move the cursor.

mod json;
mod text;

use clap::Args;
use deputy_engine::Sources;
use deputy_token::jws::UnverifiedJws;

use super::credential::{Form, Presented};
use super::said::Said;
use crate::cli::Failure;
use crate::cli::output::{self, Output};

/// `token inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    #[command(flatten)]
    presented: Presented,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Inspect {
    pub(super) fn run(self, sources: &Sources) -> Result<(), Failure> {
        let text = self.presented.read()?;
        let form = Form::of(&text).map_err(|error| {
            Failure::Negative(format!("this is neither a capability nor a signed token: {error}"))
        })?;
        eprintln!("not verified: anybody can write such a token");
        let said = Said::read(&text);
        if self.output == Output::Json {
            output::json(&json::document(form, &text, said.as_ref()))?;
        } else {
            match &said {
                Ok(said) => text::show(said, sources.now())?,
                Err(_) => raw(&text)?,
            }
        }
        match said {
            // Somebody else's token is shown as it is, which is no failure.
            Ok(_) | Err(super::said::Unreadable::Other(_)) => Ok(()),
            Err(error) => Err(Failure::Negative(output::visible(&error.to_string()))),
        }
    }
}

/// The members of a signed token that is not understood; of a capability there is nothing to be said.
fn raw(text: &str) -> Result<(), Failure> {
    let first = text.split(deputy_token::aat::SEPARATOR).next().unwrap_or_default();
    let Ok(jws) = UnverifiedJws::parse(first) else { return Ok(()) };
    let header = [("alg", Some(jws.alg().as_str())), ("typ", jws.typ()), ("kid", jws.kid())];
    output::facts(&header.map(|(name, value)| (name, value.unwrap_or_default().to_owned())))?;
    match serde_json::from_slice(jws.unverified_payload()) {
        Ok(serde_json::Value::Object(members)) => {
            let facts: Vec<_> =
                members.iter().map(|(name, value)| (name.as_str(), output::text(value))).collect();
            output::facts(&facts)
        }
        _ => Ok(()),
    }
}
