//! What the server may fetch from outside.
//!
//! Invariant: only what is named here widens what is fetched: an empty setting allows no private address and
//! trusts the system's CAs alone.

use std::path::{Path, PathBuf};

use deputy_federation::outbound::{Networks, OutboundRules, Roots};

use super::problem::SettingError;
use super::settings::Settings;

/// The settings of outbound fetches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboundSettings {
    /// Private networks that identity providers may live in.
    pub allow: Networks,
    /// CAs that are trusted besides the system's, PEM.
    pub ca: Option<PathBuf>,
}

impl OutboundSettings {
    /// Checks merged values; the file is read when the rules are made.
    ///
    /// # Errors
    /// The list that is none.
    pub fn check(allow: Option<&str>, ca: Option<String>) -> Result<Self, SettingError> {
        let allow = Networks::parse(allow.unwrap_or_default())
            .map_err(|problem| SettingError::of("outbound_allow", problem))?;
        Ok(Self { allow, ca: ca.map(PathBuf::from) })
    }
}

impl Settings {
    /// The rules that the settings make, with the file of CAs read.
    ///
    /// # Errors
    /// `SettingError`, naming the file that is missing, empty or no PEM.
    pub fn outbound_rules(&self) -> Result<OutboundRules, SettingError> {
        let roots = self.outbound.ca.as_deref().map(roots).transpose()?.unwrap_or_default();
        Ok(OutboundRules { allow: self.outbound.allow.clone(), roots })
    }
}

fn roots(path: &Path) -> Result<Roots, SettingError> {
    let refused =
        |problem: String| SettingError::of("outbound_ca", format!("`{}`: {problem}", path.display()));
    let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    Roots::from_pem(&pem).map_err(|error| refused(error.to_string()))
}
