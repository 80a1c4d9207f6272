//! Private addresses, whether the URL says them or a name resolves to them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;

use super::loopback::{Loopback, Then, answer};
use super::rules;
use crate::fetch::{Fetch as _, FetchError, FormPost};
use crate::outbound::client::PATIENCE;
use crate::outbound::resolver::{Lookup, System};
use crate::outbound::{Networks, Outbound, OutboundRules};

async fn server() -> Loopback {
    Loopback::says(answer("200 OK", "", "{}"), Then::Close).await
}

fn allowing(allow: &str) -> Outbound {
    Outbound::new(rules(allow)).unwrap()
}

/// Gives its answers one after the other, the last one for ever.
struct Told {
    answers: Vec<Vec<&'static str>>,
    asked: Arc<AtomicUsize>,
}

#[async_trait]
impl Lookup for Told {
    async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        let at = self.asked.fetch_add(1, Ordering::SeqCst);
        match self.answers.get(at).or(self.answers.last()) {
            Some(answer) => Ok(answer.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect()),
            None => Err(io::Error::other(format!("nobody knows {name}"))),
        }
    }
}

fn told(allow: &str, answers: Vec<Vec<&'static str>>) -> (Outbound, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let outbound = Outbound::with(rules(allow), Told { answers, asked: asked.clone() }, PATIENCE).unwrap();
    (outbound, asked)
}

#[tokio::test]
async fn loopback_is_reached_only_where_it_is_allowed() {
    let server = server().await;
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1"] {
        let url = format!("http://{host}:{port}/");
        let shown = if host == "localhost" { host } else { "127.0.0.1" };
        let private = FetchError::Private { host: shown.to_owned() };
        let before = server.hits();
        for allow in ["", "10.0.0.0/8", "127.0.0.2"] {
            let outbound = allowing(allow);
            assert_eq!(outbound.check(&url), Err(private.clone()), "{url}");
            assert_eq!(outbound.get(&url).await, Err(private.clone()), "{url}");
            let posted = outbound.post_form(&url, FormPost::default()).await;
            assert_eq!(posted.map(|_| ()), Err(private.clone()), "{url}");
        }
        assert_eq!(server.hits(), before, "{url}");
        let outbound = allowing("127.0.0.1");
        assert_eq!(outbound.check(&url), Ok(()));
        assert!(outbound.get(&url).await.is_ok(), "{url}");
        assert!(outbound.post_form(&url, FormPost::default()).await.is_ok(), "{url}");
        assert_eq!(server.hits(), before + 2, "{url}");
    }
}

#[tokio::test]
async fn a_name_that_leads_to_private_addresses_only_is_refused() {
    let private = vec!["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:8.8.8.8"];
    let (outbound, asked) = told("192.168.0.0/16", vec![private]);
    let url = "https://idp.example.com/";
    assert_eq!(outbound.check(url), Ok(()), "nobody is asked to check");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    let refused = outbound.get(url).await;
    assert_eq!(refused, Err(FetchError::Private { host: "idp.example.com".to_owned() }));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn of_several_addresses_only_those_that_passed_are_tried() {
    let refused = server().await;
    let port = refused.address.port();
    let passed = Loopback::at(
        SocketAddr::new("127.0.0.2".parse().unwrap(), port),
        answer("200 OK", "", "{}"),
        Then::Close,
    )
    .await;
    let (outbound, _) = told("127.0.0.2, ::1", vec![vec!["127.0.0.1", "127.0.0.2"]]);
    assert!(outbound.get(&format!("http://localhost:{port}/")).await.is_ok());
    assert_eq!((refused.hits(), passed.hits()), (0, 1));
    let (outbound, _) = told("127.0.0.0/8", vec![vec!["127.0.0.1", "127.0.0.2"]]);
    assert!(outbound.get(&format!("http://localhost:{port}/")).await.is_ok());
    assert_eq!((refused.hits(), passed.hits()), (1, 1), "the first of them, where it may be asked");
}

#[tokio::test]
async fn a_name_that_changes_its_meaning_is_judged_each_time() {
    let server = server().await;
    let url = server.url("/").replace("127.0.0.1", "localhost");
    let answers = vec![vec!["127.0.0.1"], vec!["127.0.0.2"], vec!["127.0.0.1"]];
    let (outbound, asked) = told("127.0.0.1", answers);
    assert!(outbound.get(&url).await.is_ok());
    assert_eq!(outbound.get(&url).await, Err(FetchError::Private { host: "localhost".to_owned() }));
    assert!(outbound.get(&url).await.is_ok());
    assert_eq!(asked.load(Ordering::SeqCst), 3, "one look-up an exchange");
    assert_eq!(server.hits(), 2);
}

#[tokio::test]
async fn a_name_without_addresses_is_not_found() {
    for answers in [vec![], vec![vec![]]] {
        let (outbound, _) = told("", answers);
        let refused = outbound.get("https://idp.example.com/").await;
        assert_eq!(refused, Err(FetchError::NotFound { host: "idp.example.com".to_owned() }));
    }
}

#[tokio::test]
async fn the_systems_resolver_knows_this_machine() {
    let found = System.addresses("localhost").await.unwrap();
    assert!(found.iter().any(|address| address.ip().is_loopback()));
    let allow = Networks::parse("127.0.0.0/8, ::1").unwrap();
    let outbound = Outbound::new(OutboundRules { allow, ..OutboundRules::default() }).unwrap();
    let server = server().await;
    let url = server.url("/").replace("127.0.0.1", "localhost");
    assert!(outbound.get(&url).await.is_ok());
}
