//! Every refusal beside the nearest thing that is accepted, with the place that it is told at.

use crate::{document, fleet, problems};
use deputy_manifest::parse;

/// What is refused, what the one complaint says, and the twin that is accepted.
struct Case {
    refused: &'static str,
    says: &'static str,
    accepted: &'static str,
}

fn verify(cases: &[Case]) {
    for Case { refused, says, accepted } in cases {
        let found = problems(refused);
        assert_eq!(found.len(), 1, "one complaint about\n{refused}\ngot {found:#?}");
        assert!(found[0].starts_with(says), "\n{refused}\nexpected {says}\n     got {}", found[0]);
        if let Err(problems) = fleet(accepted) {
            panic!("refused, but should not be:\n{accepted}\n{problems}");
        }
    }
}

/// The refused document as a whole file, since these are about the file.
fn verify_files(cases: &[Case]) {
    for Case { refused, says, accepted } in cases {
        let found = parse(refused.as_bytes()).unwrap_err().to_string();
        assert!(found.starts_with(says), "\n{refused}\nexpected {says}\n     got {found}");
        assert!(!found.contains('\n'), "one complaint about\n{refused}\ngot {found}");
        if let Err(problems) = parse(accepted.as_bytes()) {
            panic!("refused, but should not be:\n{accepted}\n{problems}");
        }
    }
}

#[test]
fn the_file() {
    verify_files(&[
        Case { refused: "", says: "1:1: the file is empty", accepted: "apiVersion: deputy/v1\nkind: Fleet" },
        Case {
            refused: "# nothing but a comment\n",
            says: "1:1: the file is empty",
            accepted: "# a comment\napiVersion: deputy/v1\nkind: Fleet\n",
        },
        Case {
            refused: "kind: Fleet\n",
            says: "1:1: `apiVersion` is missing: a manifest starts with `apiVersion: deputy/v1`",
            accepted: "kind: Fleet\napiVersion: deputy/v1\n",
        },
        Case {
            refused: "apiVersion: deputy/v2\nkind: Fleet\n",
            says: "1:13: apiVersion: `deputy/v2` is not known here: this reads `apiVersion: deputy/v1`",
            accepted: "apiVersion: \"deputy/v1\"\nkind: Fleet\n",
        },
        Case {
            refused: "apiVersion: deputy/v1\nkind: Deployment\n",
            says: "2:7: kind: `Deployment` is not known here",
            accepted: "apiVersion: deputy/v1\nkind: 'Fleet'\n",
        },
        Case {
            refused: "- apiVersion: deputy/v1\n- kind: Fleet\n",
            says: "1:1: a manifest is a mapping (`name: value`); this is a list",
            accepted: "{apiVersion: deputy/v1, kind: Fleet}",
        },
        Case {
            refused: "apiVersion: deputy/v1\nkind: Fleet\n---\napiVersion: deputy/v1\nkind: Fleet\n",
            says: "3:1: a second document starts here",
            accepted: "---\napiVersion: deputy/v1\nkind: Fleet\n...\n",
        },
        Case {
            refused: "apiVersion: deputy/v1\nkind: Fleet\nagents: [\n",
            says: "4:1: agents[0]: this is not valid YAML",
            accepted: "apiVersion: deputy/v1\nkind: Fleet\nagents: [\n  ]\n",
        },
        Case {
            refused: "apiVersion: deputy/v1\nkind: Fleet\nagents: [\n]\n",
            says: "4:1: agents[0]: this is not valid YAML: invalid indentation; indent the line deeper than the member",
            accepted: "apiVersion: deputy/v1\nkind: Fleet\nagents: [\n ]\n",
        },
        Case {
            refused: "apiVersion: deputy/v1\nkind: Fleet\nroles:\n - name: a: b\n",
            says: "4:11: roles[0]: this is not valid YAML: mapping values are not allowed in this context; check the indentation",
            accepted: "apiVersion: deputy/v1\nkind: Fleet\nroles:\n - name: 'a: b'\n",
        },
        Case {
            refused: "apiVersion: deputy/v1\nkind: Fleet\n\tagents: []\n",
            says: "2:7: kind: this is not valid YAML: while scanning a plain scalar, found a tab; indent with spaces",
            accepted: "apiVersion: deputy/v1\nkind: Fleet\nagents: []\n",
        },
        Case {
            refused: "apiVersion: deputy/v1\nkind: Fleet # \u{7}\n",
            says: "2:15: the character U+0007 is not allowed in YAML",
            accepted: "apiVersion: deputy/v1\nkind: Fleet # \t\n",
        },
        Case {
            refused: "{\"apiVersion\": \"deputy/v1\", \"kind\": \"Feet\"}",
            says: "1:37: kind: `Feet` is not known here",
            accepted: "\u{feff}{\"apiVersion\": \"deputy/v1\", \"kind\": \"Fleet\"}",
        },
    ]);
}

