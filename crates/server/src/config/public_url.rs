//! Where an installation is reached: issuers and links come from it, never from a `Host` header.
//!
//! Invariant: an origin and nothing more: scheme, host and perhaps a port, without a slash at the end.

use std::net::SocketAddr;

use url::{Host, Url};

/// The origin, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    host: String,
}

impl PublicUrl {
    /// Reads a setting.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| Err(format!("`{text}` {what}"));
        let Ok(url) = Url::parse(text.trim_end_matches('/')) else {
            return wrong("is not a URL such as https://deputy.example.com");
        };
        if !matches!(url.scheme(), "http" | "https") {
            return wrong("must begin with https:// or http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not carry a name or a password".to_owned());
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return wrong("must be an origin, without a path, a query or a fragment");
        }
        let Some(host) = url.host() else { return wrong("has no host") };
        let host = match host {
            Host::Domain(domain) => domain.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), host })
    }

    /// The URL of a listener that people reach directly.
    #[must_use]
    pub fn of_listener(address: SocketAddr, tls: bool) -> Self {
        let scheme = if tls { "https" } else { "http" };
        Self { text: format!("{scheme}://{address}"), host: address.ip().to_string() }
    }

    /// The origin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host alone; an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// The issuer of a tenant.
    #[must_use]
    pub fn issuer(&self, tenant: &str) -> String {
        format!("{}/t/{tenant}", self.text)
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
