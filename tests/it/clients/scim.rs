//! Public testers of SCIM servers, scim2-tester and scim-sanity (`tests/clients/python`).

use deputy_tests::{Database, foreign, on_both_databases};

/// Runs a probe against a tenant of its own, and says how many of its checks passed.
async fn passed(db: Database, script: &str) -> Option<usize> {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    let base = service.url("");
    let input = [("BASE", base.as_str()), ("KEY", service.key().expect("a key"))];
    let said = foreign::python(script, &input)?.passed();
    let count = said.lines().find_map(|line| line.strip_prefix("passed: ")?.split(',').next()?.parse().ok());
    Some(count.unwrap_or_else(|| panic!("no count in {said}")))
}

on_both_databases!(scim2_tester, async |db| {
    let Some(count) = passed(db, "scim2_tester_probe.py").await else { return };
    assert!(count > 150, "{count}");
});

on_both_databases!(scim_sanity, async |db| {
    let Some(count) = passed(db, "scim_sanity_probe.py").await else { return };
    assert!(count > 30, "{count}");
});