#[test]
fn bytes_that_are_not_utf8() {
    let mut bytes = document("agents:\n  - {name: a, owner: user:é}\n").into_bytes();
    assert!(parse(&bytes).is_ok());
    let at = bytes.iter().position(|b| *b == 0xc3).unwrap();
    bytes[at] = 0xff;
    let problems = parse(&bytes).unwrap_err();
    assert_eq!(problems.to_string(), "4:27: the file is not UTF-8 from here on: save it as UTF-8");
    let utf16: Vec<u8> = document("").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(parse(&utf16).is_err());
}

#[test]
fn yaml_that_is_more_than_data() {
    verify(&[
        Case {
            refused: "agents:\n  - &a {name: a, owner: user:x}\n",
            says: "4:5: agents[0]: anchors (`&name`) are not read",
            accepted: "agents:\n  - {name: a, owner: 'user:&x'}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: !!str user:x}\n",
            says: "4:22: agents[0].owner: tags (`!name`) are not read",
            accepted: "agents:\n  - {name: a, owner: \"user:!x\"}\n",
        },
        Case {
            refused: "agents:\n  - name: a\n    owner: user:x\n    name: b\n",
            says: "6:5: agents[0]: `name` is given twice in the same mapping",
            accepted: "agents:\n  - name: a\n    owner: user:x\n  - name: b\n    owner: user:x\n",
        },
        Case {
            refused: "tools: {t: {args: []}, \"t\": {args: [a]}}\n",
            says: "3:24: tools: `t` is given twice in the same mapping",
            accepted: "tools: {t: {args: []}, \"T\": {args: [a]}}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, ? [a] : b}\n",
            says: "4:32: agents[0]: the name of a member must be text",
            accepted: "agents:\n  - {name: a, ? owner : user:x}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, <<: {critical: true}}\n",
            says: "4:30: agents[0]: merge keys (`<<`) are not read",
            accepted: "agents:\n  - {name: a, owner: user:x, critical: true}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, display_name: \"a\\0b\"}\n",
            says: "4:44: agents[0].display_name: the character NUL is not allowed",
            accepted: "agents:\n  - {name: a, owner: user:x, display_name: \"a\\u00e9b\"}\n",
        },
    ]);
    let found = problems("agents:\n  - &a {name: a, owner: user:x}\n  - *a\n");
    assert_eq!(found.len(), 2);
    assert!(found[1].starts_with("5:5: agents[1]: aliases (`*name`) are not read"), "{}", found[1]);
}

