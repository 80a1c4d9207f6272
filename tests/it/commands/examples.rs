//! The scripts of `manifests/examples`, run as a newcomer runs them.

use std::process::Command;

use deputy_tests::{on_both_databases, setup};

use super::made::{Desk, ISSUER, capability};
use super::{NOWHERE, Ran};

/// One of the scripts, with this build's `deputy` on its path.
fn script(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("bash");
    command.arg(setup::root().join("manifests/examples").join(name)).args(arguments);
    let folder = setup::binary().parent().unwrap().display();
    command.env("PATH", format!("{folder}:{}", setup::variable("PATH").unwrap()));
    command.env("NO_PROXY", "127.0.0.1");
    command
}

on_both_databases!(the_pipeline_runs, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let mut command = script("pipeline.sh", &[]);
    command.env("DEPUTY_SERVER", server.url()).env("DEPUTY_TENANT", &tenant.slug);
    command.env("DEPUTY_KEY", tenant.admin_key());
    let ran = Ran::of(command, "");
    let (out, err) = (ran.out.clone(), ran.err.clone());
    ran.done();
    let verdicts: Vec<&str> =
        out.lines().filter(|line| ["ALLOW", "DENY", "active", "not active"].contains(line)).collect();
    assert_eq!(verdicts, ["ALLOW", "DENY", "DENY", "active", "not active"], "{out}{err}");
    assert!(out.contains("planner/worker-1  [depth 2]"), "{out}");
});

on_both_databases!(a_build_job_cannot_deploy, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let mut command = script("ci-cd.sh", &[]);
    command.env("DEPUTY_SERVER", server.url()).env("DEPUTY_TENANT", &tenant.slug);
    command.env("DEPUTY_KEY", tenant.admin_key());
    let ran = Ran::of(command, "");
    let (out, err) = (ran.out.clone(), ran.err.clone());
    ran.done();
    let verdicts: Vec<&str> = out.lines().filter(|line| ["ALLOW", "DENY"].contains(line)).collect();
    assert_eq!(verdicts, ["ALLOW", "ALLOW", "DENY", "DENY", "ALLOW", "DENY"], "{out}{err}");
    assert!(err.contains("removed tool:deploy by role_bindings"), "{err}");
});

#[test]
fn a_capability_is_handed_on_and_used_without_a_server() {
    let desk = Desk::new();
    let file = desk.write("root.cap", &capability(900, |_| {}));
    let mut command = script("offline.sh", &[&file, &desk.at("crm.json"), ISSUER]);
    command.env("DEPUTY_SERVER", NOWHERE);
    let ran = Ran::of(command, "");
    let (out, err) = (ran.out.clone(), ran.err.clone());
    ran.done();
    let verdicts: Vec<&str> = out.lines().filter(|line| ["ALLOW", "DENY"].contains(line)).collect();
    assert_eq!(verdicts, ["ALLOW", "DENY", "DENY"], "{out}{err}");
    assert!(err.contains("delegation_not_allowed") && err.contains("no tool `launch_rocket`"), "{err}");
}
