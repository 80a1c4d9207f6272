//! The configuration file.
//!
//! Invariant: a key that is no setting is an error, so that a typing mistake cannot leave a default in force.

use std::path::Path;

use serde::{Deserialize, Deserializer};

use super::flags::Flags;
use super::problem::SettingError;

/// The file's keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    listen: Option<String>,
    database_url: Option<String>,
    public_url: Option<String>,
    trust_domain: Option<String>,
    master_key: Option<String>,
    master_key_file: Option<String>,
    bootstrap_key: Option<String>,
    tls_cert: Option<String>,
    tls_key: Option<String>,
    tls_client_ca: Option<String>,
    #[serde(deserialize_with = "text_or_list")]
    trusted_proxies: Option<String>,
    #[serde(deserialize_with = "text_or_list")]
    outbound_allow: Option<String>,
    outbound_ca: Option<String>,
    metrics_listen: Option<String>,
    log: Option<String>,
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// `SettingError` with the line of the mistake, never with the line's text: it may be a secret.
    pub fn read(path: &Path) -> Result<Self, SettingError> {
        let refused =
            |problem: String| SettingError::of("config", format!("`{}`: {problem}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        Self::parse(&text).map_err(refused)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// The mistake and its line, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            format!("line {}: {}", before.matches('\n').count() + 1, error.message())
        })
    }

    /// Fills in what neither a flag nor a variable has said. An empty variable counts as absent.
    #[must_use]
    pub fn beneath(self, flags: Flags) -> Flags {
        let or = |flag: Option<String>, key: Option<String>| flag.filter(|text| !text.is_empty()).or(key);
        // Two ways to the same key must not compete across sources: the stronger source wins whole.
        let has_master = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let (master_key, master_key_file) =
            if has_master(&flags.master_key) || has_master(&flags.master_key_file) {
                (or(flags.master_key, None), or(flags.master_key_file, None))
            } else {
                (self.master_key, self.master_key_file)
            };
        Flags {
            config: flags.config,
            listen: or(flags.listen, self.listen),
            database_url: or(flags.database_url, self.database_url),
            public_url: or(flags.public_url, self.public_url),
            trust_domain: or(flags.trust_domain, self.trust_domain),
            master_key,
            master_key_file,
            bootstrap_key: or(flags.bootstrap_key, self.bootstrap_key),
            tls_cert: or(flags.tls_cert, self.tls_cert),
            tls_key: or(flags.tls_key, self.tls_key),
            tls_client_ca: or(flags.tls_client_ca, self.tls_client_ca),
            trusted_proxies: or(flags.trusted_proxies, self.trusted_proxies),
            outbound_allow: or(flags.outbound_allow, self.outbound_allow),
            outbound_ca: or(flags.outbound_ca, self.outbound_ca),
            metrics_listen: or(flags.metrics_listen, self.metrics_listen),
            log: or(flags.log, self.log),
        }
    }
}

fn text_or_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        List(Vec<String>),
    }
    Ok(Some(match Either::deserialize(deserializer)? {
        Either::Text(text) => text,
        Either::List(list) => list.join(","),
    }))
}
