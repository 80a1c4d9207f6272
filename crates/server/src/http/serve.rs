//! Binds, serves and drains.
//!
//! Invariant: the first line on stdout names the real address; after SIGTERM open streams end, running
//! requests get [`GRACE_SECS`], and nothing acknowledged is lost.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpServer};

use super::drain::Drain;
use super::frame::{Framing, frame};
use super::limits::Limits;
use super::{metered, methods, tls};
use crate::config::problem::SettingError;
use crate::config::public_url::PublicUrl;
use crate::config::settings::Settings;

/// How long running requests may take after a signal, in seconds.
pub const GRACE_SECS: u64 = 10;

/// How often rate limits forget quiet clients.
const SWEEP: Duration = Duration::from_secs(60);

/// Why the server stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A setting that cannot be used.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The listener or the runtime failed.
    #[error("the server failed: {0}")]
    Io(#[from] io::Error),
}

/// A bound listener, before anything is served: the engine can be built with the public URL.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    /// Where people and programs reach this installation.
    pub public_url: PublicUrl,
}

/// Binds the listener.
///
/// # Errors
/// `SettingError` for an address in use, or a wildcard without a public URL.
pub fn bind(settings: &Settings) -> Result<Bound, SettingError> {
    let refused = |error: io::Error| SettingError::of("listen", format!("`{}`: {error}", settings.listen));
    let listener = TcpListener::bind(settings.listen).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok(Bound { listener, address, public_url: settings.public_url(address)? })
}

/// Serves `routes` until a signal comes or `drain` begins; says `greeting` on stderr once it listens.
///
/// # Errors
/// For settings that cannot be used, and for a listener that fails.
pub async fn serve<F>(
    bound: Bound,
    settings: &Settings,
    drain: Drain,
    greeting: &str,
    routes: F,
) -> Result<(), ServeError>
where
    F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
{
    let framing = web::Data::new(Framing { https: bound.public_url.is_https() });
    let proxies = web::Data::new(settings.proxies.clone());
    let public_url = web::Data::new(bound.public_url.clone());
    let limits = web::Data::new(Limits::default());
    let shared_drain = web::Data::new(drain.clone());
    let swept = limits.clone();

    let server = HttpServer::new(move || {
        App::new()
            .app_data(framing.clone())
            .app_data(proxies.clone())
            .app_data(public_url.clone())
            .app_data(limits.clone())
            .app_data(shared_drain.clone())
            .wrap(from_fn(frame))
            .configure(routes.clone())
            .default_service(web::to(methods::nowhere))
    })
    .disable_signals()
    .shutdown_timeout(GRACE_SECS)
    .client_request_timeout(Duration::from_secs(15))
    .keep_alive(Duration::from_secs(75));
    let (server, scheme) = match &settings.tls {
        Some(files) => (server.listen_rustls_0_23(bound.listener, tls::configure(files)?)?, "https"),
        None => (server.listen_auto_h2c(bound.listener)?, "http"),
    };
    let metered = settings.metrics_listen.map(metered::listen).transpose()?;
    let server = server.run();
    announce(&format!("{scheme}://{}", bound.address))?;
    io::stderr().write_all(greeting.as_bytes())?;

    let (handle, metrics_handle) = (server.handle(), metered.as_ref().map(actix_web::dev::Server::handle));
    let stopping = async {
        drain.on_signal().await?;
        tracing::info!("draining");
        handle.stop(true).await;
        if let Some(metrics_handle) = metrics_handle {
            metrics_handle.stop(false).await;
        }
        Ok(())
    };
    let sweeping = async {
        loop {
            tokio::time::sleep(SWEEP).await;
            swept.sweep();
        }
    };
    let metering = async {
        match metered {
            Some(metered) => metered.await,
            None => Ok(()),
        }
    };
    tokio::select! {
        ended = async { tokio::try_join!(server, metering, stopping) } => ended.map(|_| ())?,
        () = sweeping => {}
    }
    Ok(())
}

/// A start script waits for this line, so it must not stay in a buffer.
fn announce(url: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {url}")?;
    out.flush()
}
