//! The developer's commands, a file each: `cargo xtask test | layers | bench | soak`.
//!
//! Exit status: 0 when all is well, 1 when something failed, 2 when this machine lacks a piece (or the
//! arguments are wrong) and nothing was tried.

mod bench;
mod environment;
mod failure;
mod layers;
mod shell;
mod soak;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The developer's commands of Deputy")]
enum Command {
    /// Prepare what the tests need, and run all of them on both databases
    Test(test::Options),
    /// Check the house: which crate may use which, and the rules for source files
    Layers,
    /// Measure the server and print the figures beside their targets
    Bench(bench::Options),
    /// Kill the server under load, again and again, and look for what it lost
    Soak(soak::Options),
}

fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Test(options) => test::run(&options),
        Command::Layers => layers::run(),
        Command::Bench(options) => bench::run(&options),
        Command::Soak(options) => soak::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            failure.exit_code()
        }
    }
}
