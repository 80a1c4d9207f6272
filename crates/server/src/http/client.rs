//! Who is at the other end of the connection.
//!
//! Invariant: `X-Forwarded-For` counts only as far as trusted proxies vouch for it; a client cannot choose
//! its own address.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use actix_web::web::Data;

use crate::config::proxies::Proxies;

/// The address that rate limits and events use.
#[must_use]
pub fn address(request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    match request.app_data::<Data<Proxies>>() {
        Some(proxies) => behind(proxies, peer, request.headers()),
        None => peer.to_canonical(),
    }
}

/// Walks back from the peer over trusted proxies, to the first address that is none of them.
fn behind(proxies: &Proxies, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut nearest = peer.to_canonical();
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in forwarded.iter().rev() {
        if !proxies.contains(nearest) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => nearest = address.to_canonical(),
            Err(_) => break,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::behind;
    use crate::config::proxies::Proxies;
    use actix_web::test::TestRequest;

    #[test]
    fn a_forged_entry_stays_behind_the_proxys_own() {
        let proxies = Proxies::parse("10.0.0.0/8, 2001:db8::/32").expect("good");
        let of = |peer: &str, chain: &str| {
            let request = TestRequest::default().insert_header(("x-forwarded-for", chain)).to_http_request();
            behind(&proxies, peer.parse().expect("an address"), request.headers()).to_string()
        };
        assert_eq!(of("10.0.0.1", "6.6.6.6, 203.0.113.9"), "203.0.113.9");
        assert_eq!(of("10.0.0.1", "203.0.113.9, 10.0.0.7"), "203.0.113.9");
        assert_eq!(of("198.51.100.1", "203.0.113.9"), "198.51.100.1");
        assert_eq!(of("10.0.0.1", "nonsense"), "10.0.0.1");
        assert_eq!(of("::ffff:10.0.0.1", "203.0.113.9"), "203.0.113.9");
    }
}
