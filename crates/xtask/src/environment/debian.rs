//! Debian's packages, when we are root there.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::shell::{self, step};

/// Whether packages can be installed: root, and `apt-get` is there.
pub(super) fn may_install() -> bool {
    is_root() && shell::which(&["apt-get"]).is_some()
}

/// Whether this process belongs to root.
pub(super) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Installs packages, without questions and without what they recommend.
pub(super) fn install<'a>(packages: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let packages: Vec<&str> = packages.collect();
    step(&format!("installing Debian packages: {}", packages.join(" ")));
    forbid_main_cluster()?;
    apt(&["update", "-qq"])?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
}

fn apt(arguments: &[&str]) -> Result<(), Failure> {
    let mut command = Command::new("apt-get");
    shell::quietly(command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments)).map(drop)
}

/// Debian makes and starts a cluster when PostgreSQL is installed, unless it is told not to beforehand. Ours
/// is private, and a server that nobody asked for is no business of a test run.
fn forbid_main_cluster() -> Result<(), Failure> {
    if Path::new("/etc/postgresql-common/createcluster.conf").exists() {
        // Somebody has set it up already: their choice stands.
        return Ok(());
    }
    let folder = Path::new("/etc/postgresql-common/createcluster.d");
    std::fs::create_dir_all(folder).map_err(Failure::at(folder))?;
    let file = folder.join("no-main-cluster.conf");
    std::fs::write(&file, "create_main_cluster = false\n").map_err(Failure::at(file))
}
