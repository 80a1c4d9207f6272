//! A server that says what the test tells it to, byte by byte.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// How an answer goes on after what is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Then {
    Close,
    /// Says nothing more, and keeps the connection.
    Hold,
    /// A byte now and then, for ever.
    Drip,
}

/// What came over one connection.
type Heard = Arc<Mutex<Vec<String>>>;

pub(super) struct Loopback {
    pub(super) address: SocketAddr,
    heard: Heard,
}

impl Loopback {
    /// Answers each request with `bytes`.
    pub(super) async fn says(bytes: impl Into<Vec<u8>>, then: Then) -> Self {
        Self::at((Ipv4Addr::LOCALHOST, 0).into(), bytes, then).await
    }

    /// The same at a certain address.
    pub(super) async fn at(address: SocketAddr, bytes: impl Into<Vec<u8>>, then: Then) -> Self {
        Self::start(address, bytes.into(), then, None).await
    }

    /// The same behind TLS, with a certificate for `localhost` from the CA of the tests.
    pub(super) async fn says_by_tls(bytes: impl Into<Vec<u8>>) -> Self {
        let chain = vec![CertificateDer::from_pem_slice(include_bytes!("server.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self::start((Ipv4Addr::LOCALHOST, 0).into(), bytes.into(), Then::Close, Some(acceptor)).await
    }

    async fn start(address: SocketAddr, bytes: Vec<u8>, then: Then, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Heard::default();
        let to = heard.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let index = {
                    let mut to = to.lock();
                    to.push(String::new());
                    to.len() - 1
                };
                let (to, bytes, tls) = (to.clone(), bytes.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, index, &to, &bytes, then).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                converse(stream, index, &to, &bytes, then).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, heard }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections there were, whether or not anything was asked.
    pub(super) fn hits(&self) -> usize {
        self.heard.lock().len()
    }

    /// The only request.
    pub(super) fn request(&self) -> String {
        let heard = self.heard.lock();
        assert_eq!(heard.len(), 1);
        heard[0].clone()
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    index: usize,
    heard: &Heard,
    bytes: &[u8],
    then: Then,
) {
    let mut request = String::new();
    while !is_whole(&request) {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.push_str(&String::from_utf8_lossy(&chunk[..read])),
        }
    }
    heard.lock()[index] = request;
    if stream.write_all(bytes).await.is_err() {
        return;
    }
    match then {
        Then::Close => {
            let _ = stream.shutdown().await;
        }
        Then::Hold => std::future::pending().await,
        Then::Drip => {
            while stream.write_all(b"x").await.is_ok() && stream.flush().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Whether the head is there, and as much of a body as it says.
fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
    });
    body.len() >= length.unwrap_or(0)
}

/// An answer with a length.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}
