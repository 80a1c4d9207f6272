//! Why a verb failed, in one line for people, and as an exit code for programs.

use std::io;
use std::process::ExitCode;

use crate::config::SettingError;
use crate::http::serve::ServeError;
use crate::open::OpenError;

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Arguments that do not fit each other.
    #[error("{0}")]
    Usage(String),
    /// A setting that cannot be used.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The server refused.
    #[error("refused ({status} {code}): {said}{hint}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error's stable name.
        code: String,
        /// The server's sentence.
        said: String,
        /// What to try; empty, or beginning with `; `.
        hint: &'static str,
    },
    /// The server could not be reached, or broke off.
    #[error("cannot reach `{server}`: {cause}")]
    Unreachable {
        /// The server's URL.
        server: String,
        /// The innermost cause.
        cause: String,
    },
    /// The server answered with something that is not what this verb reads.
    #[error("the server's answer is not understood: {0}")]
    Answer(String),
    /// A file or a stream.
    #[error("{what}: {error}")]
    Io {
        /// The file or stream.
        what: String,
        /// The system's error.
        error: io::Error,
    },
    /// The server stopped.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The database, the master key or what lies beside them.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A check came out negative, with a reason.
    #[error("{0}")]
    Negative(String),
    /// A check came out negative, and everything has been said.
    #[error("")]
    Told,
}

impl Failure {
    /// A failure of a file or a stream.
    #[must_use]
    pub fn io(what: impl Into<String>, error: io::Error) -> Self {
        Self::Io { what: what.into(), error }
    }

    /// 2 for what the user wrote, 1 for everything else.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_)
            | Self::Setting(_)
            | Self::Serve(ServeError::Setting(_))
            | Self::Open(OpenError::Setting(_)) => ExitCode::from(2),
            Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::Answer(_)
            | Self::Io { .. }
            | Self::Serve(ServeError::Io(_))
            | Self::Open(OpenError::Store(_) | OpenError::MasterKey(_) | OpenError::KeyFile { .. })
            | Self::Negative(_)
            | Self::Told => ExitCode::from(1),
        }
    }
}
