//! A credential as a person hands it over: where it comes from, and which of the sealed forms it has.

use std::path::{Path, PathBuf};

use clap::Args;
use deputy_token::jws::{JwsError, UnverifiedJws};
use deputy_token::{aat, access};
use zeroize::Zeroizing;

use crate::cli::{Failure, secret_input};

/// Where a credential comes from.
#[derive(Debug, Args)]
pub(super) struct Presented {
    /// The credential; - for stdin, which is also the default
    #[arg(value_name = "TOKEN", env = "DEPUTY_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// A file whose first line is the credential
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Presented {
    /// Reads it.
    ///
    /// # Errors
    /// If the file or stdin cannot be read or is empty.
    pub(super) fn read(&self) -> Result<Zeroizing<String>, Failure> {
        match (&self.token_file, &self.token) {
            (Some(path), _) => secret_input::first_line(path),
            (None, Some(token)) => secret_input::token(token),
            (None, None) => secret_input::first_line(Path::new("-")),
        }
    }
}

/// The form of a credential, as its text says; nothing is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// An access token.
    Access,
    /// A capability.
    Capability,
    /// An attenuating agent token.
    Aat,
    /// A signed token, but none of these.
    Other,
}

impl Form {
    /// Recognises it.
    ///
    /// # Errors
    /// If the text is neither a capability nor a signed token.
    pub(super) fn of(text: &str) -> Result<Self, JwsError> {
        // Another number after the letters is another version of the same form, and is refused as such.
        if text.starts_with("dpyc") {
            return Ok(Self::Capability);
        }
        let first = text.split(aat::SEPARATOR).next().unwrap_or_default();
        let jws = UnverifiedJws::parse(first)?;
        Ok(match jws.typ() {
            Some(aat::TYP) => Self::Aat,
            Some(access::TYP) => Self::Access,
            _ => Self::Other,
        })
    }

    /// The name in JSON.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access_token",
            Self::Capability => "capability",
            Self::Aat => "attenuating_agent_token",
            Self::Other => "other",
        }
    }

    /// The name for people.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Access => "access token",
            Self::Capability => "capability",
            Self::Aat => "attenuating agent token",
            Self::Other => "a signed token, but none of Deputy's",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn the_text_says_the_form() {
        let jws = |typ: &str| {
            use base64::Engine as _;
            use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
            let header = format!(r#"{{"alg":"ES256","kid":"k","typ":"{typ}"}}"#);
            format!("{}.{}.{}", B64.encode(header), B64.encode("{}"), B64.encode("sig"))
        };
        assert_eq!(Form::of(&jws("at+jwt")), Ok(Form::Access));
        assert_eq!(Form::of(&jws("aat+jwt")), Ok(Form::Aat));
        assert_eq!(Form::of(&format!("{0}~{0}", jws("aat+jwt"))), Ok(Form::Aat));
        assert_eq!(Form::of(&jws("JWT")), Ok(Form::Other));
        assert_eq!(Form::of("dpyc1.e30.c2ln"), Ok(Form::Capability));
        assert_eq!(Form::of("dpyc2.e30.c2ln"), Ok(Form::Capability));
        for garbage in ["", "a.b.c", "dpy_abc", "....", "~", "0192f0c4-7b1e-7cc2"] {
            assert!(Form::of(garbage).is_err(), "{garbage}");
        }
    }
}
