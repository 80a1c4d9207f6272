//! What any JWT may claim, read strictly (RFC 7519 section 4.1).

use deputy_mandate::{Instant, Members, Value};

/// A claim that is there, but not of the type that it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistyped;

/// The claims of a payload; `None` unless it is a JSON object in which every name stands once.
pub fn read_claims(payload: &[u8]) -> Option<Members> {
    match Value::parse(std::str::from_utf8(payload).ok()?) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// The audience, when there is exactly one: a text, or an array of one (section 4.1.3).
pub fn sole_audience(claims: &Members) -> Option<&str> {
    match claims.get("aud")? {
        Value::String(one) => Some(one),
        Value::Array(several) => match several.as_slice() {
            [Value::String(one)] => Some(one),
            _ => None,
        },
        _ => None,
    }
}

/// A NumericDate (section 2), if there is one; fractions of a second count down.
///
/// # Errors
/// [`Mistyped`]: also for one before 1970 or after the year 9999, with which no calculation could go on.
pub fn numeric_date(claims: &Members, name: &str) -> Result<Option<Instant>, Mistyped> {
    const YEAR_10000: f64 = 253_402_300_800.0;
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(seconds)) if (0.0..YEAR_10000).contains(&seconds.as_f64()) => {
            Ok(Some(Instant::from_secs(seconds.as_f64() as i64)))
        }
        Some(_) => Err(Mistyped),
    }
}
