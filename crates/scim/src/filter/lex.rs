//! Words, strings and brackets of a filter; each byte is looked at once.

use std::borrow::Cow;

use super::FilterError;

/// What stands at a place of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexeme<'a> {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenValue,
    /// `]`
    CloseValue,
    /// A name, an operator, a number, `true`, `false` or `null`.
    Word(&'a str),
    /// A string, decoded.
    Text(Cow<'a, str>),
    /// The end.
    End,
}

/// A lexeme and where it begins and ends, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) lexeme: Lexeme<'a>,
    pub(super) at: usize,
    pub(super) end: usize,
}

/// Reads tokens from left to right.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Bytes looked at, so that a test can show the work is linear.
    pub(super) work: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, work: 0 }
    }

    /// The text from a place on.
    pub(super) fn rest_from(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Result<Token<'a>, FilterError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let at = self.at + blank;
        let rest = self.text.get(at..).unwrap_or_default();
        let (lexeme, length) = match rest.bytes().next() {
            None => (Lexeme::End, 0),
            Some(b'(') => (Lexeme::Open, 1),
            Some(b')') => (Lexeme::Close, 1),
            Some(b'[') => (Lexeme::OpenValue, 1),
            Some(b']') => (Lexeme::CloseValue, 1),
            Some(b'"') => string(rest, at)?,
            Some(_) => word(rest, at)?,
        };
        self.at = at + length;
        self.work += blank + length + 1;
        Ok(Token { lexeme, at, end: self.at })
    }
}

fn word(rest: &str, at: usize) -> Result<(Lexeme<'_>, usize), FilterError> {
    let length = rest.bytes().take_while(|byte| is_word(*byte)).count();
    match rest.get(..length) {
        Some(word) if length > 0 => Ok((Lexeme::Word(word), length)),
        _ => Err(FilterError::Expected { expected: "a name, a value or a bracket", at }),
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'$' | b':' | b'.' | b'+')
}

/// A JSON string. NUL is refused, because PostgreSQL cannot hold it.
fn string(rest: &str, at: usize) -> Result<(Lexeme<'_>, usize), FilterError> {
    let bad = FilterError::BadString { at };
    let mut escaped = false;
    let mut plain = true;
    let mut close = None;
    for (i, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => (escaped, plain) = (true, false),
            b'"' => {
                close = Some(i);
                break;
            }
            0..0x20 => return Err(bad),
            _ => {}
        }
    }
    let Some(close) = close else { return Err(bad) };
    let decoded = if plain {
        Cow::Borrowed(rest.get(1..close).unwrap_or_default())
    } else {
        let quoted = rest.get(..=close).unwrap_or_default();
        match serde_json::from_str::<String>(quoted) {
            Ok(text) if !text.contains('\0') => Cow::Owned(text),
            _ => return Err(bad),
        }
    };
    Ok((Lexeme::Text(decoded), close + 1))
}