#[test]
fn words_that_yaml_readers_take_for_something_else() {
    verify(&[
        Case {
            refused: "agents:\n  - {name: no, owner: user:x}\n",
            says: "4:12: agents[0].name: `no` is a boolean to many YAML readers, and text is meant here: put it in quotes",
            accepted: "agents:\n  - {name: 'no', owner: user:x}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, allowed_scopes: [read, on]}\n",
            says: "4:53: agents[0].allowed_scopes[1]: `on` is a boolean to many",
            accepted: "agents:\n  - {name: a, owner: user:x, allowed_scopes: [read, \"on\"]}\n",
        },
        Case {
            refused: "agents:\n  - {name: 007, owner: user:x}\n",
            says: "4:12: agents[0].name: `007` is a number",
            accepted: "agents:\n  - {name: '007', owner: user:x}\n",
        },
        Case {
            refused: "agents:\n  - {name: true, owner: user:x}\n",
            says: "4:12: agents[0].name: `true` is a boolean",
            accepted: "agents:\n  - {name: \"true\", owner: user:x}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, runtime: {model: 4.1}}\n",
            says: "4:47: agents[0].runtime.model: `4.1` is a number",
            accepted: "agents:\n  - {name: a, owner: user:x, runtime: {model: gpt-4.1}}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, runtime: {model: 2026-01-31}}\n",
            says: "4:47: agents[0].runtime.model: `2026-01-31` is a date to many",
            accepted: "agents:\n  - {name: a, owner: user:x, runtime: {model: '2026-01-31'}}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, runtime: {model: m, config: {cache: off}}}\n",
            says: "4:66: agents[0].runtime.config.cache: `off` is a boolean to some YAML readers and text to others",
            accepted: "agents:\n  - {name: a, owner: user:x, runtime: {model: m, config: {cache: false}}}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, runtime: {model: m, config: {mode: 0755}}}\n",
            says: "4:65: agents[0].runtime.config.mode: YAML readers disagree about `0755`",
            accepted: "agents:\n  - {name: a, owner: user:x, runtime: {model: m, config: {mode: 755}}}\n",
        },
        Case {
            refused: "roles:\n  - {name: r, limits: {country: {one_of: [DE, NO]}}}\n",
            says: "4:47: roles[0].limits.country.one_of[1]: `NO` is a boolean to some",
            accepted: "roles:\n  - {name: r, limits: {country: {one_of: [DE, 'NO']}}}\n",
        },
        Case {
            refused: "tools: {plot: {args: [x, yes]}}\n",
            says: "3:26: tools.plot.args[1]: `yes` is a boolean to many",
            accepted: "tools: {plot: {args: [x, y, n, \"yes\"]}}\n",
        },
        Case {
            refused: "tools: {on: {args: []}}\n",
            says: "3:9: tools: YAML readers disagree about what the name `on` is: put it in quotes",
            accepted: "tools: {'on': {args: []}}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, critical: yes}\n",
            says: "4:40: agents[0].critical: `true` or `false` is expected here, without quotes; this is `yes`",
            accepted: "agents:\n  - {name: a, owner: user:x, critical: true}\n",
        },
        Case {
            refused: "agents:\n  - name: a\n    owner: user:x\n    roles:\n",
            says: "6:10: agents[0].roles: a list is expected here (`[a, b]`, or one `- item` a line); this is nothing",
            accepted: "agents:\n  - name: a\n    owner: user:x\n    roles: []\n",
        },
    ]);
}

#[test]
fn unknown_and_missing_members() {
    verify(&[
        Case {
            refused: "agent:\n  - {name: a, owner: user:x}\n",
            says: "3:1: agent: a manifest has no member `agent`: did you mean `agents`?",
            accepted: "agents:\n  - {name: a, owner: user:x}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, onwer: user:x, owner: user:x}\n",
            says: "4:15: agents[0].onwer: an agent has no member `onwer`: did you mean `owner`?",
            accepted: "agents:\n  - {name: a, owner: user:x}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, colour: red}\n",
            says: "4:30: agents[0].colour: an agent has no member `colour`: it may have `name`, `display_name`",
            accepted: "agents:\n  - {name: a, owner: user:x, display_name: red}\n",
        },
        Case {
            refused: "roles:\n  - {name: r, blockedTools: [t]}\n",
            says: "4:15: roles[0].blockedTools: a role has no member `blockedTools`: did you mean `blocked_tools`?",
            accepted: "roles:\n  - {name: r, blocked_tools: [t]}\n",
        },
        Case {
            refused: "resources: [{url: https://a.example/, uri: https://a.example/}]\n",
            says: "3:14: resources[0].url: a resource has no member `url`: did you mean `uri`?",
            accepted: "resources: [{uri: https://a.example/}]\n",
        },
        Case {
            refused: "agents:\n  - owner: user:x\n",
            says: "4:5: agents[0]: `name` is missing: every agent has one, unique in the tenant",
            accepted: "agents:\n  - owner: user:x\n    name: a\n",
        },
        Case {
            refused: "agents:\n  - name: a\n",
            says: "4:5: agents[0]: `owner` is missing: every agent has one, a `user:…` or a `group:…`",
            accepted: "agents:\n  - name: a\n    owner: group:x\n",
        },
        Case {
            refused: "agents:\n  - name: a\n    critical: true\n",
            says: "4:5: agents[0]: `owner` is missing: every agent has one",
            accepted: "agents:\n  - name: a\n    parent: b\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owners: []}\n",
            says: "4:23: agents[0].owners: every agent has an owner",
            accepted: "agents:\n  - {name: a, owners: [user:x]}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, owners: [user:x]}\n",
            says: "4:5: agents[0]: `owner` is short for `owners` with one",
            accepted: "agents:\n  - {name: a, owners: [user:x, group:y]}\n",
        },
    ]);
}

