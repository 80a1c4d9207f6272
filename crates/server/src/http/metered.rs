//! Metrics in Prometheus' text form, on a listener of their own.
//!
//! Invariant: the public listener never serves them.

use std::net::{SocketAddr, TcpListener};

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::config::problem::SettingError;

/// Upper bounds of the time buckets, in seconds.
const BUCKETS: [f64; 10] = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// Starts to collect, and binds the listener.
///
/// # Errors
/// `SettingError` if the address cannot be bound or a recorder is there already.
pub fn listen(address: SocketAddr) -> Result<Server, SettingError> {
    let refused = |problem: String| SettingError::of("metrics_listen", problem);
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| refused(error.to_string()))?;
    let listener = TcpListener::bind(address).map_err(|error| refused(format!("`{address}`: {error}")))?;
    let server = HttpServer::new(move || {
        App::new().app_data(web::Data::new(handle.clone())).route("/metrics", web::get().to(render))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .map_err(|error| refused(error.to_string()))?;
    Ok(server.run())
}

async fn render(handle: web::Data<PrometheusHandle>) -> HttpResponse {
    handle.run_upkeep();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(handle.render())
}
