//! Lists of addresses and networks, as settings name them.
//!
//! Invariant: an empty list contains nothing, and IPv4 and IPv6 are never taken for each other.

use std::net::IpAddr;

/// Networks, as address and prefix length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<(IpAddr, u32)>);

impl Networks {
    /// Reads a list of addresses and networks, separated by commas.
    ///
    /// # Errors
    /// The entry that is none, in words.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut networks = Vec::new();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            networks.push(network(entry).ok_or_else(|| {
                format!("`{entry}` is neither an address nor a network such as 10.0.0.0/8")
            })?);
        }
        Ok(Self(networks))
    }

    /// Whether the address is in one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(network, length)| covers(*network, *length, address))
    }
}

/// Whether the address begins with the first `length` bits of `network`.
pub(super) fn covers(network: IpAddr, length: u32, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (u32::from(network) ^ u32::from(address)).leading_zeros() >= length
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            (u128::from(network) ^ u128::from(address)).leading_zeros() >= length
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_are_contained_up_to_their_edges() {
        let list = Networks::parse(" 10.0.0.0/8, ::1,192.168.4.0/22 ,2001:db8::/33,").unwrap();
        let has = |address: &str| list.contains(address.parse().unwrap());
        for inside in ["10.0.0.0", "10.255.255.255", "::1", "192.168.7.255", "2001:db8:7fff::1"] {
            assert!(has(inside), "{inside}");
        }
        for outside in
            ["9.255.255.255", "11.0.0.0", "::2", "192.168.8.0", "2001:db8:8000::", "::ffff:10.0.0.1"]
        {
            assert!(!has(outside), "{outside}");
        }
    }

    #[test]
    fn no_bits_are_everything_of_one_family_and_no_entry_is_nothing() {
        let all = Networks::parse("0.0.0.0/0").unwrap();
        assert!(all.contains("203.0.113.9".parse().unwrap()));
        assert!(!all.contains("::1".parse().unwrap()));
        assert!(!Networks::parse("").unwrap().contains("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn an_entry_that_is_none_is_named() {
        for bad in
            ["10.0.0.0/33", "::/129", "10.0.0", "localhost", "10.0.0.0/", "10.0.0.0/-1", "[::1]", "a/8"]
        {
            let line = Networks::parse(&format!("127.0.0.1, {bad}")).unwrap_err();
            assert!(line.contains(&format!("`{bad}`")), "{line}");
        }
    }
}