#[test]
fn names_references_and_durations() {
    verify(&[
        Case {
            refused: "agents:\n  - {name: CRM Agent, owner: user:x}\n",
            says: "4:12: agents[0].name: `CRM Agent` is no agent name",
            accepted: "agents:\n  - {name: crm-agent, owner: user:x}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: alice@example.com}\n",
            says: "4:22: agents[0].owner: `alice@example.com` does not say what it refers to: write `user:…`",
            accepted: "agents:\n  - {name: a, owner: user:alice@example.com}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owners: [group:crm, agent:b]}\n",
            says: "4:35: agents[0].owners[1]: `agent:b` cannot stand here: only `user:…` and `group:…` can",
            accepted: "agents:\n  - {name: a, owners: [group:crm, group:b]}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, parent: user:y}\n",
            says: "4:38: agents[0].parent: `user:y` cannot stand here: only `agent:…` can",
            accepted: "agents:\n  - {name: a, owner: user:x, parent: agent:y}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, default_audience: crm.example.com}\n",
            says: "4:48: agents[0].default_audience: `crm.example.com` is no resource URI",
            accepted: "agents:\n  - {name: a, owner: user:x, default_audience: https://crm.example.com}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, ttl: 1 hour}\n",
            says: "4:35: agents[0].ttl: `1 hour` is no duration: write `900s`, `15m`, `1h`",
            accepted: "agents:\n  - {name: a, owner: user:x, ttl: 1h}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, ttl: 25h}\n",
            says: "4:35: agents[0].ttl: `25h` is out of bounds",
            accepted: "agents:\n  - {name: a, owner: user:x, ttl: 86400}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, max_depth: 17}\n",
            says: "4:41: agents[0].max_depth: a whole number from 0 to 16 is expected here; this is `17`",
            accepted: "agents:\n  - {name: a, owner: user:x, max_depth: 16}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, allowed_scopes: read:docs write:docs}\n",
            says: "4:46: agents[0].allowed_scopes: a list is expected here",
            accepted: "agents:\n  - {name: a, owner: user:x, allowed_scopes: [read:docs, write:docs]}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, allowed_scopes: [read docs]}\n",
            says: "4:47: agents[0].allowed_scopes[0]: ` ` is not allowed in a scope",
            accepted: "agents:\n  - {name: a, owner: user:x, allowed_scopes: [read:docs]}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, runtime_evidence: shown}\n",
            says: "4:48: agents[0].runtime_evidence: `runtime_evidence` is `registered` or `presented`",
            accepted: "agents:\n  - {name: a, owner: user:x, runtime_evidence: presented}\n",
        },
    ]);
}

