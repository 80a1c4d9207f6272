//! `cargo xtask test`: everything that the tests need, then all of them.

use std::num::NonZero;
use std::time::Instant;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::shell::{self, step};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run one part of them
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Run the tests whose path contains this
    filter: Option<String>,
    /// How many tests run at a time (default: twice the cores, at least 4)
    #[arg(long)]
    threads: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Unit and property tests
    Unit,
    /// The examples in the documentation of the code
    Doc,
    /// Integration tests: the real server
    It,
}

impl Part {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Unit => &["--lib", "--bins"],
            Self::Doc => &["--doc"],
            Self::It => &["--test", "it"],
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let start = Instant::now();
    let workspace = Workspace::read()?;
    let mut tests = shell::cargo();
    tests.current_dir(&workspace.root).args(["test", "--release", "--locked", "--workspace"]);
    tests.args(options.only.map_or(&[][..], Part::arguments)).args(&options.filter);
    tests.args(["--", "--test-threads", &threads(options).to_string()]);

    let environment = if matches!(options.only, Some(Part::Unit | Part::Doc)) {
        None
    } else {
        // First what may be missing here, then the long build.
        let environment = Environment::prepare(&workspace)?;
        let built = match options.only {
            Some(part) => part.arguments(),
            None => &["--tests"],
        };
        tests.env("DEPUTY_BIN", workspace.build(built)?);
        tests.envs(environment.variables.iter().map(|(name, value)| (name, value)));
        Some(environment)
    };
    let done = shell::run(&mut tests);
    if let Some(environment) = environment {
        environment.end();
    }
    let seconds = start.elapsed().as_secs();
    match &done {
        Ok(()) => step(&format!("all tests passed ({seconds} s)")),
        Err(_) => step(&format!("tests FAILED ({seconds} s)")),
    }
    done
}

fn threads(options: &Options) -> usize {
    let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
    options.threads.unwrap_or_else(|| (2 * cores).max(4))
}
