//! The JSON Schema accepts what the parser accepts and refuses what it refuses, as far as a schema can tell.

use deputy_manifest::parse;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::document;

const SCHEMA: &str = include_str!("../../../../manifests/fleet.schema.json");
const SHIPPED: [&str; 4] = [
    include_str!("../../../../manifests/fleet.yaml"),
    include_str!("../../../../manifests/minimal.yaml"),
    include_str!("../../../../manifests/examples/pipeline.yaml"),
    include_str!("../../../../manifests/examples/ci-cd.yaml"),
];

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

fn value(yaml: &str) -> Value {
    serde_yaml::from_str(yaml).unwrap()
}

#[test]
fn it_is_a_schema() {
    jsonschema::meta::validate(&schema()).unwrap();
}

#[test]
fn it_accepts_what_is_shipped() {
    let validator = validator();
    for file in SHIPPED {
        let errors: Vec<String> = validator
            .iter_errors(&value(file))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

/// Whether schema and parser accept, side by side.
fn verify(members: &str, accepted: bool, validator: &Validator) {
    let text = document(members);
    let parsed = parse(text.as_bytes());
    assert_eq!(
        parsed.is_ok(),
        accepted,
        "parser:\n{members}\n{:?}",
        parsed.err().map(|problems| problems.to_string())
    );
    assert_eq!(validator.is_valid(&value(&text)), accepted, "schema:\n{members}");
}

#[test]
fn it_agrees_with_the_parser_on_files() {
    let validator = validator();
    for (members, accepted) in [
        ("", true),
        ("agents: []", true),
        ("agents: {}", false),
        ("agents: [a]", false),
        ("extra: 1", false),
        ("agents: [{name: a}]", false),
        ("agents: [{owner: user:x}]", false),
        ("agents: [{name: a, owner: user:x}]", true),
        ("agents: [{name: a, owner: user:x, owners: [user:x]}]", false),
        ("agents: [{name: a, owners: []}]", false),
        ("agents: [{name: a, parent: b}]", true),
        ("agents: [{name: a, parent: b, owner: user:x}]", true),
        ("agents: [{name: a, parent: b, owners: [user:x]}]", true),
        ("agents: [{name: a, parent: b, owner: user:x, owners: [user:x]}]", false),
        ("agents: [{name: a, parent: b, owners: []}]", false),
        ("agents: [{name: a, parent: }]", false),
        ("agents: [{name: a, owners: [user:x, group:y]}]", true),
        ("agents: [{name: A, owner: user:x}]", false),
        ("agents: [{name: '', owner: user:x}]", false),
        ("agents: [{name: 5, owner: user:x}]", false),
        ("tools: {t: {args: []}}", true),
        ("tools: {t: {}}", false),
        ("tools: {t: {args: [a], extra: 1}}", false),
        ("tools: {t: {args: ['']}}", false),
        ("tools: {'a b': {args: []}}", false),
        ("tools: [t]", false),
        ("resources: [{uri: https://a.example/}]", true),
        ("resources: [{uri: 'urn:example:a'}]", true),
        ("resources: [{uri: a.example}]", false),
        ("resources: [{uri: 'https://'}]", false),
        ("resources: [{uri: 'https://a.example/#b'}]", false),
        ("resources: [{uri: 'https://é.example/'}]", false),
        ("resources: [{}]", false),
        ("resources: [{uri: https://a.example/, policy: {}}]", true),
        (
            "resources: [{uri: https://a.example/, policy: {scopes: [a], tools: {}, blocked_tools: [b], limits: {}, ttl: 5m, max_depth: 1, may_delegate: false}}]",
            true,
        ),
        ("resources: [{uri: https://a.example/, policy: {audience: []}}]", false),
        ("roles: [{name: r}]", true),
        ("roles: [{name: R 1}]", true),
        ("roles: [{name: ' r'}]", false),
        ("roles: [{name: a/b}]", false),
        ("roles: [{scopes: [a]}]", false),
        ("roles: [{name: r, may_delegate: 'true'}]", false),
        ("roles: [{name: r, max_depth: 17}]", false),
        ("roles: [{name: r, max_depth: -1}]", false),
        ("roles: [{name: r, max_depth: 0}]", true),
        ("roles: [{name: r, scopes: ['a b']}]", false),
        ("roles: [{name: r, scopes: ['a\"b']}]", false),
        ("roles: [{name: r, scopes: ['read:docs']}]", true),
        ("roles: [{name: r, audience: []}]", true),
        ("roles: [{name: r, tools: {t: {}}, blocked_tools: [u]}]", true),
        ("roles: [{name: r, tools: [t]}]", false),
        ("roles: [{name: r, tools: {t: }}]", false),
        ("roles: [{name: r, tools: {t: {a: }}}]", false),
    ] {
        verify(members, accepted, &validator);
    }
}

#[test]
fn it_agrees_with_the_parser_on_members_of_agents() {
    let validator = validator();
    for (member, accepted) in [
        ("display_name: Anna", true),
        ("display_name: ''", false),
        ("ttl: 1h", true),
        ("ttl: 24h", true),
        ("ttl: 25h", false),
        ("ttl: 1440m", true),
        ("ttl: 1441m", false),
        ("ttl: 86400s", true),
        ("ttl: 86401s", false),
        ("ttl: 0s", false),
        ("ttl: 1d", true),
        ("ttl: 2d", false),
        ("ttl: 900", true),
        ("ttl: 0", false),
        ("ttl: 86401", false),
        ("ttl: 1.5", false),
        ("ttl: 1.5h", false),
        ("ttl: soon", false),
        ("ttl: -5s", false),
        ("runtime: {model: m}", true),
        ("runtime: {}", false),
        ("runtime: {model: 5}", false),
        ("runtime: {model: m, tools: [a], config: {a: [1, null, true, x]}}", true),
        ("runtime: {model: m, config: }", true),
        ("runtime: {model: m, version: 1}", false),
        ("runtime_evidence: presented", true),
        ("runtime_evidence: shown", false),
        ("allowed_scopes: [a, b]", true),
        ("allowed_scopes: a", false),
        ("allowed_scopes: [5]", false),
        ("tools: {t: {a: {any: true}}}", true),
        ("default_audience: https://a.example/", true),
        ("default_audience: a", false),
        ("may_act_for: [user:x, group:y]", true),
        ("may_act_for: [agent:x]", false),
        ("may_act_for: user:x", false),
        ("parent: b", true),
        ("parent: agent:b", true),
        ("parent: user:b", false),
        ("parent: B", false),
        ("require_dpop: true", true),
        ("require_dpop: 1", false),
        ("critical: false", true),
        ("critical: 'false'", false),
        ("max_depth: 3", true),
        ("max_depth: three", false),
        ("max_depth: 1.5", false),
        ("roles: [r]", true),
        ("roles: r", false),
        ("credentials: [secret]", true),
        ("credentials: []", false),
        ("credentials: [secret, secret]", false),
        ("credentials: [password]", false),
        ("credentials: [{public_key: {kty: OKP, crv: Ed25519, x: abc}}]", true),
        ("credentials: [{public_key: {kty: OKP, crv: Ed25519, x: abc, d: abc}}]", false),
        ("credentials: [{public_key: {kty: oct, k: abc}}]", false),
        ("credentials: [{public_key: {jwk: {kty: EC}}}]", true),
        ("credentials: [{public_key: {jwk: {crv: P-256}}}]", false),
        ("credentials: [{public_key: {jwks_uri: https://a.example/jwks}}]", true),
        ("credentials: [{public_key: {jwks_uri: http://a.example/jwks}}]", false),
        ("credentials: [{public_key: {jwks_uri: http://localhost:80/jwks}}]", true),
        ("credentials: [{public_key: {jwks_uri: https://b@a.example/jwks}}]", false),
        ("credentials: [{public_key: {jwk: {kty: EC}, jwks_uri: https://a.example/jwks}}]", false),
        ("credentials: [{public_key: {}}]", false),
        ("credentials: [{federated: {issuer: i, subject: s}}]", true),
        ("credentials: [{federated: {issuer: i, subject: s, claims: {ref: main, n: 5}}}]", true),
        ("credentials: [{federated: {issuer: i}}]", false),
        ("credentials: [{federated: {issuer: i, subject: ''}}]", false),
        ("credentials: [{federated: {issuer: i, subject: s}, public_key: {}}]", false),
    ] {
        verify(&format!("agents:\n  - name: a\n    owner: user:x\n    {member}\n"), accepted, &validator);
    }
    for (owner, accepted) in [
        ("user:alice@example.com", true),
        ("group:CRM team", true),
        ("agent:b", false),
        ("alice@example.com", false),
        ("'user:'", false),
        ("'user: a'", false),
        ("'user:a '", false),
        ("team:a", false),
    ] {
        verify(&format!("agents: [{{name: a, owner: {owner}}}]"), accepted, &validator);
    }
}

#[test]
fn it_agrees_with_the_parser_on_constraints() {
    let validator = validator();
    for (constraint, accepted) in [
        ("{max: 5}", true),
        ("{min: -1, max: 5, max_inclusive: false}", true),
        ("{max_inclusive: false}", false),
        ("{max: '5'}", false),
        ("{exact: USD}", true),
        ("{exact: null}", true),
        ("{exact: [a]}", false),
        ("{one_of: [a, 5, true]}", true),
        ("{one_of: []}", true),
        ("{one_of: a}", false),
        ("{one_of: [[a]]}", false),
        ("{not_one_of: [a]}", true),
        ("{not_one_of: []}", false),
        ("{any: true}", true),
        ("{any: false}", false),
        ("{any: true, max: 5}", false),
        ("{within: /a}", true),
        ("{within: a}", false),
        ("{max: 5, not_one_of: [3]}", true),
        ("{}", false),
        ("{maximum: 5}", false),
        ("5", false),
        ("[a]", false),
        ("{constraint_type: exact, value: a}", true),
        ("{constraint_type: exact}", false),
        ("{constraint_type: exact, value: {}}", false),
        ("{constraint_type: range, min: 1, max: 2, min_inclusive: false}", true),
        ("{constraint_type: range}", true),
        ("{constraint_type: range, min: a}", false),
        ("{constraint_type: one_of, values: [a]}", true),
        ("{constraint_type: one_of, values: []}", true),
        ("{constraint_type: not_one_of, excluded: [a]}", true),
        ("{constraint_type: not_one_of, excluded: []}", false),
        ("{constraint_type: contains, required: [a, {b: c}]}", true),
        ("{constraint_type: contains, required: []}", false),
        ("{constraint_type: subset, allowed: []}", true),
        ("{constraint_type: wildcard}", true),
        ("{constraint_type: wildcard, max: 5}", false),
        ("{constraint_type: all, constraints: [{max: 5}, {constraint_type: range, min: 1}]}", true),
        ("{constraint_type: all, constraints: []}", false),
        ("{constraint_type: any, constraints: [{exact: a}, {max: 5}]}", true),
        ("{constraint_type: any, constraints: [{exact: a}, {maximum: 5}]}", false),
        ("{constraint_type: path_containment, root: /a}", true),
        ("{constraint_type: path_containment, root: a}", false),
        ("{constraint_type: magic}", false),
        ("{constraint_type: 5}", false),
    ] {
        verify(&format!("roles: [{{name: r, limits: {{x: {constraint}}}}}]"), accepted, &validator);
        verify(
            &format!("agents: [{{name: a, owner: user:x, tools: {{t: {{x: {constraint}}}}}}}]"),
            accepted,
            &validator,
        );
    }
}

#[test]
fn every_object_is_closed_and_every_member_described() {
    fn described(schema: &Value, at: &str, root: &Value) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            if schema.get("required") != Some(&json!(["kty"])) {
                assert_eq!(schema.get("additionalProperties"), Some(&json!(false)), "{at} is open");
            }
            for (name, member) in properties {
                let target = member.get("$ref").and_then(Value::as_str).map(|it| it.trim_start_matches('#'));
                let inner = target.map_or(member, |pointer| root.pointer(pointer).unwrap());
                let known =
                    ["constraint_type", "kty", "min", "max", "min_inclusive", "max_inclusive", "root"];
                let is_described = member.get("description").or(inner.get("description")).is_some();
                assert!(is_described || known.contains(&name.as_str()), "{at}.{name} has no description");
            }
        }
        match schema {
            Value::Object(members) => {
                members.iter().for_each(|(name, inner)| described(inner, &format!("{at}/{name}"), root))
            }
            Value::Array(items) => items.iter().for_each(|inner| described(inner, at, root)),
            _ => {}
        }
    }
    described(&schema(), "", &schema());
}
