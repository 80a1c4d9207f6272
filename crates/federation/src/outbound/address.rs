//! Which addresses are public (IANA's special-purpose registries, RFC 6890).
//!
//! Invariant: an IPv4 address that hides in an IPv6 address is not public, whatever it is: a translator on
//! the way might take it to a private network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::networks::{Networks, covers};

const fn v4(a: u8, b: u8, c: u8, length: u32) -> (IpAddr, u32) {
    (IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), length)
}

const fn v6(a: u16, b: u16, length: u32) -> (IpAddr, u32) {
    (IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0)), length)
}

/// The addresses of IPv6 that are given out for the internet. Beyond it lie loopback, link-local, site-local and
/// unique local addresses, multicast, and IPv4 that is mapped, compatible (`::/96`) or translated (`64:ff9b::/32`).
const GLOBAL: (IpAddr, u32) = v6(0x2000, 0, 3);

const SPECIAL: [(IpAddr, u32); 19] = [
    v4(0, 0, 0, 8),        // this network, unspecified
    v4(10, 0, 0, 8),       // private
    v4(100, 64, 0, 10),    // behind a carrier's NAT
    v4(127, 0, 0, 8),      // loopback
    v4(169, 254, 0, 16),   // link-local, where clouds keep their metadata
    v4(172, 16, 0, 12),    // private
    v4(192, 0, 0, 24),     // protocol assignments
    v4(192, 0, 2, 24),     // documentation
    v4(192, 88, 99, 24),   // relays of 6to4
    v4(192, 168, 0, 16),   // private
    v4(198, 18, 0, 15),    // benchmarking
    v4(198, 51, 100, 24),  // documentation
    v4(203, 0, 113, 24),   // documentation
    v4(224, 0, 0, 4),      // multicast
    v4(240, 0, 0, 4),      // reserved, broadcast
    v6(0x2001, 0, 23),     // protocol assignments, Teredo among them
    v6(0x2001, 0xdb8, 32), // documentation
    v6(0x2002, 0, 16),     // 6to4
    v6(0x3fff, 0, 20),     // documentation
];

/// Whether the address may be asked: it is public, or the administrator named it.
pub(super) fn may_be_asked(address: IpAddr, allow: &Networks) -> bool {
    is_public(address) || allow.contains(address)
}

fn is_public(address: IpAddr) -> bool {
    let (global, length) = GLOBAL;
    (address.is_ipv4() || covers(global, length, address))
        && !SPECIAL.iter().any(|(network, length)| covers(*network, *length, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(address: &str) -> bool {
        is_public(address.parse().unwrap())
    }

    #[test]
    fn each_class_is_refused_from_its_first_address_to_its_last() {
        for address in [
            ("0.0.0.0", "0.255.255.255"),
            ("10.0.0.0", "10.255.255.255"),
            ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"),
            ("169.254.0.0", "169.254.255.255"),
            ("169.254.169.254", "169.254.170.2"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"),
            ("192.0.2.0", "192.0.2.255"),
            ("192.88.99.0", "192.88.99.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("198.18.0.0", "198.19.255.255"),
            ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"),
            ("224.0.0.0", "239.255.255.255"),
            ("240.0.0.0", "255.255.255.255"),
            ("::", "::1"),
            ("100::", "100::ffff"),
            ("fc00::", "fdff:ffff::1"),
            ("fe80::", "febf:ffff::1"),
            ("fec0::", "feff:ffff::1"),
            ("ff00::", "ff0e::1"),
            ("2001:db8::", "2001:db8:ffff::1"),
            ("3fff::", "3fff:fff::1"),
            ("5f00::", "5f00::1"),
        ] {
            assert!(!public(address.0) && !public(address.1), "{address:?}");
        }
    }

    #[test]
    fn the_addresses_beside_each_class_are_public() {
        for address in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "2000::1",
            "2001:200::1",
            "2001:db7:ffff::1",
            "2001:db9::",
            "2001:4860:4860::8888",
            "2003::1",
            "2606:4700::1111",
            "3ffe:ffff::1",
            "3fff:1000::1",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn ipv4_hidden_in_ipv6_is_refused_even_if_it_is_public_itself() {
        for inner in ["127.0.0.1", "169.254.169.254", "10.0.0.1", "8.8.8.8"] {
            let bits = u32::from(inner.parse::<Ipv4Addr>().unwrap());
            let low = u128::from(bits);
            for (form, outer) in [
                ("mapped", 0xffff_u128 << 32 | low),
                ("compatible", low),
                ("translated", 0x64_ff9b_u128 << 96 | low),
                ("translated locally", 0x64_ff9b_0001_u128 << 80 | low),
                ("6to4", 0x2002_u128 << 112 | low << 80),
                ("Teredo's server", 0x2001_u128 << 112 | low << 64),
                ("Teredo's client", 0x2001_u128 << 112 | u128::from(!bits)),
            ] {
                let address = Ipv6Addr::from(outer);
                assert!(!is_public(address.into()), "{form}: {address}");
            }
        }
    }

    #[test]
    fn what_is_named_may_be_asked_and_its_neighbour_may_not() {
        let allow = Networks::parse("10.1.0.0/16, ::1").unwrap();
        let may = |address: &str| may_be_asked(address.parse().unwrap(), &allow);
        assert!(may("10.1.2.3") && may("::1") && may("8.8.8.8"));
        assert!(!may("10.2.0.0") && !may("127.0.0.1") && !may("::ffff:10.1.2.3"));
    }
}
