//! From names to the addresses that may be asked.
//!
//! Invariant: the connector sees only addresses that passed. It connects to these and asks nobody again, so a
//! name cannot mean one address when it is checked and another when it is used (DNS rebinding).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::may_be_asked;
use super::networks::Networks;
use super::target::LOCALHOST;

/// Asks for the addresses of a name.
#[async_trait]
pub(super) trait Lookup: Send + Sync + 'static {
    /// All of them, with any port.
    async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>>;
}

/// What the system's resolver says.
#[derive(Debug)]
pub(super) struct System;

#[async_trait]
impl Lookup for System {
    async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        // With port 0 the connector takes the URL's, or the scheme's own.
        Ok(tokio::net::lookup_host((name, 0)).await?.collect())
    }
}

/// Why a name leads nowhere.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unresolved {
    #[error("the name could not be resolved")]
    Failed(#[source] io::Error),
    #[error("the name has no address")]
    Empty,
    #[error("none of the name's addresses may be asked")]
    Private,
}

/// Gives the connector what passed.
#[derive(Debug)]
pub(super) struct Resolver<L> {
    pub(super) lookup: Arc<L>,
    pub(super) allow: Arc<Networks>,
}

impl<L: Lookup> Resolve for Resolver<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, allow) = (self.lookup.clone(), self.allow.clone());
        Box::pin(async move {
            let found = lookup.addresses(name.as_str()).await.map_err(Unresolved::Failed)?;
            Ok(Box::new(passing(found, name.as_str(), &allow)?.into_iter()) as Addrs)
        })
    }
}

fn passing(mut found: Vec<SocketAddr>, name: &str, allow: &Networks) -> Result<Vec<SocketAddr>, Unresolved> {
    if found.is_empty() {
        return Err(Unresolved::Empty);
    }
    // `localhost` may be asked without TLS, so it never leaves this machine, whatever a hosts file says.
    found.retain(|address| {
        may_be_asked(address.ip(), allow) && (name != LOCALHOST || address.ip().is_loopback())
    });
    if found.is_empty() { Err(Unresolved::Private) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, found: &[&str], allow: &str) -> Result<Vec<String>, Unresolved> {
        let found = found.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
        let passed = passing(found, name, &Networks::parse(allow).unwrap())?;
        Ok(passed.into_iter().map(|address| address.ip().to_string()).collect())
    }

    #[test]
    fn only_addresses_that_may_be_asked_pass_in_their_order() {
        let found = ["10.0.0.1", "8.8.8.8", "::1", "2606:4700::1111", "169.254.169.254"];
        assert_eq!(of("idp.example.com", &found, "").unwrap(), ["8.8.8.8", "2606:4700::1111"]);
        let allowed = of("idp.example.com", &found, "10.0.0.0/8").unwrap();
        assert_eq!(allowed, ["10.0.0.1", "8.8.8.8", "2606:4700::1111"]);
    }

    #[test]
    fn a_name_with_only_private_addresses_is_not_a_name_without_any() {
        let private = of("idp.example.com", &["10.0.0.1", "::ffff:8.8.8.8"], "127.0.0.1");
        assert!(matches!(private, Err(Unresolved::Private)));
        assert!(matches!(of("idp.example.com", &[], "10.0.0.0/8"), Err(Unresolved::Empty)));
    }

    #[test]
    fn localhost_stays_on_this_machine() {
        assert_eq!(of("localhost", &["8.8.8.8", "127.0.0.1"], "127.0.0.1").unwrap(), ["127.0.0.1"]);
        assert!(matches!(of("localhost", &["8.8.8.8"], "127.0.0.1"), Err(Unresolved::Private)));
    }
}