#[test]
fn constraints() {
    let role = |constraint: &str| format!("roles:\n  - {{name: r, limits: {{x: {constraint}}}}}\n");
    for (refused, says, accepted) in [
        (
            "500",
            "4:27: roles[0].limits.x: a constraint is a mapping, such as `{exact: USD}` or `{max: 500}`; this is `500`",
            "{max: 500}",
        ),
        (
            "[a, b]",
            "4:27: roles[0].limits.x: a constraint is a mapping, such as `{one_of: [a, b]}`",
            "{one_of: [a, b]}",
        ),
        ("{}", "4:27: roles[0].limits.x: a constraint says something", "{any: true}"),
        ("{any: false}", "4:33: roles[0].limits.x.any: `any` is `true` or absent", "{any: true}"),
        (
            "{any: true, max: 5}",
            "4:33: roles[0].limits.x.any: `any: true` lets every value pass, so it stands alone",
            "{max: 5}",
        ),
        ("{maximum: 5}", "4:28: roles[0].limits.x.maximum: a constraint has no member `maximum`", "{max: 5}"),
        (
            "{oneof: [a]}",
            "4:28: roles[0].limits.x.oneof: a constraint has no member `oneof`: did you mean `one_of`?",
            "{one_of: [a]}",
        ),
        (
            "{max: '5'}",
            "4:33: roles[0].limits.x.max: a number is expected here, without quotes; this is `5`",
            "{max: 5}",
        ),
        ("{max: -5}", "4:27: roles[0].limits.x: nothing lies in this range", "{min: -10, max: -5}"),
        ("{min: 6, max: 5}", "4:27: roles[0].limits.x: nothing lies in this range", "{min: 5, max: 5}"),
        (
            "{max: 0.1000000000000000055}",
            "4:33: roles[0].limits.x.max: `0.1000000000000000055` has more digits",
            "{max: 0.1}",
        ),
        (
            "{max_inclusive: false}",
            "4:27: roles[0].limits.x: `min_inclusive` and `max_inclusive` go with",
            "{max: 5, max_inclusive: false}",
        ),
        ("{one_of: staging}", "4:36: roles[0].limits.x.one_of: a list is expected here", "{one_of: []}"),
        (
            "{not_one_of: []}",
            "4:27: roles[0].limits.x: this constraint cannot be used: `not_one_of` needs a non-empty array",
            "{not_one_of: [a]}",
        ),
        (
            "{not_one_of: [a, 5]}",
            "4:27: roles[0].limits.x: this constraint cannot be used: `not_one_of` needs scalars of one type",
            "{not_one_of: [a, '5']}",
        ),
        (
            "{within: exports}",
            "4:27: roles[0].limits.x: this constraint cannot be used: bad `root`: the path is not absolute",
            "{within: /exports}",
        ),
        (
            "{within: /a/../..}",
            "4:27: roles[0].limits.x: this constraint cannot be used: bad `root`",
            "{within: /a/..}",
        ),
        (
            "{constraint_type: rnage, max: 5}",
            "4:45: roles[0].limits.x.constraint_type: `rnage` is no constraint type: did you mean `range`?",
            "{constraint_type: range, max: 5}",
        ),
        (
            "{constraint_type: wildcard, max: 5}",
            "4:55: roles[0].limits.x.max: a constraint of type `wildcard` has no member `max`",
            "{constraint_type: wildcard}",
        ),
        (
            "{constraint_type: exact}",
            "4:27: roles[0].limits.x: `value` is missing",
            "{constraint_type: exact, value: a}",
        ),
        (
            "{constraint_type: all, constraints: [{max: 5}, 7]}",
            "4:74: roles[0].limits.x.constraints[1]: a constraint is a mapping",
            "{constraint_type: all, constraints: [{max: 5}, {min: 1}]}",
        ),
    ] {
        let found = problems(&role(refused));
        assert_eq!(found.len(), 1, "{refused}: {found:#?}");
        assert!(found[0].starts_with(says), "\n{refused}\nexpected {says}\n     got {}", found[0]);
        assert_eq!(problems(&role(accepted)), Vec::<String>::new(), "{accepted}");
    }
}

#[test]
fn credentials() {
    let agent =
        |credentials: &str| format!("agents:\n  - {{name: a, owner: user:x, credentials: {credentials}}}\n");
    for (refused, says, accepted) in [
        ("[]", "4:43: agents[0].credentials: every agent gets a credential", "[secret]"),
        ("secret", "4:43: agents[0].credentials: a list is expected here", "[secret]"),
        (
            "[secrte]",
            "4:44: agents[0].credentials[0]: `secrte` is no kind of credential: did you mean `secret`?",
            "[secret]",
        ),
        ("[secret, secret]", "4:43: agents[0].credentials: a credential is listed twice", "[secret]"),
        ("[{secret: s3cr3t}]", "4:45: agents[0].credentials[0].secret: ", "[secret]"),
        (
            "[{public_key: {}}]",
            "4:57: agents[0].credentials[0].public_key: a public key comes from one place",
            "[{public_key: {jwks_uri: https://a.example/jwks}}]",
        ),
        (
            "[{public_key: {jwks_uri: http://a.example/jwks}}]",
            "4:68: agents[0].credentials[0].public_key.jwks_uri: a key set is fetched from an `https://` address",
            "[{public_key: {jwks_uri: http://localhost:8080/jwks}}]",
        ),
        (
            "[{public_key: {jwks_uri: http://localhost.a.example/jwks}}]",
            "4:68:",
            "[{public_key: {jwks_uri: http://localhost/jwks}}]",
        ),
        (
            "[{public_key: {kty: OKP, crv: Ed25519, x: abc, d: xyz}}]",
            "4:90: agents[0].credentials[0].public_key: this is not a public key",
            "[{public_key: {kty: OKP, crv: Ed25519, x: abc}}]",
        ),
        (
            "[{public_key: {jwk: {kty: oct, kid: a}}}]",
            "4:64: agents[0].credentials[0].public_key.jwk: this is not a public key",
            "[{public_key: {jwk: {kty: EC, kid: a}}}]",
        ),
        (
            "[{federated: {issuer: https://a.example}}]",
            "4:56: agents[0].credentials[0].federated: `subject` is missing",
            "[{federated: {issuer: https://a.example, subject: repo:a/b}}]",
        ),
        (
            "[{public_key: {jwks_uri: https://a.example/}, federated: {}}]",
            "4:44: agents[0].credentials[0]: a credential is one of",
            "[{public_key: {jwks_uri: https://a.example/}}, {federated: {issuer: i, subject: s, claims: {ref: main}}}]",
        ),
    ] {
        let found = problems(&agent(refused));
        assert_eq!(found.len(), 1, "{refused}: {found:#?}");
        assert!(found[0].starts_with(says), "\n{refused}\nexpected {says}\n     got {}", found[0]);
        assert_eq!(problems(&agent(accepted)), Vec::<String>::new(), "{accepted}");
    }
}

