//! What an operation is aimed at (RFC 7644 figure 7).

use super::PatchFault;
use crate::filter::{Comparison, Filter, Op, ValuePath, value_path};
use crate::path::{MAX_PATH, Path, PathError};
use crate::schema::{Attribute, ResourceType, Schema};

/// What an operation is aimed at.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    /// Everything of an extension.
    Extension(&'static Schema),
    /// An attribute, or a part of it: of every entry, when it has entries.
    Attribute(Path),
    /// The entries that match, or a part of them.
    Entries { path: Path, filter: Filter, sub: Option<&'static Attribute> },
}

impl Target {
    pub(super) fn parse(text: &str, kind: &ResourceType) -> Result<Self, PatchFault> {
        if text.len() > MAX_PATH {
            return Err(PathError::Length.into());
        }
        if let Some(schema) = kind.find_extension(text) {
            return Ok(Self::Extension(schema));
        }
        if !text.contains('[') {
            return Ok(Self::Attribute(Path::parse(text, kind)?));
        }
        let ValuePath { path, filter, sub } = value_path(text, kind)?;
        if path.attribute.multi_valued && path.sub.is_none() {
            Ok(Self::Entries { path, filter, sub })
        } else {
            Err(PatchFault::NotEntries(path.to_string()))
        }
    }

    /// Whether a client may aim at it.
    pub(super) fn is_writable(&self) -> bool {
        match self {
            Self::Extension(schema) => schema.attributes.iter().all(Attribute::is_writable),
            Self::Attribute(path) => path.attribute.is_writable() && path.leaf().is_writable(),
            Self::Entries { path, sub, .. } => {
                path.attribute.is_writable() && sub.is_none_or(Attribute::is_writable)
            }
        }
    }

    /// The attribute, unless it is a whole extension.
    pub(super) const fn attribute(&self) -> Option<&'static Attribute> {
        match self {
            Self::Extension(_) => None,
            Self::Attribute(path) | Self::Entries { path, .. } => Some(path.attribute),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Extension(schema) => f.write_str(schema.id),
            Self::Attribute(path) => path.fmt(f),
            Self::Entries { path, sub, .. } => {
                write!(f, "{path}[…]")?;
                sub.map_or(Ok(()), |sub| write!(f, ".{}", sub.name))
            }
        }
    }
}

/// The part and the text of a filter that is nothing but `part eq "text"`.
pub(super) fn plain_equality(filter: &Filter) -> Option<(&'static Attribute, &str)> {
    match filter {
        Filter::Compare(Comparison { path, op: Op::Eq, literal: crate::filter::Literal::Text(text) }) => {
            Some((path.sub?, text))
        }
        _ => None,
    }
}
