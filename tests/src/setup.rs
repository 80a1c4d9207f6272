//! What the tests need from outside, and where it is: variables set by `cargo xtask test`.
//!
//! Invariant: under `DEPUTY_TEST_REQUIRE_ALL=1` nothing is ever skipped; without it a test that lacks a tool
//! says so once on stderr and returns early.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

/// Something a test may need beside the server itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// The admin URL of the private cluster.
    Postgres,
    /// The browser's executable.
    Chromium,
    /// Its WebDriver.
    Chromedriver,
    /// Node 20 or later.
    Node,
    /// The folder `node_modules` made from `tests/clients/node/package.json`.
    NodeModules,
    /// The interpreter of the environment made from `tests/clients/python/requirements.txt`.
    Python,
}

impl Tool {
    fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "DEPUTY_TEST_PG",
            Self::Chromium => "DEPUTY_TEST_CHROMIUM",
            Self::Chromedriver => "DEPUTY_TEST_CHROMEDRIVER",
            Self::Node => "DEPUTY_TEST_NODE",
            Self::NodeModules => "DEPUTY_TEST_NODE_MODULES",
            Self::Python => "DEPUTY_TEST_PYTHON",
        }
    }

    /// Where the tool is, or `None` after a note on stderr.
    ///
    /// # Panics
    /// When everything is required and this is missing.
    pub fn find(self) -> Option<String> {
        let found = variable(self.variable());
        if found.is_none() {
            assert!(!required(), "`{}` is not set, and every test must run", self.variable());
            self.note();
        }
        found
    }

    /// Says once that tests are passed over. Straight to stderr: the test runner captures the print macros.
    fn note(self) {
        static NOTED: Mutex<BTreeSet<Tool>> = Mutex::new(BTreeSet::new());
        if NOTED.lock().unwrap().insert(self) {
            let text = format!(
                "note: tests that need {self:?} return early (`{}` is not set); `cargo xtask test` runs them\n",
                self.variable()
            );
            std::io::stderr().write_all(text.as_bytes()).unwrap();
        }
    }
}

/// Whether a missing tool is a failure.
pub fn required() -> bool {
    variable("DEPUTY_TEST_REQUIRE_ALL").is_some_and(|value| value == "1")
}

/// A variable of the environment, when it is set, is UTF-8 and is not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok().filter(|value| !value.is_empty())
}

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The `deputy` binary: `DEPUTY_BIN`, or built on demand in the profile of the tests themselves.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match variable("DEPUTY_BIN") {
        Some(path) => PathBuf::from(path),
        None => build(),
    })
}

fn build() -> PathBuf {
    let cargo = variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
    let mut command = Command::new(cargo);
    // The whole workspace, so that features unify as in the build of these tests.
    command.current_dir(root()).args(["build", "--workspace", "--bins", "--tests"]);
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    if profile == "release" {
        command.arg("--release");
    }
    let status = command.status().expect("cargo runs");
    assert!(status.success(), "`cargo build` of the server failed");
    let target = variable("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join(profile).join("deputy")
}
