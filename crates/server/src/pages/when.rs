//! Instants as people read them.
//!
//! Invariant: the exact instant, in UTC, is always in the page beside the rough words.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An instant in words, and exactly (RFC 3339).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// Such as `2026-11-21T13:05:00Z`.
    pub iso: String,
    /// Such as `3 min ago`.
    pub text: String,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl When {
    /// Both forms; the arguments are Unix milliseconds.
    #[must_use]
    pub fn of(at_millis: i64, now_millis: i64) -> Self {
        let iso = iso(at_millis);
        let secs = now_millis.saturating_sub(at_millis).div_euclid(1000);
        let text = match secs {
            i64::MIN..=-2 => rough(secs.saturating_neg()).map(|words| format!("in {words}")),
            -1..=4 => Some("just now".to_owned()),
            5.. => rough(secs).map(|words| format!("{words} ago")),
        };
        Self { text: text.unwrap_or_else(|| iso.get(..10).unwrap_or_default().to_owned()), iso }
    }
}

impl When {
    /// Both forms of an instant that is written as RFC 3339; one that is not is shown as it is.
    #[must_use]
    pub fn read(text: &str, now_millis: i64) -> Self {
        let read = OffsetDateTime::parse(text, &Rfc3339).ok();
        let millis = read.and_then(|at| i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok());
        millis.map_or_else(
            || Self { iso: text.to_owned(), text: text.to_owned() },
            |at| Self::of(at, now_millis),
        )
    }
}

/// A length of time in one unit; `None` from 30 days on, where a date says more.
fn rough(secs: i64) -> Option<String> {
    match secs {
        ..MINUTE => Some(format!("{secs} s")),
        MINUTE..HOUR => Some(format!("{} min", secs / MINUTE)),
        HOUR..DAY => Some(format!("{} h", secs / HOUR)),
        DAY..2_592_000 => Some(format!("{} d", secs / DAY)),
        _ => None,
    }
}

/// RFC 3339 in UTC, to the second.
#[must_use]
pub fn iso(millis: i64) -> String {
    let secs = millis.div_euclid(1000);
    let (days, rest) = (secs.div_euclid(DAY), secs.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (rest / HOUR, rest % HOUR / MINUTE, rest % MINUTE);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The Gregorian date of a day number, by eras of 400 years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{When, iso};

    #[test]
    fn known_instants() {
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(iso(1_795_266_300_999), "2026-11-21T13:05:00Z");
        assert_eq!(iso(-1), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn near_instants_are_rough_and_far_ones_are_dates() {
        let now = 1_795_266_300_000;
        let text = |offset: i64| When::of(now + offset * 1000, now).text;
        assert_eq!(text(0), "just now");
        assert_eq!(text(-42), "42 s ago");
        assert_eq!(text(-180), "3 min ago");
        assert_eq!(text(840), "in 14 min");
        assert_eq!(text(-86_400 * 3), "3 d ago");
        assert_eq!(text(-86_400 * 40), "2026-10-12");
        assert_eq!(When::read("2026-11-21T13:02:00.500Z", now).text, "2 min ago");
        assert_eq!(When::read("yesterday", now).text, "yesterday");
    }
}
