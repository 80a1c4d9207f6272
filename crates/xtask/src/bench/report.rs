//! The table at the end: what was measured, and what it is meant to be.

use std::time::Duration;

use super::load::Measured;

#[derive(Default)]
pub(super) struct Report {
    rows: Vec<(String, String, String)>,
}

impl Report {
    fn row(&mut self, what: &str, measured: String, target: &str) {
        self.rows.push((what.to_owned(), measured, target.to_owned()));
    }

    fn load(&mut self, what: &str, measured: &Measured, rate: u32, cpu: u32) {
        let rate = format!(">= {rate}");
        self.row(&format!("{what}: requests/s"), format!("{:.0}", measured.requests_per_second), &rate);
        let cpu = format!("<= {cpu} us");
        self.row("  server CPU a request", format!("{:.1} us", measured.cpu_micros_per_request), &cpu);
        self.row("  latency p50", format!("{:.2} ms", millis(measured.p50)), "");
        self.row("  latency p99", format!("{:.2} ms", millis(measured.p99)), "<= 15 ms");
    }

    pub(super) fn tokens(&mut self, measured: &Measured) {
        self.load("token endpoint, ES256, durable event", measured, 15_000, 60);
    }

    pub(super) fn introspection(&mut self, measured: &Measured) {
        self.load("introspection", measured, 20_000, 45);
    }

    pub(super) fn decisions(&mut self, measured: &Measured) {
        self.load("decision", measured, 20_000, 45);
    }

    pub(super) fn cold_start(&mut self, elapsed: Duration, resident_mib: u64) {
        self.row("cold start, empty directory (SQLite)", format!("{:.0} ms", millis(elapsed)), "<= 500 ms");
        self.row("  memory, idle", format!("{resident_mib} MiB"), "<= 60 MiB");
    }

    pub(super) fn import(&mut self, agents: usize, elapsed: Duration, resident_mib: u64) {
        let what = format!("import of {agents} agents");
        self.row(&what, format!("{:.2} s", elapsed.as_secs_f64()), "<= 10 s for 10,000");
        self.row("  memory after it", format!("{resident_mib} MiB"), "<= 300 MiB with 100,000");
    }

    pub(super) fn resident(&mut self, resident_mib: u64) {
        self.row("memory after the load", format!("{resident_mib} MiB"), "");
    }

    pub(super) fn print(&self, given_database: bool) {
        let database = if given_database { "the given database" } else { "SQLite, synchronous=FULL" };
        println!("on {database}; the load generator shares the machine");
        println!("{:<42} {:>12}   target", "", "measured");
        for (what, measured, target) in &self.rows {
            println!("{what:<42} {measured:>12}   {target}");
        }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
