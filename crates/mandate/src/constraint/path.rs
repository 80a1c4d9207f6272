//! Absolute paths, resolved once, compared segment by segment.
//!
//! What cannot be resolved without guessing how the tool will read it is refused: a backslash, NUL, `%` with
//! two hex digits, and any prefix that climbs above `/`. Symbolic links are the tool's duty.

use std::fmt;

/// An absolute path without `.`, `..`, repeated or trailing `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    segments: Vec<Box<str>>,
}

/// Why a text is refused as a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It does not begin with `/`.
    #[error("the path is not absolute")]
    Relative,
    /// A backslash, a NUL or a percent escape: readers disagree on what it means.
    #[error("the path holds a backslash, a NUL or a percent escape")]
    Ambiguous,
    /// A prefix of it climbs above `/`.
    #[error("the path climbs above its root")]
    Climbs,
}

impl Path {
    /// Resolves a root.
    ///
    /// # Errors
    /// [`PathError`] for exactly those texts that no root would contain as an argument.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut segments: Vec<Box<str>> = Vec::new();
        for step in steps(text)? {
            match step {
                Step::Down(name) => segments.push(name.into()),
                Step::Up => {
                    segments.pop().ok_or(PathError::Climbs)?;
                }
            }
        }
        Ok(Self { segments })
    }

    /// Whether `text`, resolved once, is this path or beneath it. Allocates nothing.
    ///
    /// # Errors
    /// [`PathError`] when the text cannot be resolved at all.
    pub fn contains_text(&self, text: &str) -> Result<bool, PathError> {
        let (mut depth, mut shared) = (0_usize, 0_usize);
        for step in steps(text)? {
            match step {
                Step::Down(name) => {
                    if depth == shared && self.segments.get(depth).is_some_and(|own| **own == *name) {
                        shared += 1;
                    }
                    depth += 1;
                }
                Step::Up => {
                    depth = depth.checked_sub(1).ok_or(PathError::Climbs)?;
                    shared = shared.min(depth);
                }
            }
        }
        Ok(shared == self.segments.len())
    }

    /// Whether `other` is this path or beneath it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.segments.starts_with(&self.segments)
    }
}

enum Step<'a> {
    Down(&'a str),
    Up,
}

fn steps(text: &str) -> Result<impl Iterator<Item = Step<'_>>, PathError> {
    let escaped = text
        .as_bytes()
        .windows(3)
        .any(|w| matches!(w, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()));
    if escaped || text.contains(['\\', '\0']) {
        return Err(PathError::Ambiguous);
    }
    let rest = text.strip_prefix('/').ok_or(PathError::Relative)?;
    Ok(rest.split('/').filter_map(|segment| match segment {
        "" | "." => None,
        ".." => Some(Step::Up),
        name => Some(Step::Down(name)),
    }))
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segments.is_empty() {
            return f.write_str("/");
        }
        self.segments.iter().try_for_each(|segment| write!(f, "/{segment}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, PathError};

    #[test]
    fn contains_itself_and_what_is_beneath() {
        let root = Path::parse("/srv//data/./x/../").unwrap();
        assert_eq!(root.to_string(), "/srv/data");
        for inside in [
            "/srv/data",
            "/srv/data/",
            "/srv/data/a/b",
            "//srv/./data/../data/a",
            "/x/../srv/data/a",
            "/srv/data/100%/a",
        ] {
            assert_eq!(root.contains_text(inside), Ok(true), "{inside}");
        }
        for outside in [
            "/",
            "/srv",
            "/srv/database",
            "/srv/data/..",
            "/srv/data/../other/data",
            "/SRV/data",
            "/srv/x/data",
        ] {
            assert_eq!(root.contains_text(outside), Ok(false), "{outside}");
        }
    }

    #[test]
    fn refuses_what_readers_disagree_on() {
        let root = Path::parse("/").unwrap();
        for (text, error) in [
            ("", PathError::Relative),
            ("srv", PathError::Relative),
            ("./srv", PathError::Relative),
            ("/srv\\..", PathError::Ambiguous),
            ("/srv/\0", PathError::Ambiguous),
            ("/srv/%2e%2E/etc", PathError::Ambiguous),
            ("/srv/%aF", PathError::Ambiguous),
            ("/..", PathError::Climbs),
            ("/srv/../../srv", PathError::Climbs),
        ] {
            assert_eq!(root.contains_text(text), Err(error), "{text:?}");
            assert_eq!(Path::parse(text), Err(error), "{text:?}");
        }
        assert_eq!(root.contains_text("/srv/%2g"), Ok(true));
        assert_eq!(root.contains_text("/srv/..%"), Ok(true));
    }
}
