//! The proxies whose `X-Forwarded-For` counts.
//!
//! Invariant: an empty list trusts nobody.

use std::net::IpAddr;

use deputy_federation::outbound::Networks;

/// Where trusted proxies are; not to be taken for another list of networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Networks);

impl Proxies {
    /// Reads a list of addresses and networks, separated by commas.
    ///
    /// # Errors
    /// The entry that is none.
    pub fn parse(list: &str) -> Result<Self, String> {
        Networks::parse(list).map(Self)
    }

    /// Whether the address belongs to a trusted proxy.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(address)
    }
}