#[test]
fn a_private_key_is_not_repeated_in_the_complaint() {
    let found = problems(
        "agents:\n  - {name: a, owner: user:x, credentials: [{public_key: {kty: OKP, d: c2VjcmV0}}]}\n",
    );
    assert!(!found.concat().contains("c2VjcmV0"), "{found:?}");
}

#[test]
fn what_entries_say_about_each_other() {
    verify(&[
        Case {
            refused: "agents:\n  - {name: a, owner: user:x}\n  - {name: a, owner: user:y}\n",
            says: "5:12: agents[1].name: `a` is the agent of line 4 already",
            accepted: "agents:\n  - {name: a, owner: user:x}\n  - {name: b, owner: user:y}\n",
        },
        Case {
            refused: "roles:\n  - name: r\n  - name: r\n",
            says: "5:11: roles[1].name: `r` is the role of line 4 already",
            accepted: "roles:\n  - name: r\n  - name: R\n",
        },
        Case {
            refused: "resources:\n  - uri: https://a.example/\n  - uri: https://a.example/\n",
            says: "5:10: resources[1].uri: `https://a.example/` is the resource of line 4 already",
            accepted: "resources:\n  - uri: https://a.example/\n  - uri: https://a.example\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, parent: b}\n  - {name: b, owner: user:x, parent: agent:a}\n",
            says: "4:38: agents[0].parent: `a` is its own ancestor",
            accepted: "agents:\n  - {name: a, owner: user:x, parent: b}\n  - {name: b, owner: user:x, parent: agent:c}\n",
        },
        Case {
            refused: "agents:\n  - {name: a, owner: user:x, parent: a}\n",
            says: "4:38: agents[0].parent: `a` is its own ancestor",
            accepted: "agents:\n  - {name: a, owner: user:x, parent: b}\n",
        },
        Case {
            refused: "roles:\n  - {name: r, tools: {t: {n: {max: 5}}}}\n  - {name: s, tools: {t: {n: {max: 6}}}}\nagents:\n  - {name: a, owner: user:x, roles: [r, s]}\n",
            says: "7:37: agents[0].roles: the roles `r` and `s` give `t` with different arguments",
            accepted: "roles:\n  - {name: r, tools: {t: {n: {max: 5}}}}\n  - {name: s, tools: {t: {n: {min: 0, max: 5.0}}}}\nagents:\n  - {name: a, owner: user:x, roles: [r, s]}\n",
        },
    ]);
}

#[test]
fn all_problems_come_at_once_in_the_order_of_the_file() {
    let found = problems(
        "roles:\n  - name: r\n    ttl: 1x\n    limits: {amount: {max: many}}\nagents:\n  - name: A\n  - name: b\n    owner: user:x\n    roles: [r]\n    critical: on\n  - name: b\n    owner: team:x\n    extra: 1\n",
    );
    let places: Vec<&str> = found.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["5:10", "6:28", "8:5", "8:11", "12:15", "13:11", "14:12", "15:5"], "{found:#?}");
}
