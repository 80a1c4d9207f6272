//! Problems that only the tenant's state shows are told at the place of the entry.

use crate::fleet;
use deputy_manifest::OutsideKind;

const FLEET: &str = "\
resources: [{uri: https://crm.example.com/}]
roles:
  - name: reader
    audience: [https://crm.example.com/, https://other.example.com/]
agents:
  - name: planner
    owner: user:alice@example.com
    roles: [reader, auditor]
    default_audience: https://crm.example.com/
  - name: worker
    owners:
      - group:crm
      - user:alice@example.com
    parent: agent:planner
    may_act_for: [user:bob@example.com]
  - name: stray
    owner: user:alice@example.com
    parent: elder
    default_audience: https://third.example.com/
";

#[test]
fn what_the_tenant_has_to_have_is_listed_with_its_place() {
    let fleet = fleet(FLEET).unwrap();
    let found: Vec<String> = fleet
        .outside()
        .iter()
        .map(|it| format!("{}:{} {} {} at {}", it.at.line, it.at.column, it.kind.as_str(), it.name, it.path))
        .collect();
    let expected = [
        "6:42 resource https://other.example.com/ at roles[0].audience[1]",
        "9:12 user alice@example.com at agents[0].owners",
        "10:21 role auditor at agents[0].roles[1]",
        "14:9 group crm at agents[1].owners[0]",
        "15:9 user alice@example.com at agents[1].owners[1]",
        "17:19 user bob@example.com at agents[1].may_act_for[0]",
        "19:12 user alice@example.com at agents[2].owners",
        "20:13 agent elder at agents[2].parent",
        "21:23 resource https://third.example.com/ at agents[2].default_audience",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_later_problem_is_told_at_the_member() {
    let fleet = fleet(FLEET).unwrap();
    let outside = fleet.outside();
    let role = outside.iter().find(|it| it.kind == OutsideKind::Role).unwrap();
    assert_eq!(
        role.problem("there is no role `auditor`").to_string(),
        "10:21: agents[0].roles[1]: there is no role `auditor`"
    );

    let name = ["agents".into(), 1.into(), "name".into()];
    assert_eq!(
        fleet.problem(&name, "this name was used before").to_string(),
        "12:11: agents[1].name: this name was used before"
    );
    let absent = ["agents".into(), 1.into(), "ttl".into()];
    assert_eq!(fleet.position(&absent).to_string(), "line 12, column 5");
}
