//! Refuses bytes that are not text before any route sees them.
//!
//! Invariant: no path, query or JSON string that reaches a route holds a NUL or ill-formed UTF-8. PostgreSQL
//! refuses NUL and SQLite stores it; here both are a 400.

use std::borrow::Cow;

use crate::refusal::Refusal;

/// Looks at a request target as sent, escapes and all.
///
/// # Errors
/// `Invalid`, naming the path or the query.
pub fn verify_target(path: &str, query: &str) -> Result<(), Refusal> {
    verify_escaped("path", path)?;
    verify_escaped("query", query)
}

/// Looks at decoded text.
///
/// # Errors
/// `Invalid`, naming the field.
pub fn verify_text(field: impl Into<Cow<'static, str>>, text: &str) -> Result<(), Refusal> {
    if text.contains('\0') {
        return Err(Refusal::invalid(field, "must not contain a NUL character"));
    }
    Ok(())
}

fn verify_escaped(field: &'static str, text: &str) -> Result<(), Refusal> {
    let Some(decoded) = decode(text) else {
        return Err(Refusal::invalid(field, "has an incomplete percent escape"));
    };
    match std::str::from_utf8(&decoded) {
        Ok(decoded) => verify_text(field, decoded),
        Err(_) => Err(Refusal::invalid(field, "must be UTF-8")),
    }
}

/// The bytes behind percent escapes; `None` for an escape that is none.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(bytes.next())? * 16 + digit(bytes.next())?;
        decoded.push(u8::try_from(value).ok()?);
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::verify_target;

    #[test]
    fn nul_and_broken_utf8_are_refused_wherever_they_hide() {
        assert!(verify_target("/t/acme/agents/caf%C3%A9", "q=a+b%20c").is_ok());
        for (path, query) in
            [("/t/a%00b", ""), ("/", "q=%00"), ("/t/%ff", ""), ("/", "q=%C3"), ("/%", ""), ("/%g1", "")]
        {
            assert!(verify_target(path, query).is_err(), "{path}?{query}");
        }
    }
}
