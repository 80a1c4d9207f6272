//! Lifetimes: `1h`, `15m`, `900s`, or seconds as a number.
//!
//! Invariant: from one second to 24 hours, the longest that a credential lives.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::words::quoted;

/// A lifetime in whole seconds. Written to JSON as a number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Ttl(u32);

/// Why a text is no lifetime.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TtlError {
    /// Not a number with a unit.
    #[error("{} is no duration: write `900s`, `15m`, `1h`, or a number of seconds", quoted(.0))]
    Form(String),
    /// Zero, or more than a day.
    #[error("{} is out of bounds: a lifetime is at least 1 second and at most 24 hours", quoted(.0))]
    Bounds(String),
}

impl Ttl {
    /// The longest lifetime, in seconds.
    pub const MAX_SECS: u32 = 24 * 60 * 60;

    /// A lifetime of whole seconds.
    ///
    /// # Errors
    /// [`TtlError::Bounds`] for zero and for more than 24 hours.
    pub fn from_secs(secs: u64) -> Result<Self, TtlError> {
        match u32::try_from(secs) {
            Ok(secs @ 1..=Self::MAX_SECS) => Ok(Self(secs)),
            _ => Err(TtlError::Bounds(secs.to_string())),
        }
    }

    /// The lifetime in seconds.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0
    }
}

impl TryFrom<&str> for Ttl {
    type Error = TtlError;

    fn try_from(text: &str) -> Result<Self, TtlError> {
        let form = || TtlError::Form(text.to_owned());
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit: u64 = match text.get(digits.len()..) {
            Some("s" | "") => 1,
            Some("m") => 60,
            Some("h") => 3_600,
            Some("d") => 86_400,
            _ => return Err(form()),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        // Digits that do not fit are a number all the same, only too large a one.
        let number = digits.parse::<u64>().unwrap_or(u64::MAX);
        Self::from_secs(number.saturating_mul(unit)).map_err(|_| TtlError::Bounds(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Ttl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl de::Visitor<'_> for Form {
            type Value = Ttl;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as `15m`, or a number of seconds")
            }

            fn visit_u64<E: de::Error>(self, secs: u64) -> Result<Ttl, E> {
                Ttl::from_secs(secs).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, secs: i64) -> Result<Ttl, E> {
                u64::try_from(secs)
                    .map_err(|_| TtlError::Bounds(secs.to_string()))
                    .and_then(Ttl::from_secs)
                    .map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Ttl, E> {
                Ttl::try_from(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(test)]
mod tests {
    use super::{Ttl, TtlError};

    #[test]
    fn units_and_plain_seconds() {
        for (text, secs) in [
            ("1h", 3_600),
            ("15m", 900),
            ("900s", 900),
            ("900", 900),
            ("1d", 86_400),
            ("24h", 86_400),
            ("1s", 1),
        ] {
            assert_eq!(Ttl::try_from(text).unwrap().as_secs(), secs, "{text}");
        }
        assert_eq!(serde_json::from_str::<Ttl>("900").unwrap().as_secs(), 900);
        assert_eq!(serde_json::from_str::<Ttl>("\"15m\"").unwrap().as_secs(), 900);
        assert_eq!(serde_json::to_string(&Ttl::from_secs(900).unwrap()).unwrap(), "900");
    }

    #[test]
    fn no_more_than_a_day_and_no_other_form() {
        for text in ["0s", "0", "25h", "86401s", "99999999999999999999h"] {
            assert!(matches!(Ttl::try_from(text), Err(TtlError::Bounds(_))), "{text}");
        }
        for text in ["", "h", "1.5h", "-1h", "1 h", "1w", "1h30m", "1H", "é"] {
            assert!(matches!(Ttl::try_from(text), Err(TtlError::Form(_))), "{text}");
        }
        for json in ["-1", "0", "86401", "1.5", "true", "null", "\"x\""] {
            assert!(serde_json::from_str::<Ttl>(json).is_err(), "{json}");
        }
    }
}
