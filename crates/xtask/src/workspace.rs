//! Where the project lies, and what `cargo metadata` says of it.

use std::path::PathBuf;

use serde_json::Value;

use crate::failure::Failure;
use crate::shell;

pub(crate) struct Workspace {
    /// The folder of the root manifest.
    pub(crate) root: PathBuf,
    /// The target directory.
    pub(crate) target: PathBuf,
    /// All of `cargo metadata`, dependencies resolved.
    pub(crate) metadata: Value,
}

impl Workspace {
    pub(crate) fn read() -> Result<Self, Failure> {
        let mut command = shell::cargo();
        command.args(["metadata", "--format-version", "1", "--locked"]);
        let said = shell::quietly(command.current_dir(env!("CARGO_MANIFEST_DIR")))?;
        let odd = |said| Failure::Output { program: "cargo metadata", said };
        let metadata: Value = serde_json::from_str(&said).map_err(|error| odd(error.to_string()))?;
        let path = |member: &str| {
            metadata
                .get(member)
                .and_then(Value::as_str)
                .map(PathBuf::from)
                .ok_or_else(|| odd(format!("no `{member}`")))
        };
        Ok(Self { root: path("workspace_root")?, target: path("target_directory")?, metadata })
    }

    /// Builds every binary of the workspace and these tests, with the features that `cargo test --workspace` gives
    /// them, so that testing compiles nothing again. Returns the path of the server.
    pub(crate) fn build(&self, tests: &[&str]) -> Result<PathBuf, Failure> {
        shell::step("building (release)");
        let mut command = shell::cargo();
        command.current_dir(&self.root).args(["build", "--release", "--locked", "--workspace", "--bins"]);
        command.args(tests);
        shell::run(&mut command)?;
        Ok(self.server())
    }

    /// The release binary of the server.
    pub(crate) fn server(&self) -> PathBuf {
        self.target.join("release/deputy")
    }
}
