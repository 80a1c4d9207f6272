//! A wire between the server and its PostgreSQL that a test can cut and mend.
//!
//! Invariant: while it is cut no connection through it lives, and new ones are closed at once.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The wire; gone with this value.
pub struct Wire {
    address: SocketAddr,
    whole: Arc<watch::Sender<bool>>,
    task: tokio::task::JoinHandle<()>,
}

impl Wire {
    /// A wire to where a `postgres://` URL points, and the URL that goes through it.
    pub async fn to(url: &str) -> (Self, String) {
        let mut parsed = reqwest::Url::parse(url).expect("a URL");
        let target = format!("{}:{}", parsed.host_str().expect("a host"), parsed.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let whole = Arc::new(watch::Sender::new(true));
        let task = tokio::spawn(carry(listener, target, whole.clone()));
        parsed.set_host(Some("127.0.0.1")).expect("a host can be set");
        parsed.set_port(Some(address.port())).expect("a port can be set");
        (Self { address, whole, task }, parsed.into())
    }

    /// Cuts it: the database is gone.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Mends it.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.cut();
        self.task.abort();
    }
}

async fn carry(listener: TcpListener, target: String, whole: Arc<watch::Sender<bool>>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let mut state = whole.subscribe();
        if !*state.borrow_and_update() {
            continue;
        }
        let target = target.clone();
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(&target).await else { return };
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                _ = state.wait_for(|whole| !whole) => {}
            }
        });
    }
}
