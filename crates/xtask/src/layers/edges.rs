//! Which workspace crate may use which. Arrows point down only: the table says what is allowed, and a floor
//! beside it keeps the table itself honest.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Breach;

pub(super) struct Crate {
    pub(super) name: &'static str,
    floor: u8,
    /// Nothing that stands above or beside it, and not everything below.
    uses: &'static [&'static str],
}

const TABLE: &[Crate] = &[
    Crate { name: "mandate", floor: 1, uses: &[] },
    Crate { name: "scim", floor: 1, uses: &[] },
    Crate { name: "token", floor: 2, uses: &["mandate"] },
    Crate { name: "manifest", floor: 2, uses: &["mandate"] },
    Crate { name: "federation", floor: 3, uses: &["mandate", "token"] },
    Crate { name: "verifier", floor: 3, uses: &["mandate", "token"] },
    Crate { name: "oauth", floor: 3, uses: &["mandate", "token"] },
    Crate { name: "migrations", floor: 1, uses: &[] },
    Crate { name: "store", floor: 3, uses: &["mandate", "token", "scim", "migrations"] },
    Crate {
        name: "engine",
        floor: 4,
        uses: &["mandate", "scim", "token", "federation", "manifest", "oauth", "store"],
    },
    // Beside the engine only the crates whose wire types it speaks; never the store.
    Crate {
        name: "server",
        floor: 5,
        uses: &["engine", "federation", "mandate", "manifest", "oauth", "scim", "token", "verifier"],
    },
    // The tests drive a process; what they use in code is for seeding and for reading tokens.
    Crate { name: "tests", floor: 6, uses: &["server", "store", "mandate", "token", "verifier"] },
    Crate { name: "xtask", floor: 6, uses: &[] },
];

/// Every workspace edge of `cargo metadata`, whatever its kind (a test may not look up either).
pub(super) fn check(metadata: &Value) -> Vec<Breach> {
    let packages = members(metadata);
    let names: BTreeSet<&str> = packages.iter().map(|(name, _)| *name).collect();
    let mut breaches = Vec::new();
    for (name, package) in &packages {
        let Some(known) = TABLE.iter().find(|known| known.name == *name) else {
            breaches.push(Breach::UnknownCrate { name: (*name).to_owned() });
            continue;
        };
        let uses = dependencies(package).filter(|to| names.contains(to)).collect::<BTreeSet<&str>>();
        for to in uses {
            let below = TABLE.iter().any(|one| one.name == to && one.floor < known.floor);
            if !below || !known.uses.contains(&to) {
                breaches.push(Breach::Edge { from: (*name).to_owned(), to: to.to_owned() });
            }
        }
    }
    breaches
}

/// The workspace's packages by their short name.
fn members(metadata: &Value) -> Vec<(&str, &Value)> {
    let list = |name: &str| metadata.get(name).and_then(Value::as_array).into_iter().flatten();
    let ids: BTreeSet<&str> = list("workspace_members").filter_map(Value::as_str).collect();
    let text =
        |package: &'_ Value, member: &str| package.get(member).and_then(Value::as_str).map(str::to_owned);
    list("packages")
        .filter(|package| text(package, "id").is_some_and(|id| ids.contains(id.as_str())))
        .filter_map(|package| Some((short(package.get("name")?.as_str()?), package)))
        .collect()
}

fn dependencies(package: &Value) -> impl Iterator<Item = &str> {
    let list = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
    list.filter(|one| one.get("path").is_some()).filter_map(|one| one.get("name")?.as_str()).map(short)
}

fn short(name: &str) -> &str {
    name.strip_prefix("deputy-").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_points_down_only() {
        for one in TABLE {
            for to in one.uses {
                let used = TABLE.iter().find(|other| other.name == *to).unwrap();
                assert!(used.floor < one.floor, "{} uses {to}", one.name);
            }
        }
    }

    fn metadata(from: &str, to: &str) -> Value {
        let package = |name: &str, uses: Value| json!({"id": name, "name": format!("deputy-{name}"), "dependencies": uses});
        json!({
            "workspace_members": [from, to],
            "packages": [
                package(from, json!([{"name": format!("deputy-{to}"), "path": "/x"}, {"name": "serde"}])),
                package(to, json!([])),
            ],
        })
    }

    #[test]
    fn an_edge_down_is_allowed_and_its_reverse_is_not() {
        assert_eq!(check(&metadata("token", "mandate")), []);
        let breach = Breach::Edge { from: "mandate".to_owned(), to: "token".to_owned() };
        assert_eq!(check(&metadata("mandate", "token")), [breach]);
    }

    #[test]
    fn the_server_may_not_reach_past_the_engine() {
        assert_eq!(check(&metadata("server", "engine")), []);
        let breach = Breach::Edge { from: "server".to_owned(), to: "store".to_owned() };
        assert_eq!(check(&metadata("server", "store")), [breach]);
    }

    #[test]
    fn a_crate_without_a_floor_is_a_breach() {
        let breach = Breach::UnknownCrate { name: "attic".to_owned() };
        assert!(check(&metadata("server", "attic")).contains(&breach));
    }
}
