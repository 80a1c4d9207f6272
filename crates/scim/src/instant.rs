//! Instants (RFC 7643 section 2.3.5): `xsd:dateTime` text, compared as milliseconds since 1970.
//!
//! Text without an offset is taken as UTC. What is finer than a millisecond is cut off, here and in a database,
//! so that both compare alike.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// The milliseconds that a text names, if it is an instant.
#[must_use]
pub fn parse_instant(text: &str) -> Option<i64> {
    let parsed = OffsetDateTime::parse(text, &Rfc3339).ok().or_else(|| {
        let zoned = format!("{text}Z");
        OffsetDateTime::parse(&zoned, &Rfc3339).ok()
    })?;
    i64::try_from(parsed.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

/// The text of an instant in milliseconds, always with three digits of fraction; `None` outside the years 0 to 9999.
#[must_use]
pub fn format_instant(milliseconds: i64) -> Option<String> {
    let shape = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let nanos = i128::from(milliseconds).checked_mul(1_000_000)?;
    let instant = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
    (0..=9999).contains(&instant.year()).then(|| instant.format(shape).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_fractions_are_read() {
        let expected = parse_instant("2011-05-13T04:42:34Z").unwrap();
        assert_eq!(parse_instant("2011-05-13T06:42:34+02:00"), Some(expected));
        assert_eq!(parse_instant("2011-05-13T04:42:34"), Some(expected));
        assert_eq!(parse_instant("2011-05-13T04:42:34.0019Z"), Some(expected + 1));
        assert_eq!(parse_instant("1969-12-31T23:59:59.9999Z"), Some(-1));
        for bad in ["", "2011-05-13", "yesterday", "2011-13-13T04:42:34Z", "2011-05-13T04:42:34ZZ"] {
            assert_eq!(parse_instant(bad), None, "{bad}");
        }
    }

    #[test]
    fn formatting_is_the_inverse() {
        for milliseconds in [0, 1, 999, 1_305_261_754_000, -1] {
            let text = format_instant(milliseconds).unwrap();
            assert_eq!(parse_instant(&text), Some(milliseconds), "{text}");
        }
        assert_eq!(format_instant(0).unwrap(), "1970-01-01T00:00:00.000Z");
        assert_eq!(format_instant(i64::MAX), None);
    }
}
