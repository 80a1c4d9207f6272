//! Whose certificate is trusted.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::loopback::{Loopback, Then, answer};
use super::rules;
use crate::fetch::{Fetch as _, FetchError};
use crate::outbound::client::{PATIENCE, bounded, trusting_nobody};
use crate::outbound::{Outbound, OutboundRules, Roots, failure};

fn trusting(roots: Roots) -> Outbound {
    Outbound::new(OutboundRules { roots, ..rules("127.0.0.1") }).unwrap()
}

fn ca() -> Roots {
    Roots::from_pem(include_bytes!("ca.pem")).unwrap()
}

async fn server() -> Loopback {
    Loopback::says_by_tls(answer("200 OK", "", "{}")).await
}

fn url(server: &Loopback, host: &str) -> String {
    format!("https://{host}:{}/", server.address.port())
}

#[tokio::test]
async fn a_certificate_of_a_given_ca_is_trusted_and_of_an_unknown_one_is_not() {
    let server = server().await;
    let refused = trusting(Roots::default()).get(&url(&server, "localhost")).await;
    assert_eq!(refused, Err(FetchError::Certificate { host: "localhost".to_owned() }));
    assert_eq!(trusting(ca()).get(&url(&server, "localhost")).await.unwrap().text, "{}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let server = server().await;
    let refused = trusting(ca()).get(&url(&server, "127.0.0.1")).await;
    assert_eq!(refused, Err(FetchError::Certificate { host: "127.0.0.1".to_owned() }));
    assert!(trusting(ca()).get(&url(&server, "localhost")).await.is_ok());
}

#[tokio::test]
async fn without_any_ca_no_certificate_is_trusted() {
    let server = server().await;
    let client = trusting_nobody(bounded(PATIENCE)).unwrap();
    let error = client.get(url(&server, "localhost")).send().await.unwrap_err();
    let refused = failure::of("localhost", error);
    assert_eq!(refused, FetchError::Certificate { host: "localhost".to_owned() });
    let plain = Loopback::says(answer("200 OK", "", "{}"), Then::Close).await;
    assert!(client.get(plain.url("/")).send().await.is_ok());
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 16];
        stream.read_exact(&mut hello).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    });
    let refused = trusting(ca()).get(&format!("https://localhost:{port}/")).await;
    assert_eq!(refused, Err(FetchError::Connect { host: "localhost".to_owned() }));
}
