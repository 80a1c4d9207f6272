//! A resource indicator (RFC 8707 section 2): an absolute URI without a fragment, compared byte for byte.

use std::fmt;

use crate::error::TargetProblem;

/// Longest resource indicator, in bytes.
const MAX_LEN: usize = 2048;

/// The URI of a resource server, exactly as it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource(String);

impl Resource {
    /// Checks the form; nothing is normalised, because two parties that normalise differently would disagree
    /// about whose token it is.
    ///
    /// # Errors
    /// [`TargetProblem::Malformed`].
    pub fn parse(text: &str) -> Result<Self, TargetProblem> {
        // `Url` repairs white space and control characters; here they are refused.
        let printable = text.bytes().all(|byte| matches!(byte, b'!'..=b'~') && byte != b'\\');
        if text.len() > MAX_LEN || !printable || text.contains('#') || url::Url::parse(text).is_err() {
            return Err(TargetProblem::Malformed);
        }
        Ok(Self(text.to_owned()))
    }

    /// The URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the URI away.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
