//! Instants as the server writes them (RFC 3339).

use deputy_mandate::Instant;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An instant, to the millisecond, rounded down.
pub(crate) fn parse(text: &str) -> Option<Instant> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(Instant)
}

/// The text of an instant; `None` outside the years that RFC 3339 can write.
pub(crate) fn write(at: Instant) -> Option<String> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000).ok()?.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_reads_back() {
        for (text, millis) in [
            ("1970-01-01T00:00:00.000Z", 0),
            ("2027-01-15T08:00:00.250Z", 1_800_000_000_250),
            ("2027-01-15T09:00:00+01:00", 1_800_000_000_000),
        ] {
            assert_eq!(parse(text), Some(Instant(millis)), "{text}");
        }
        assert_eq!(parse(&write(Instant(1_800_000_000_250)).unwrap()), Some(Instant(1_800_000_000_250)));
        for text in ["", "yesterday", "2027-01-15", "2027-13-15T08:00:00Z"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
