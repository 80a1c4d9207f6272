//! The load: some connections, each asking again as soon as it has its answer.

use std::time::{Duration, Instant};

use super::http::{Connection, Request};
use super::server::Server;
use crate::failure::Failure;

#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) connections: usize,
    pub(super) warm_up: Duration,
    pub(super) measured: Duration,
}

/// What one case gave.
pub(super) struct Measured {
    pub(super) requests_per_second: f64,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    /// Processor time of the server.
    pub(super) cpu_micros_per_request: f64,
}

/// Asks for the time of the load; connection `n` starts with the `n`th request and takes them in turn.
pub(super) async fn measure(server: &Server, requests: &[Request], load: Load) -> Result<Measured, Failure> {
    let start = Instant::now() + load.warm_up;
    let end = start + load.measured;
    let mut tasks = Vec::new();
    for number in 0..load.connections {
        let mut turn = requests.to_vec();
        turn.rotate_left(number % requests.len().max(1));
        let connection = Connection::open(&server.address).await?;
        tasks.push(tokio::spawn(ask(connection, turn, start, end)));
    }
    tokio::time::sleep_until(start.into()).await;
    let before = server.cpu_micros()?;
    tokio::time::sleep_until(end.into()).await;
    let used = server.cpu_micros()?.saturating_sub(before);
    let mut latencies: Vec<Duration> = Vec::new();
    for task in tasks {
        latencies.extend(task.await.map_err(|error| Failure::Http(error.to_string()))??);
    }
    latencies.sort_unstable();
    let count = latencies.len().max(1) as f64;
    let at = |share: usize| latencies.get(latencies.len() * share / 100).copied().unwrap_or_default();
    Ok(Measured {
        requests_per_second: count / load.measured.as_secs_f64(),
        p50: at(50),
        p99: at(99),
        cpu_micros_per_request: used as f64 / count,
    })
}

/// The latencies of the answers that came between `start` and `end`.
async fn ask(
    mut connection: Connection,
    requests: Vec<Request>,
    start: Instant,
    end: Instant,
) -> Result<Vec<Duration>, Failure> {
    let mut latencies = Vec::new();
    for request in requests.iter().cycle() {
        let begin = Instant::now();
        connection.ask(request).await?;
        let now = Instant::now();
        if now >= end {
            break;
        }
        if now >= start {
            latencies.push(now - begin);
        }
    }
    Ok(latencies)
}
