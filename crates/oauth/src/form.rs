//! A strict reader of `application/x-www-form-urlencoded` bodies (RFC 6749 appendix B, RFC 8707 section 2).
//!
//! Invariant: every parameter but `resource` stands at most once, so that no two readers of one request can
//! see different values (RFC 6749 section 3.2); a parameter without a value counts as absent (section 3.1).

use std::fmt;

use zeroize::Zeroizing;

/// The one parameter that may be repeated (RFC 8707 section 2).
const REPEATABLE: &str = "resource";

/// More parameters than this are refused.
const MAX_PARAMETERS: usize = 64;

/// Why a body is not a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// `%` without two hexadecimal digits.
    #[error("a percent sign is not followed by two hexadecimal digits")]
    Percent,
    /// The decoded bytes are not UTF-8.
    #[error("a parameter is not UTF-8")]
    Utf8,
    /// U+0000, which PostgreSQL could not store.
    #[error("a parameter contains a NUL character")]
    Nul,
    /// A parameter twice.
    #[error("the parameter `{0}` is repeated")]
    Repeated(String),
    /// More than 64 parameters.
    #[error("there are more than {MAX_PARAMETERS} parameters")]
    TooMany,
}

/// The parameters of a form, in their order. Values are wiped when dropped, since any may be a secret.
#[derive(Clone, Default)]
pub struct Form {
    parameters: Vec<(String, Zeroizing<String>)>,
}

impl Form {
    /// Reads a body.
    ///
    /// # Errors
    /// [`FormError`].
    pub fn parse(body: &[u8]) -> Result<Self, FormError> {
        let mut parameters: Vec<(String, Zeroizing<String>)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if parameters.len() == MAX_PARAMETERS {
                return Err(FormError::TooMany);
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = Zeroizing::new(decode(halves.next().unwrap_or_default())?);
            if name != REPEATABLE && parameters.iter().any(|(known, _)| *known == name) {
                return Err(FormError::Repeated(name));
            }
            parameters.push((name, value));
        }
        Ok(Self { parameters })
    }

    /// The value of a parameter, `None` when it is absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every non-empty value of a parameter.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.parameters
            .iter()
            .filter(move |(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.parameters.iter().map(|(name, _)| name)).finish()
    }
}

/// Decodes one name or value: `+` is a space, `%XX` a byte.
///
/// # Errors
/// [`FormError::Percent`], [`FormError::Utf8`], [`FormError::Nul`].
pub(crate) fn decode(encoded: &[u8]) -> Result<String, FormError> {
    // Tokens make up most of most forms, and hold nothing to decode.
    if !encoded.iter().any(|byte| matches!(byte, b'+' | b'%' | 0)) {
        return String::from_utf8(encoded.to_vec()).map_err(|_| FormError::Utf8);
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(FormError::Percent),
            },
            0 => return Err(FormError::Nul),
            plain => *plain,
        });
    }
    if bytes.contains(&0) {
        return Err(FormError::Nul);
    }
    String::from_utf8(bytes).map_err(|_| FormError::Utf8)
}

fn hex(digit: &u8) -> Option<u8> {
    char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
