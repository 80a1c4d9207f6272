//! Which URLs are asked at all.
//!
//! Invariant: a [`Target`] is https to a host that may be asked, as far as the URL itself tells, or http to
//! this very machine where that is allowed. A literal address never reaches the resolver, so it is judged
//! here, after the URL parser has brought `2130706433`, `0x7f.1` and the like into one form.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::address::may_be_asked;
use super::networks::Networks;
use crate::fetch::FetchError;

/// The name that means this machine (RFC 6761 section 6.3).
pub(super) const LOCALHOST: &str = "localhost";
/// So much of a URL that cannot be asked is repeated to who gave it.
const SHOWN: usize = 200;

/// A URL that may be asked.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) url: Url,
    /// The host as it stands in the URL, for errors.
    pub(super) host: String,
}

impl Target {
    /// Checks a URL.
    pub(super) fn verify(text: &str, allow: &Networks) -> Result<Self, FetchError> {
        let refused = || FetchError::Url(shown(text));
        let url = Url::parse(text).map_err(|_| refused())?;
        let host = url.host_str().ok_or_else(refused)?.to_owned();
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(refused());
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) | None => None,
        };
        let here = host == LOCALHOST || literal.is_some_and(|address| address.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if here => {}
            _ => return Err(refused()),
        }
        let may = match literal {
            Some(address) => may_be_asked(address, allow),
            None if here => [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
                .into_iter()
                .any(|address| may_be_asked(address, allow)),
            None => true,
        };
        if may { Ok(Self { url, host }) } else { Err(FetchError::Private { host }) }
    }
}

/// A URL without what may be secret in it: user information, query, fragment.
fn shown(text: &str) -> String {
    let bare = text.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = bare.split_once("://").map_or(("", bare), |(scheme, rest)| (scheme, rest));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}{rest}").chars().take(SHOWN).collect()
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
