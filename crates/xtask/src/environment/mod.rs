//! What the tests need beside Rust, made ready: programs, foreign clients, a private database cluster.
//!
//! Invariant: as root on Debian what is missing is installed; anywhere else it is named, with the way to get
//! it. Downloads land under `target/test-env`, stamped with what they were made from, so that a second run
//! does nothing.

mod debian;
mod node;
mod postgres;
mod programs;
mod python;
mod stamp;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::shell::step;
use crate::workspace::Workspace;

pub(crate) use postgres::Cluster;
pub(crate) use programs::Missing;

/// Everything prepared; the cluster runs as long as this lives.
pub(crate) struct Environment {
    /// The variables that the tests read (`tests/src/setup.rs`).
    pub(crate) variables: Vec<(&'static str, OsString)>,
    cluster: Cluster,
}

impl Environment {
    /// Prepares all of it.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self, Failure> {
        let programs = programs::require()?;
        let home = workspace.target.join("test-env");
        let clients = workspace.root.join("tests/clients");
        let python = python::prepare(&programs.python, &home, &clients.join("python"))?;
        let node = node::prepare(&programs.python, &home, &clients.join("node"))?;
        let cluster = Cluster::start(&programs.postgres)?;
        step(&format!("PostgreSQL from {} on port {}", programs.postgres.display(), cluster.port()));
        let variables = vec![
            ("DEPUTY_TEST_REQUIRE_ALL", "1".into()),
            ("DEPUTY_TEST_PG", cluster.url().into()),
            ("DEPUTY_TEST_CHROMIUM", programs.chromium.into()),
            ("DEPUTY_TEST_CHROMEDRIVER", programs.chromedriver.into()),
            ("DEPUTY_TEST_PYTHON", python.into()),
            ("DEPUTY_TEST_NODE", node.program.into()),
            ("DEPUTY_TEST_NODE_MODULES", node.modules.into()),
        ];
        Ok(Self { variables, cluster })
    }

    /// Only the database cluster, for commands that need nothing else.
    pub(crate) fn cluster_only() -> Result<Self, Failure> {
        let cluster = Cluster::start(&programs::require_postgres()?)?;
        Ok(Self { variables: vec![("DEPUTY_TEST_PG", cluster.url().into())], cluster })
    }

    /// Stops the cluster and waits for it.
    pub(crate) fn end(self) {
        drop(self.cluster);
    }
}

fn made(path: PathBuf) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(&path).map_err(Failure::at(&path))?;
    Ok(path)
}
