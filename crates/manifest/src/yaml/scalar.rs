//! What an unquoted word means (YAML 1.2 core schema), and when it means different things to different readers.
//!
//! Invariant: a word that YAML 1.1 and YAML 1.2 read as different values is never given a meaning: whoever wrote
//! `no` for Norway and whoever wrote it for false are both asked to say which.

/// The meaning of an unquoted word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plain {
    /// Empty, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number in the notation of JSON.
    Number,
    /// A number in a notation that readers disagree about: `0x1F`, `017`, `1_000`, `12:30`, `.5`, `.inf`.
    OddNumber,
    /// `yes`, `no`, `on`, `off`, `y`, `n`: a boolean to YAML 1.1, text to YAML 1.2.
    OldBool,
    /// `2026-01-31`: a date to YAML 1.1, text to YAML 1.2.
    Date,
    /// Text to everybody.
    Text,
}

/// The meaning of an unquoted word.
pub(crate) fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "true" | "True" | "TRUE" => return Plain::Bool(true),
        "false" | "False" | "FALSE" => return Plain::Bool(false),
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF" => {
            return Plain::OldBool;
        }
        _ => {}
    }
    if is_json_number(text) {
        Plain::Number
    } else if is_odd_number(text) {
        Plain::OddNumber
    } else if is_date(text) {
        Plain::Date
    } else {
        Plain::Text
    }
}

/// The number grammar of RFC 8259 section 6.
fn is_json_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at).unwrap_or_default(), unsigned.get(at + 1..)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent_digits = exponent.map(|digits| digits.strip_prefix(['+', '-']).unwrap_or(digits));
    is_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(is_digits)
        && exponent_digits.is_none_or(is_digits)
}

/// Numbers of YAML 1.1 or 1.2 that JSON does not know.
fn is_odd_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            return !digits.is_empty() && digits.chars().all(|c| c == '_' || c.is_digit(radix));
        }
    }
    let starts_like_one = unsigned.starts_with(|c: char| c.is_ascii_digit())
        || (unsigned.starts_with('.')
            && unsigned.len() > 1
            && unsigned.chars().nth(1).is_some_and(|c| c.is_ascii_digit()));
    starts_like_one && (is_decimal_like(unsigned) || is_sexagesimal(unsigned))
}

/// Digits with at most one point and one exponent, underscores anywhere.
fn is_decimal_like(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| *c != '_').collect();
    let (mantissa, exponent) = match bare.find(['e', 'E']) {
        Some(at) => (bare.get(..at).unwrap_or_default(), bare.get(at + 1..)),
        None => (bare.as_str(), None),
    };
    let exponent_digits = exponent.map(|digits| digits.strip_prefix(['+', '-']).unwrap_or(digits));
    let mut halves = mantissa.splitn(2, '.');
    let digits_or_none =
        |part: Option<&str>| part.is_none_or(|part| part.bytes().all(|b| b.is_ascii_digit()));
    digits_or_none(halves.next()) && digits_or_none(halves.next()) && exponent_digits.is_none_or(is_digits)
}

/// `12:30` and `1:20:30.5`, numbers to the base of 60 in YAML 1.1.
fn is_sexagesimal(text: &str) -> bool {
    let mut parts = text.split(':');
    let first = parts.next().is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit() || b == b'_'));
    let mut more = false;
    let rest = parts.all(|part| {
        more = true;
        let whole = part.split('.').next().unwrap_or_default();
        let minutes = (1..=2).contains(&whole.len()) && whole.bytes().all(|b| b.is_ascii_digit());
        minutes && part.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    });
    first && rest && more
}

/// `2026-01-31`, with or without a time of day.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let year = parts.next().is_some_and(|part| part.len() == 4 && is_digits(part));
    let month = parts.next().is_some_and(|part| part.len() <= 2 && is_digits(part));
    let day = parts.next().is_some_and(|part| {
        let day = part.split(['T', 't', ' ']).next().unwrap_or_default();
        day.len() <= 2 && is_digits(day)
    });
    year && month && day
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Plain, plain};

    #[test]
    fn json_numbers_are_numbers() {
        for text in ["0", "-1", "1.5", "-0.25", "1e3", "2.5E-7", "900"] {
            assert_eq!(plain(text), Plain::Number, "{text}");
        }
    }

    #[test]
    fn numbers_that_readers_disagree_about_are_told_apart() {
        for text in [
            "017",
            "0x1F",
            "0o17",
            "0b11",
            "1_000",
            "+1",
            ".5",
            "5.",
            ".inf",
            "-.INF",
            ".nan",
            "12:30",
            "1:20:30.5",
        ] {
            assert_eq!(plain(text), Plain::OddNumber, "{text}");
        }
    }

    #[test]
    fn words_stay_words() {
        for text in [
            "gpt-4o",
            "1h",
            "15m",
            "user:alice@example.com",
            "read:docs",
            "10.0.0.1",
            "v1",
            "e5",
            ".",
            "..",
            "-",
            "+",
            "_",
            "0xzz",
            "1.2.3",
            "12:ab",
            "nope",
            "2026-1-x",
            "2026-release",
            "2026-01-31-preview",
            "oN",
            "https://crm.example.com/",
            "1e",
            "é",
            "a:1",
            "y",
            "N",
        ] {
            assert_eq!(plain(text), Plain::Text, "{text}");
        }
    }

    #[test]
    fn surprises_of_yaml_1_1_are_told_apart() {
        for text in ["no", "On", "YES", "off"] {
            assert_eq!(plain(text), Plain::OldBool, "{text}");
        }
        for text in ["2026-01-31", "2026-1-3", "2026-01-31T10:00:00Z", "2026-01-31 10:00:00"] {
            assert_eq!(plain(text), Plain::Date, "{text}");
        }
        assert_eq!(plain("true"), Plain::Bool(true));
        assert_eq!(plain("FALSE"), Plain::Bool(false));
        assert_eq!(plain("~"), Plain::Null);
        assert_eq!(plain(""), Plain::Null);
    }
}
