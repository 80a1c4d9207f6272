//! A tenant with a million people: what SCIM's requests cost, on both databases.
//!
//! The tenant and the requests are those of the integration test `scale`, which checks the answers of a small one in
//! every test run; this makes it large.

use crate::environment::Environment;
use crate::failure::Failure;
use crate::shell::{self, step};
use crate::workspace::Workspace;

/// Fills a tenant with so many people and a tenth as many agents, and prints what each request costs.
pub(super) fn run(workspace: &Workspace, people: u32) -> Result<(), Failure> {
    let server = workspace.build(&["--test", "it"])?;
    let environment = Environment::cluster_only()?;
    step(&format!("a tenant of {people} people on each database"));
    let mut tests = shell::cargo();
    tests.current_dir(&workspace.root).args(["test", "--release", "--locked", "--workspace", "--test", "it"]);
    tests.args(["scale::", "--", "--nocapture", "--test-threads", "1"]);
    tests.env("DEPUTY_BIN", server).env("DEPUTY_SCALE_PEOPLE", people.to_string());
    tests.envs(environment.variables.iter().map(|(name, value)| (name, value)));
    let done = shell::run(&mut tests);
    environment.end();
    done
}
