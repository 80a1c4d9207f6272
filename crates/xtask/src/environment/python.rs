//! Python environments under `target/test-env`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::stamp::Stamp;
use crate::failure::Failure;
use crate::shell::{self, step};

/// The interpreter of the environment with the Python clients.
pub(super) fn prepare(python: &Path, home: &Path, source: &Path) -> Result<PathBuf, Failure> {
    let requirements = source.join("requirements.txt");
    let text = std::fs::read_to_string(&requirements).map_err(Failure::at(&requirements))?;
    environment(python, &home.join("python"), &text, "Python clients")
}

/// A virtual environment with the packages of a requirements text; made again when the text or the
/// interpreter has changed.
pub(super) fn environment(
    python: &Path,
    folder: &Path,
    requirements: &str,
    what: &str,
) -> Result<PathBuf, Failure> {
    let interpreter = folder.join("bin/python");
    let version = shell::quietly(Command::new(python).arg("--version"))?;
    let stamp = Stamp::of(folder, format!("{version}{requirements}"));
    if stamp.holds() && interpreter.is_file() {
        return Ok(interpreter);
    }
    step(&format!("installing {what} into {}", folder.display()));
    shell::quietly(Command::new(python).args(["-m", "venv", "--clear"]).arg(folder))?;
    let list = folder.join("requirements.txt");
    std::fs::write(&list, requirements).map_err(Failure::at(&list))?;
    let mut pip = Command::new(&interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&list);
    shell::quietly(&mut pip)?;
    stamp.set()?;
    Ok(interpreter)
}
