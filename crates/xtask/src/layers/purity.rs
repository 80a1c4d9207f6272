//! The crates that verifiers embed stay pure: no input or output, no clock, in themselves or in what they
//! reach.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Breach;
use super::sources::Source;

/// Packages, by the name that cargo gives them, that must reach nothing of [`OUTSIDE`].
const PURE: [&str; 4] = ["deputy-mandate", "deputy-scim", "deputy-token", "deputy-manifest"];
/// A crate of these in the tree means files, sockets, a runtime or a database.
const OUTSIDE: [&str; 12] = [
    "actix-web",
    "async-std",
    "hyper",
    "mio",
    "reqwest",
    "rustls",
    "sea-orm",
    "smol",
    "socket2",
    "sqlx",
    "sqlx-core",
    "tokio",
];
/// Folders of the crates that take time as a parameter.
const TIMELESS: [&str; 4] = ["crates/mandate", "crates/scim", "crates/token", "crates/manifest"];

/// Walks the resolved graph from each pure crate, development dependencies left out.
pub(super) fn check(metadata: &Value) -> Vec<Breach> {
    let list =
        |value: &'_ Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let text =
        |value: &'_ Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let names: BTreeMap<String, String> = list(metadata, "packages")
        .iter()
        .map(|package| (text(package, "id"), text(package, "name")))
        .collect();
    let nodes = metadata.get("resolve").map(|resolve| list(resolve, "nodes")).unwrap_or_default();
    let built =
        |dependency: &Value| list(dependency, "dep_kinds").iter().any(|kind| text(kind, "kind") != "dev");
    let edges: BTreeMap<String, Vec<String>> = nodes
        .iter()
        .map(|node| {
            let used = list(node, "deps").into_iter().filter(built).map(|one| text(&one, "pkg")).collect();
            (text(node, "id"), used)
        })
        .collect();
    let mut breaches = Vec::new();
    for (id, name) in names.iter().filter(|(_, name)| PURE.contains(&name.as_str())) {
        let mut seen = BTreeSet::new();
        let mut open = vec![id];
        while let Some(one) = open.pop() {
            if seen.insert(one) {
                open.extend(edges.get(one).into_iter().flatten());
            }
        }
        let reached = seen.into_iter().filter_map(|one| names.get(one)).collect::<BTreeSet<_>>();
        breaches.extend(
            reached
                .into_iter()
                .filter(|reached| OUTSIDE.contains(&reached.as_str()))
                .map(|reached| Breach::Impure { name: name.clone(), reaches: reached.clone() }),
        );
    }
    breaches
}

/// Lines that read the system's clock in the crates where time is a parameter.
pub(super) fn clocks(sources: &[Source]) -> Vec<Breach> {
    let timeless = |source: &&Source| TIMELESS.iter().any(|folder| source.file.starts_with(folder));
    let reads = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        code.contains("SystemTime") || code.contains("Instant::now") || code.contains("std::time::Instant")
    };
    sources
        .iter()
        // Benches and tests measure and wait.
        .filter(|source| source.file.components().any(|part| part.as_os_str() == "src"))
        .filter(timeless)
        .flat_map(|source| {
            let lines = source.text.lines().enumerate().filter(|(_, line)| reads(line));
            lines.map(|(index, _)| Breach::Clock { file: source.file.clone(), line: index + 1 })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree(kind: Option<&str>) -> Value {
        json!({
            "packages": [
                {"id": "1", "name": "deputy-mandate"}, {"id": "2", "name": "between"}, {"id": "3", "name": "tokio"},
            ],
            "resolve": {"nodes": [
                {"id": "1", "deps": [{"pkg": "2", "dep_kinds": [{"kind": null}]}]},
                {"id": "2", "deps": [{"pkg": "3", "dep_kinds": [{"kind": kind}]}]},
            ]},
        })
    }

    #[test]
    fn a_runtime_behind_another_crate_is_found() {
        let breach = Breach::Impure { name: "deputy-mandate".to_owned(), reaches: "tokio".to_owned() };
        assert_eq!(check(&tree(None)), [breach]);
        assert_eq!(check(&tree(Some("dev"))), []);
    }

    #[test]
    fn the_clock_is_found_in_code_and_not_in_comments() {
        let source = |file: &str, text: &str| Source { file: file.into(), text: text.to_owned() };
        let found = clocks(&[
            source("crates/mandate/src/a.rs", "//! x\nlet t = SystemTime::now();\n"),
            source("crates/mandate/src/b.rs", "// never SystemTime::now()\nlet i = Instant(5);\n"),
            source("crates/server/src/c.rs", "let t = SystemTime::now();\n"),
        ]);
        assert_eq!(found, [Breach::Clock { file: "crates/mandate/src/a.rs".into(), line: 2 }]);
    }
}
