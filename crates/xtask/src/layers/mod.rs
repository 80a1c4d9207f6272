//! `cargo xtask layers`: the house, checked. Which crate may use which (`edges`), which crates stay free of
//! input, output and clocks (`purity`), who may ask other servers (`outbound`), and what every source file keeps to (`sources`).

mod edges;
mod outbound;
mod purity;
mod sources;

use std::fmt;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::shell::step;
use crate::workspace::Workspace;

/// A rule that is broken, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Breach {
    /// A workspace package that the table of floors does not know.
    UnknownCrate { name: String },
    /// An edge that the table does not allow.
    Edge { from: String, to: String },
    /// A pure crate that reaches a crate of the outside world.
    Impure { name: String, reaches: String },
    /// A pure crate that reads the clock.
    Clock { file: PathBuf, line: usize },
    /// A file that asks other servers past the one way out.
    WayOut { file: PathBuf, line: usize },
    /// A source file over the limit.
    TooLong { file: PathBuf, lines: usize },
    /// A module that does not open with `//!`.
    NoHeader { file: PathBuf },
    /// A bare `allow` attribute.
    Allow { file: PathBuf, line: usize },
    /// A name that says nothing.
    EmptyName { file: PathBuf },
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCrate { name } => {
                write!(f, "`{name}` has no floor in the table of `layers/edges.rs`")
            }
            Self::Edge { from, to } => write!(f, "`{from}` may not use `{to}`"),
            Self::Impure { name, reaches } => write!(f, "`{name}` must stay pure, but reaches `{reaches}`"),
            Self::Clock { file, line } => {
                write!(f, "{}:{line}: a pure crate reads the clock", file.display())
            }
            Self::WayOut { file, line } => {
                write!(
                    f,
                    "{}:{line}: `reqwest` beside the one way out, `{}`",
                    file.display(),
                    outbound::WAY_OUT
                )
            }
            Self::TooLong { file, lines } => {
                write!(f, "{}: {lines} lines, over {}", file.display(), sources::LONGEST)
            }
            Self::NoHeader { file } => write!(f, "{}: does not open with `//!`", file.display()),
            Self::Allow { file, line } => {
                write!(f, "{}:{line}: `allow` instead of `expect` with a reason", file.display())
            }
            Self::EmptyName { file } => write!(f, "{}: a name that says nothing", file.display()),
        }
    }
}

pub(crate) fn run() -> Result<(), Failure> {
    let workspace = Workspace::read()?;
    let mut breaches = edges::check(&workspace.metadata);
    breaches.extend(purity::check(&workspace.metadata));
    let sources = sources::read(&workspace.root)?;
    breaches.extend(sources::check(&sources));
    breaches.extend(purity::clocks(&sources));
    breaches.extend(outbound::check(&sources));
    let spread = sources::Spread::of(&sources);
    step(&format!(
        "{} source files: median {} lines (aim: {}), p90 {} (aim: {}), longest {} (limit: {})",
        sources.len(),
        spread.median,
        120,
        spread.p90,
        300,
        spread.longest,
        sources::LONGEST
    ));
    if breaches.is_empty() { Ok(()) } else { Err(Failure::Layers(breaches)) }
}
