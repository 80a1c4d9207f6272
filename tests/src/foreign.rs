//! Clients that we did not write, in the languages that people use them in.
//!
//! A script is one case: it reads its input from the environment, exits 0 when everything held, and says on
//! stderr what did not. The environments are made by `cargo xtask test`.

use std::process::{Command, Output};

use tempfile::TempDir;

use crate::setup::{self, Tool};

/// Runs `tests/clients/node/{script}`; `None` (after a note) where there is no Node environment.
pub fn node(script: &str, input: &[(&str, &str)]) -> Option<Outcome> {
    let (command, _stage) = node_command(script)?;
    Some(Outcome::of(command, script, input))
}

/// The command that runs a script, in a folder that must outlive it.
pub(crate) fn node_command(script: &str) -> Option<(Command, TempDir)> {
    let (node, modules) = (Tool::Node.find()?, Tool::NodeModules.find()?);
    // Modules are found from where the script lies, and the source tree stays free of them.
    let stage = TempDir::new().expect("a temporary directory");
    std::os::unix::fs::symlink(modules, stage.path().join("node_modules")).expect("a link");
    let source = setup::root().join("tests/clients/node");
    for entry in std::fs::read_dir(source).expect("the scripts are there").map(Result::unwrap) {
        if entry.path().extension().is_some_and(|extension| extension == "mjs") {
            std::fs::copy(entry.path(), stage.path().join(entry.file_name())).expect("a copy");
        }
    }
    let mut command = Command::new(node);
    command.current_dir(stage.path()).arg(script);
    Some((command, stage))
}

/// Runs `tests/clients/python/{script}`; `None` (after a note) where there is no Python environment.
pub fn python(script: &str, input: &[(&str, &str)]) -> Option<Outcome> {
    let mut command = Command::new(Tool::Python.find()?);
    // `-B`: no byte code in the source tree.
    command.arg("-B").arg(setup::root().join("tests/clients/python").join(script));
    // requests-oauthlib refuses plain HTTP, which is all that a test server on loopback speaks.
    command.env("OAUTHLIB_INSECURE_TRANSPORT", "1").env("NO_PROXY", "127.0.0.1");
    Some(Outcome::of(command, script, input))
}

/// How a script ended.
#[derive(Debug)]
pub struct Outcome {
    script: String,
    output: Output,
}

impl Outcome {
    fn of(mut command: Command, script: &str, input: &[(&str, &str)]) -> Self {
        command.envs(input.iter().copied());
        let output = command.output().unwrap_or_else(|error| panic!("`{script}` does not start: {error}"));
        Self { script: script.to_owned(), output }
    }

    /// What it printed, given that it succeeded.
    ///
    /// # Panics
    /// With everything it said, when it failed.
    #[track_caller]
    pub fn passed(&self) -> String {
        let (out, err) =
            (String::from_utf8_lossy(&self.output.stdout), String::from_utf8_lossy(&self.output.stderr));
        assert!(self.output.status.success(), "`{}`: {}\n{out}\n{err}", self.script, self.output.status);
        out.into_owned()
    }
}
