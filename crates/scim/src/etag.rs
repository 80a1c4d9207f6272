//! Entity tags and conditional requests (RFC 7644 section 3.14, RFC 9110 section 13).
//!
//! Versions are weak tags, and SCIM sends them back in `If-Match`, so that both headers compare weakly here.

/// What a conditional request comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// Go on.
    Holds,
    /// 304: the client has this version.
    NotModified,
    /// 412: the resource is at another version.
    Failed,
}

/// The tag of a version, such as the position of its last change in the log.
#[must_use]
pub fn weak_etag(version: &str) -> String {
    let opaque: String = version.chars().filter(|c| c.is_ascii_graphic() && *c != '"').collect();
    format!("W/\"{opaque}\"")
}

/// Evaluates the headers for a resource whose tag is `current`, none when there is no resource.
///
/// `If-None-Match` is answered with 304 for reads and 412 for writes. A header that is not a list of tags matches
/// nothing, so that a write under it fails.
#[must_use]
pub fn check_preconditions(
    if_match: Option<&str>,
    if_none_match: Option<&str>,
    current: Option<&str>,
    is_read: bool,
) -> Precondition {
    if if_match.is_some_and(|header| !names(header, current)) {
        return Precondition::Failed;
    }
    match if_none_match.is_some_and(|header| names(header, current)) {
        true if is_read => Precondition::NotModified,
        true => Precondition::Failed,
        false => Precondition::Holds,
    }
}

fn names(header: &str, current: Option<&str>) -> bool {
    let Some(current) = current else { return false };
    header.trim() == "*" || tags(header).is_some_and(|tags| tags.contains(&opaque(current)))
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The opaque parts of a list of tags, quotes included; commas may stand within quotes.
fn tags(header: &str) -> Option<Vec<&str>> {
    let mut tags = Vec::new();
    let mut rest = header.trim();
    while !rest.is_empty() {
        let quoted = opaque(rest).strip_prefix('"')?;
        let (inside, after) = quoted.split_once('"')?;
        tags.push(opaque(rest).get(..inside.len() + 2)?);
        rest = after.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if rest.is_empty() => rest,
            None => return None,
        };
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: Option<&str> = Some("W/\"7\"");

    #[test]
    fn if_match_lets_the_same_version_through() {
        for header in ["W/\"7\"", "\"7\"", "*", "\"a,b\", W/\"7\"", " W/\"6\" ,W/\"7\" "] {
            assert_eq!(
                check_preconditions(Some(header), None, CURRENT, false),
                Precondition::Holds,
                "{header}"
            );
        }
        for header in ["W/\"8\"", "7", "", "W/\"7", "\"6\" \"7\"", "w/\"7\""] {
            assert_eq!(
                check_preconditions(Some(header), None, CURRENT, false),
                Precondition::Failed,
                "{header}"
            );
        }
        assert_eq!(check_preconditions(Some("*"), None, None, false), Precondition::Failed);
        assert_eq!(check_preconditions(None, None, CURRENT, false), Precondition::Holds);
    }

    #[test]
    fn if_none_match_is_304_for_reads_and_412_for_writes() {
        let check = |header, read| check_preconditions(None, Some(header), CURRENT, read);
        assert_eq!(check("W/\"7\"", true), Precondition::NotModified);
        assert_eq!(check("W/\"8\"", true), Precondition::Holds);
        assert_eq!(check("*", false), Precondition::Failed);
        assert_eq!(check_preconditions(None, Some("*"), None, false), Precondition::Holds);
    }

    #[test]
    fn a_version_becomes_a_weak_tag() {
        assert_eq!(weak_etag("17"), "W/\"17\"");
        assert_eq!(weak_etag("a\"b\r\n"), "W/\"ab\"");
    }
}
