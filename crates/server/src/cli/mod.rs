//! The command line: verbs, exit codes, and what goes to which stream.
//!
//! Invariant: a token or a new key is alone on stdout; everything that is not asked-for data goes to stderr;
//! the exit code is 0 for done, 1 for denied or failed, 2 for bad usage or a bad setting.

pub mod agent;
pub mod audit;
pub mod client;
pub mod database;
pub mod events;
pub mod failure;
pub mod fleet;
pub mod import;
pub mod output;
pub mod secret_input;
pub mod serve;
pub mod token;

use std::ffi::OsString;
use std::future::Future;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use failure::Failure;

/// Identity, owners and mandates for AI agents.
#[derive(Debug, Parser)]
#[command(name = "deputy", version, arg_required_else_help = true, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the server
    Serve(serve::Arguments),
    /// Bring the database up to this version
    Migrate(database::Migrate),
    /// Make tenants, straight on the database
    #[command(subcommand)]
    Tenant(database::TenantVerb),
    /// Make API keys, straight on the database
    #[command(subcommand)]
    Key(database::KeyVerb),
    /// Import a fleet manifest, all or nothing
    Import(import::Arguments),
    /// Request, exchange, inspect, verify and revoke tokens
    #[command(subcommand)]
    Token(token::Verb),
    /// List, show, suspend and reactivate agents
    #[command(subcommand)]
    Agent(agent::Verb),
    /// List the agents without a live owner
    Orphans(fleet::Orphans),
    /// Halt a tenant, or lift its halt
    Halt(fleet::Halt),
    /// Follow and export events
    #[command(subcommand)]
    Events(events::Verb),
    /// Export the audit log and verify an export
    #[command(subcommand)]
    Audit(audit::Verb),
    /// Ask a server whether it can do its work
    Healthcheck(fleet::Healthcheck),
}

/// Parses the arguments and runs the verb.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed stream is no reason for another exit code.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let done = match cli.verb {
        Verb::Serve(arguments) => arguments.run(),
        Verb::Migrate(verb) => verb.run(),
        Verb::Tenant(verb) => verb.run(),
        Verb::Key(verb) => verb.run(),
        Verb::Import(verb) => wait(verb.run()),
        Verb::Token(verb) => wait(verb.run()),
        Verb::Agent(verb) => wait(verb.run()),
        Verb::Orphans(verb) => wait(verb.run()),
        Verb::Halt(verb) => wait(verb.run()),
        Verb::Events(verb) => wait(verb.run()),
        Verb::Audit(verb) => wait(verb.run()),
        Verb::Healthcheck(verb) => wait(verb.run()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !matches!(failure, Failure::Told) {
                eprintln!("deputy: {failure}");
            }
            failure.exit_code()
        }
    }
}

/// Runs a client verb; one thread is enough for one request after another.
fn wait(verb: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::io("the runtime", error))?.block_on(verb)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn the_tree_is_sound_and_help_shows_no_variable() {
        Cli::command().debug_assert();
        for verb in Cli::command().get_subcommands_mut() {
            let help = verb.render_long_help().to_string();
            assert!(
                !help.contains("[env: DEPUTY_KEY=d") && !help.contains("[env: DEPUTY_MASTER_KEY=A"),
                "{help}"
            );
        }
    }
}
