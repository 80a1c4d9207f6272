//! The programs that must be there: found, or installed where we may, or named.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::debian;
use crate::failure::Failure;
use crate::shell;

pub(super) struct Programs {
    /// The folder with `initdb` and `postgres`.
    pub(super) postgres: PathBuf,
    pub(super) chromium: PathBuf,
    pub(super) chromedriver: PathBuf,
    pub(super) python: PathBuf,
}

/// A program that is not there, and how to get it.
#[derive(Debug)]
pub(crate) struct Missing {
    what: &'static str,
    hint: &'static str,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.what, self.hint)
    }
}

struct Prerequisite {
    what: &'static str,
    find: fn() -> Option<PathBuf>,
    packages: &'static [&'static str],
    hint: &'static str,
}

const POSTGRES: Prerequisite = Prerequisite {
    what: "PostgreSQL's server programs, 14 or later",
    find: find_postgres,
    packages: &["postgresql"],
    hint: "Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; \
           macOS: brew install postgresql@17; or put the folder of `initdb` on the PATH",
};

const CHROMIUM: Prerequisite = Prerequisite {
    what: "Chromium",
    find: || shell::which(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]),
    packages: &["chromium"],
    hint: "Debian: apt-get install chromium; Fedora: dnf install chromium; elsewhere put `chromium` on the PATH",
};

const CHROMEDRIVER: Prerequisite = Prerequisite {
    what: "chromedriver, of Chromium's version",
    find: || {
        let known = ["/usr/lib/chromium/chromedriver", "/usr/lib/chromium-browser/chromedriver"];
        shell::which(&["chromedriver"])
            .or_else(|| known.iter().map(PathBuf::from).find(|path| path.is_file()))
    },
    packages: &["chromium-driver"],
    hint: "Debian: apt-get install chromium-driver; Fedora: dnf install chromedriver; \
           elsewhere put `chromedriver` on the PATH",
};

const PYTHON: Prerequisite = Prerequisite {
    what: "Python 3.11 or later with venv",
    find: find_python,
    packages: &["python3", "python3-venv"],
    hint: "Debian, Ubuntu: apt-get install python3 python3-venv; elsewhere put `python3` on the PATH",
};

const CURL: Prerequisite = Prerequisite {
    what: "curl, for the README's commands",
    find: || shell::which(&["curl"]),
    packages: &["curl"],
    hint: "install the package `curl`",
};

const ALL: [&Prerequisite; 5] = [&POSTGRES, &CHROMIUM, &CHROMEDRIVER, &PYTHON, &CURL];

/// All of them.
pub(super) fn require() -> Result<Programs, Failure> {
    provide(&ALL)?;
    let found = |prerequisite: &Prerequisite| (prerequisite.find)().ok_or_else(|| missing(&[prerequisite]));
    Ok(Programs {
        postgres: found(&POSTGRES)?,
        chromium: found(&CHROMIUM)?,
        chromedriver: found(&CHROMEDRIVER)?,
        python: found(&PYTHON)?,
    })
}

/// PostgreSQL alone.
pub(super) fn require_postgres() -> Result<PathBuf, Failure> {
    provide(&[&POSTGRES])?;
    find_postgres().ok_or_else(|| missing(&[&POSTGRES]))
}

fn provide(wanted: &[&Prerequisite]) -> Result<(), Failure> {
    let lacking = |wanted: &[&'static Prerequisite]| -> Vec<&'static Prerequisite> {
        wanted.iter().copied().filter(|prerequisite| (prerequisite.find)().is_none()).collect()
    };
    let wanted: Vec<&'static Prerequisite> =
        ALL.iter().copied().filter(|one| wanted.iter().any(|other| other.what == one.what)).collect();
    let absent = lacking(&wanted);
    if absent.is_empty() {
        return Ok(());
    }
    if !debian::may_install() {
        return Err(missing(&absent));
    }
    debian::install(absent.iter().flat_map(|prerequisite| prerequisite.packages.iter().copied()))?;
    let absent = lacking(&wanted);
    if absent.is_empty() { Ok(()) } else { Err(missing(&absent)) }
}

fn missing(absent: &[&Prerequisite]) -> Failure {
    Failure::Missing(absent.iter().map(|one| Missing { what: one.what, hint: one.hint }).collect())
}

/// The newest of Debian's versions, or what the PATH or `pg_config` names.
fn find_postgres() -> Option<PathBuf> {
    let complete = |folder: &Path| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(version, folder)| *version >= 14 && complete(folder))
        .max();
    let on_path = || shell::which(&["initdb"])?.parent().map(Path::to_owned);
    let configured = || {
        let folder = shell::quietly(Command::new(shell::which(&["pg_config"])?).arg("--bindir")).ok()?;
        Some(PathBuf::from(folder.trim()))
    };
    let found = newest.map(|(_, folder)| folder).or_else(on_path).filter(|folder| complete(folder));
    found.or_else(configured).filter(|folder| complete(folder))
}

fn find_python() -> Option<PathBuf> {
    let python = shell::which(&["python3"])?;
    let script = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
    let able = Command::new(&python).args(["-c", script]).output().ok()?.status.success();
    able.then_some(python)
}
