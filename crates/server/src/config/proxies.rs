//! The proxies whose `X-Forwarded-For` counts.
//!
//! Invariant: an empty list trusts nobody.

use std::net::IpAddr;

/// Networks, as address and prefix length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(IpAddr, u32)>);

impl Proxies {
    /// Reads a list of addresses and networks, separated by commas.
    ///
    /// # Errors
    /// The entry that is none.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut networks = Vec::new();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            networks.push(network(entry).ok_or_else(|| {
                format!("`{entry}` is neither an address nor a network such as 10.0.0.0/8")
            })?);
        }
        Ok(Self(networks))
    }

    /// Whether the address belongs to a trusted proxy.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(network, length)| match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                same_prefix(u32::from(*network).into(), u32::from(address).into(), length + 96)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                same_prefix((*network).into(), address.into(), *length)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        })
    }
}

fn network(entry: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = match entry.split_once('/') {
        Some((address, length)) => (address, Some(length.parse().ok()?)),
        None => (entry, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let length = length.unwrap_or(bits);
    (length <= bits).then_some((address, length))
}

fn same_prefix(a: u128, b: u128, length: u32) -> bool {
    (a ^ b).leading_zeros() >= length
}
