//! `cargo xtask bench`: figures, beside the targets that they are meant to reach. Never pass or fail: they
//! depend on the machine, and on what else it does.

mod case;
mod http;
mod load;
mod people;
mod report;
mod server;

use std::time::Duration;

use crate::failure::Failure;
use crate::shell::{self, step};
use crate::workspace::Workspace;

use load::Load;
use report::Report;
use server::Server;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Measure on this (empty) database instead of SQLite in a temporary directory
    #[arg(long)]
    database_url: Option<String>,
    /// How long each case is measured, after two seconds of warming up
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// How many connections ask at the same time
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// How many agents the imported fleet has
    #[arg(long, default_value_t = 10_000)]
    agents: usize,
    /// Measure SCIM instead, in a tenant of so many people and a tenth as many agents
    #[arg(long)]
    people: Option<u32>,
    /// Run the benchmarks of the pure crates too (criterion)
    #[arg(long)]
    pure: bool,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let workspace = Workspace::read()?;
    if let Some(people) = options.people {
        return people::run(&workspace, people);
    }
    let binary = workspace.build(&[])?;
    let load = Load {
        connections: options.connections,
        warm_up: Duration::from_secs(2),
        measured: Duration::from_secs(options.seconds),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::Connection)?;
    let mut report = Report::default();

    step("cold start on an empty directory");
    let (idle, cold_start) = Server::start(&binary, None)?;
    std::thread::sleep(Duration::from_secs(1));
    report.cold_start(cold_start, idle.resident_mib()?);
    drop(idle);

    let database = options.database_url.as_deref();
    let (server, _) = Server::start(&binary, database)?;
    runtime.block_on(case::all(&server, options.agents, load, &mut report))?;
    report.print(database.is_some());
    drop(server);
    if options.pure {
        let mut benches = shell::cargo();
        benches.current_dir(&workspace.root).args([
            "bench",
            "--locked",
            "-p",
            "deputy-mandate",
            "-p",
            "deputy-token",
            "-p",
            "deputy-verifier",
        ]);
        shell::run(&mut benches)?;
    }
    Ok(())
}
