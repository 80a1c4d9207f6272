//! The outermost floor: the `deputy` command, its settings, the HTTP frame, the routes and the pages.
//!
//! Invariant: nothing here decides about authority. A route parses, calls one use case of the engine and
//! answers in one of four dialects; every refusal of the engine is put into words in exactly one place.

pub mod assets;
pub mod cli;
pub mod config;
pub mod demo;
pub mod dialect;
pub mod http;
pub mod manual;
pub mod open;
pub mod pages;
pub mod refusal;
pub mod routes;
pub mod words;

use std::process::ExitCode;

/// Runs the command line and turns its outcome into the exit code: 0 done, 1 refused or failed, 2 bad usage.
#[must_use]
pub fn main() -> ExitCode {
    // Two providers may sit in the dependency tree, and then rustls has no default: name one first thing.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        tracing::debug!("a TLS provider was already installed");
    }
    cli::run(std::env::args_os())
}
