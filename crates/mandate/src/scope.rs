//! OAuth scope tokens (RFC 6749 §3.3), compared byte for byte.
//!
//! No wildcard, case folding or prefix rule: a scope is one of a set, or it is not.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The reserved scope that asks for a token without authority, one that only says who.
pub const IDENTITY: &str = "identity";

/// One scope token: `1*( %x21 / %x23-5B / %x5D-7E )`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(Box<str>);

/// Why a text is not a scope, or not a list of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// A token without characters, or a list without tokens.
    #[error("a scope is empty")]
    Empty,
    /// A character outside the grammar of RFC 6749 §3.3.
    #[error("`{found}` is not allowed in a scope")]
    Character {
        /// The offending character.
        found: char,
    },
}

impl Scope {
    /// The scope as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the reserved scope [`IDENTITY`].
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.as_str() == IDENTITY
    }

    /// Reads a space-delimited list, as in the `scope` parameter; duplicates fold.
    ///
    /// # Errors
    /// [`ScopeError`] for an empty list, two spaces in a row or a character outside the grammar.
    pub fn parse_list(text: &str) -> Result<BTreeSet<Self>, ScopeError> {
        text.split(' ').map(Self::try_from).collect()
    }

    /// Reads the list of a sealed form, which may be empty; `identity` says who and gives nothing, so it is no
    /// member of the set.
    ///
    /// # Errors
    /// [`ScopeError`] for two spaces in a row or a character outside the grammar.
    pub fn parse_sealed(text: &str) -> Result<BTreeSet<Self>, ScopeError> {
        let mut scopes = BTreeSet::new();
        for scope in text.split(' ').filter(|_| !text.is_empty()) {
            let scope = Self::try_from(scope)?;
            if !scope.is_identity() {
                scopes.insert(scope);
            }
        }
        Ok(scopes)
    }

    /// Writes scopes as a space-delimited list, in byte order.
    #[must_use]
    pub fn write_list<'a>(scopes: impl IntoIterator<Item = &'a Self>) -> String {
        let mut list = String::new();
        for scope in scopes {
            if !list.is_empty() {
                list.push(' ');
            }
            list.push_str(scope.as_str());
        }
        list
    }
}

fn verify_token(text: &str) -> Result<(), ScopeError> {
    if text.is_empty() {
        return Err(ScopeError::Empty);
    }
    if text.bytes().all(|b| matches!(b, b'\x21' | b'\x23'..=b'\x5b' | b'\x5d'..=b'\x7e')) {
        return Ok(());
    }
    match text.chars().find(|c| !matches!(c, '\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e')) {
        Some(found) => Err(ScopeError::Character { found }),
        None => Ok(()),
    }
}

impl TryFrom<&str> for Scope {
    type Error = ScopeError;

    fn try_from(text: &str) -> Result<Self, ScopeError> {
        verify_token(text).map(|()| Self(text.into()))
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        verify_token(&text).map(|()| Self(text.into_boxed_str()))
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0.into_string()
    }
}

impl std::borrow::Borrow<str> for Scope {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, ScopeError};

    #[test]
    fn reads_a_list_and_refuses_what_the_grammar_refuses() {
        let list = Scope::parse_list("write:crm read:docs read:docs").unwrap();
        assert_eq!(Scope::write_list(&list), "read:docs write:crm");
        assert_eq!(Scope::parse_list(""), Err(ScopeError::Empty));
        assert_eq!(Scope::parse_list("a  b"), Err(ScopeError::Empty));
        for found in ['"', '\\', '\t', 'é', '\0'] {
            assert_eq!(Scope::try_from(format!("a{found}")), Err(ScopeError::Character { found }));
        }
        assert_ne!(Scope::try_from("Read").unwrap(), Scope::try_from("read").unwrap());
    }
}
