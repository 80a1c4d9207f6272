//! What can stop a command.

use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};

use crate::environment::Missing;
use crate::layers::Breach;

/// Why a command did not end well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("`{}`: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("`{program}` does not start: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("`{program}` failed ({status})")]
    Ended { program: String, status: ExitStatus, said: String },
    #[error("`{program}` printed something else than expected: {said}")]
    Output { program: &'static str, said: String },
    #[error("this machine lacks:{}", lines(.0))]
    Missing(Vec<Missing>),
    #[error("PostgreSQL did not start; its log ends:\n{log}")]
    Cluster { log: String },
    #[error("the house rules are broken:{}", lines(.0))]
    Layers(Vec<Breach>),
    #[error("`{asked}` answered {status}: {body}")]
    Answer { asked: String, status: u16, body: String },
    #[error("the connection to the server broke: {0}")]
    Connection(std::io::Error),
    #[error("no well-formed HTTP answer from the server: {0}")]
    Http(String),
}

fn lines<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("\n  {item}")).collect()
}

impl Failure {
    /// A failed operation on this path.
    pub(crate) fn at(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Missing(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
