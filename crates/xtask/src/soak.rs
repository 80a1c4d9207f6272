//! `cargo xtask soak`: kill -9 under load, many times, on both databases.
//!
//! The loop itself is the integration test `crash` (a few rounds in every test run); this runs it for longer.

use crate::environment::Environment;
use crate::failure::Failure;
use crate::shell::{self, step};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How often to kill the server, on each database
    #[arg(long, default_value_t = 50)]
    rounds: u32,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let workspace = Workspace::read()?;
    let server = workspace.build(&["--test", "it"])?;
    let environment = Environment::cluster_only()?;
    step(&format!("{} kills on each database", options.rounds));
    let mut tests = shell::cargo();
    tests.current_dir(&workspace.root).args(["test", "--release", "--locked", "--workspace", "--test", "it"]);
    tests.args(["crash::", "--", "--nocapture", "--test-threads", "1"]);
    tests.env("DEPUTY_BIN", server).env("DEPUTY_SOAK_ROUNDS", options.rounds.to_string());
    tests.envs(environment.variables.iter().map(|(name, value)| (name, value)));
    let done = shell::run(&mut tests);
    environment.end();
    done
}
