//! Capabilities that every verifier refuses, and why. Where the tag is right, only the named fault is there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::{Instant, ReasonCode};
use deputy_token::capability::{CapabilityError, UnverifiedCapability};
use deputy_token::keys::Kid;
use serde_json::{Value as Json, json};

use super::sealed::{AUDIENCE, ISSUER, NOW, blocks, forge, head, key, verify};
use super::valid::{everything, person, root};

const NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const JKT: &str = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

pub(crate) fn file() -> Json {
    let mut cases = Vec::new();
    text(&mut cases);
    tags(&mut cases);
    root_blocks(&mut cases);
    later_blocks(&mut cases);
    chains(&mut cases);
    widenings(&mut cases);
    times(&mut cases);
    let mut file = head();
    file["cases"] = Json::Array(cases);
    file
}

fn case(name: &str, text: &str, reason: ReasonCode) -> Json {
    let refused = verify(text).err().map(CapabilityError::reason);
    assert_eq!(refused, Some(reason), "{name}");
    json!({"name": name, "capability": text, "reason": reason})
}

/// The root, and blocks after it, under a right tag.
fn after_root(later: &[&str]) -> String {
    let later = later.iter().map(|&block| block.to_owned());
    forge(&[blocks(&root()).remove(0)].into_iter().chain(later).collect::<Vec<_>>())
}

fn block(members: &Json) -> String {
    let mut block = json!({"name": "x", "nonce": NONCE});
    block.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    deputy_mandate::Value::parse(&block.to_string()).unwrap().to_canonical()
}

fn text(cases: &mut Vec<Json>) {
    let good = root();
    let (head, tag) = good.rsplit_once('.').unwrap();
    let short = B64.encode(&B64.decode(tag).unwrap()[..31]);
    // The last letter of a tag carries four bits; another letter with the same ones decodes alike if let.
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = letters.find(tag.chars().last().unwrap()).unwrap();
    let loose = format!("{}{}", &good[..good.len() - 1], &letters[last + 1..last + 2]);
    for (name, text) in [
        ("another prefix", good.replacen("dpyc1", "dpyc2", 1)),
        ("no prefix", good["dpyc1.".len()..].to_owned()),
        ("no block", format!("dpyc1.{tag}")),
        ("an empty block", format!("{head}..{tag}")),
        ("padding", format!("{good}=")),
        ("bits after the last byte", loose),
        ("a tag of 31 bytes", format!("{head}.{short}")),
        ("white space", format!("{good}\n")),
        ("standard base64", format!("{head}.{}+", &tag[..42])),
    ] {
        cases.push(case(name, &text, ReasonCode::Malformed));
    }
}

fn tags(cases: &mut Vec<Json>) {
    let good = everything();
    let parts: Vec<&str> = good.split('.').collect();
    let [prefix, root, one, two, three, tag] = parts[..] else { panic!("four blocks") };
    let other = super::sealed::narrowed(
        &super::valid::root(),
        &deputy_token::capability::Attenuation { name: "other".into(), ..Default::default() },
    );
    let other: Vec<&str> = other.split('.').collect();
    let mut flipped = B64.decode(tag).unwrap();
    flipped[31] ^= 1;
    let flipped = B64.encode(flipped);
    let as_person = forge(&[serde_block()]);
    let as_person: Vec<&str> = as_person.split('.').collect();
    for (name, parts) in [
        ("one bit of the tag", vec![prefix, root, one, two, three, &flipped]),
        ("the last block removed", vec![prefix, root, one, two, tag]),
        ("all later blocks removed", vec![prefix, root, tag]),
        ("two blocks swapped", vec![prefix, root, two, one, three, tag]),
        ("a block repeated", vec![prefix, root, one, one, two, tag]),
        ("a block of another chain", vec![prefix, root, other[2], two, three, tag]),
        ("another root", vec![prefix, as_person[1], one, two, three, tag]),
        ("another chain's tag", vec![prefix, root, one, two, three, other[3]]),
    ] {
        cases.push(case(name, &parts.join("."), ReasonCode::SignatureInvalid));
    }
    let secret = deputy_token::capability::CapabilitySecret::from_bytes(&[9; 32]);
    for (name, kid, audience, issuer, key) in [
        ("a key of another secret", "2026-11", AUDIENCE, ISSUER, secret.audience_key(key().kid(), AUDIENCE)),
        ("another kid", "2026-12", AUDIENCE, ISSUER, key()),
        ("another audience", "2026-11", "https://other.example/", ISSUER, key()),
        ("another issuer", "2026-11", AUDIENCE, "https://deputy.example/t/other", key()),
    ] {
        let named = deputy_token::capability::AudienceKey::from_parts(
            Kid::new(kid).unwrap(),
            audience,
            key.as_bytes(),
        );
        let refused = UnverifiedCapability::parse(&good).unwrap().verify_signature(&named, issuer);
        assert_eq!(refused.unwrap_err().reason(), ReasonCode::SignatureInvalid, "{name}");
        let verifier = json!({
            "kid": kid, "audience": audience, "issuer": issuer, "key": B64.encode(key.as_bytes()),
        });
        cases.push(json!({
            "name": name, "capability": good, "verifier": verifier, "reason": ReasonCode::SignatureInvalid,
        }));
    }
}

/// The first block of the capability for a person.
fn serde_block() -> String {
    blocks(&deputy_token::capability::seal(&person(), &key()).unwrap()).remove(0)
}

fn root_blocks(cases: &mut Vec<Json>) {
    let good = blocks(&root()).remove(0);
    let mut add = |name: &str, from: &str, to: &str, reason: ReasonCode| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{name}");
        cases.push(case(name, &forge(&[changed]), reason));
    };
    let malformed = ReasonCode::Malformed;
    add("root: white space in JSON", "{\"agent\"", "{ \"agent\"", malformed);
    add("root: an unknown member", "\"iss\":", "\"irs\":\"x\",\"iss\":", malformed);
    add("root: a repeated member", "\"jti\":\"c1\"", "\"jti\":\"c1\",\"jti\":\"c1\"", malformed);
    add("root: a missing member", "\"jti\":\"c1\",", "", malformed);
    add("root: a null member", "\"chain\":", "\"act\":null,\"chain\":", malformed);
    add(
        "root: members out of order",
        "\"exp\":1800000900,\"iat\":1800000000",
        "\"iat\":1800000000,\"exp\":1800000900",
        malformed,
    );
    add("root: a needless escape", "https://deputy", "https:\\/\\/deputy", malformed);
    add("root: a number written otherwise", "\"exp\":1800000900", "\"exp\":1.8000009e9", malformed);
    add("root: a number as a string", "\"exp\":1800000900", "\"exp\":\"1800000900\"", malformed);
    add("root: an expiry after the year 9999", "\"exp\":1800000900", "\"exp\":253402300800", malformed);
    add("root: a negative start", "\"nbf\":1800000000", "\"nbf\":-1", malformed);
    add(
        "root: an array of audiences",
        "\"aud\":\"https://crm.example.com/\"",
        "\"aud\":[\"https://crm.example.com/\"]",
        malformed,
    );
    add("root: an id that is not the last hop's", "\"jti\":\"c1\"", "\"jti\":\"c2\"", malformed);
    add("root: a depth that is not the chain's", "\"del_depth\":0", "\"del_depth\":1", malformed);
    add("root: two ceilings", "\"del_max_depth\":3", "\"del_max_depth\":4", malformed);
    add(
        "root: an agent that is not the last hop's",
        "\"client_id\":\"a1\"",
        "\"client_id\":\"a2\"",
        malformed,
    );
    add(
        "root: a key that the last hop lacks",
        "\"del_depth\":0",
        "\"cnf\":{\"jkt\":\"k\"},\"del_depth\":0",
        malformed,
    );
    add(
        "root: a binding that the last hop lacks",
        "\"binding\":{}",
        "\"binding\":{\"task\":\"t\"}",
        malformed,
    );
    add(
        "root: an unknown member of a constraint",
        "\"max\":500,\"min\":0",
        "\"max\":500,\"mim\":0",
        malformed,
    );
    add(
        "root: a number that a double changes",
        "\"max\":500,\"min\":0",
        "\"max\":9007199254740993,\"min\":0",
        malformed,
    );
    add("root: another type of details", "deputy_mandate", "deputy_mandates", malformed);
    add("root: a scope outside the grammar", "read:docs write:drafts", "read:docs  write:drafts", malformed);
    add("root: a kid outside its alphabet", "\"kid\":\"2026-11\"", "\"kid\":\"2026|11\"", malformed);
    let person = serde_block().replacen("\"sub\":\"u7\"", "\"sub\":\"u8\"", 1);
    cases.push(case("root: the person changes along the chain", &forge(&[person]), malformed));
    let deep = serde_block().replacen("\"max_depth\":3", "\"max_depth\":0", 1).replacen(
        "\"del_max_depth\":3",
        "\"del_max_depth\":0",
        1,
    );
    cases.push(case("root: more hops than its ceiling", &forge(&[deep]), ReasonCode::DepthExceeded));
    let high = blocks(&root()).remove(0).replacen("\"max_depth\":3", "\"max_depth\":17", 1).replacen(
        "\"del_max_depth\":3",
        "\"del_max_depth\":17",
        1,
    );
    cases.push(case("root: a ceiling above 16", &forge(&[high]), ReasonCode::DepthExceeded));
}

fn later_blocks(cases: &mut Vec<Json>) {
    let mut add =
        |name: &str, later: &str| cases.push(case(name, &after_root(&[later]), ReasonCode::Malformed));
    add("block: members out of order", r#"{"nonce":"AAAAAAAAAAAAAAAAAAAAAA","name":"x"}"#);
    add("block: white space", r#"{"name":"x", "nonce":"AAAAAAAAAAAAAAAAAAAAAA"}"#);
    add("block: no nonce", r#"{"name":"x"}"#);
    add("block: no name", r#"{"nonce":"AAAAAAAAAAAAAAAAAAAAAA"}"#);
    add("block: not an object", "[]");
    for (name, members) in [
        ("an unknown member", json!({"audience": [AUDIENCE]})),
        ("an access token's name for a member", json!({"aud": AUDIENCE})),
        ("a null member", json!({"scope": null})),
        ("a nonce of 15 bytes", json!({"nonce": "AAAAAAAAAAAAAAAAAAAA"})),
        ("a nonce with bits after the last byte", json!({"nonce": "AAAAAAAAAAAAAAAAAAAAAB"})),
        ("an empty name", json!({"name": ""})),
        ("a name of two segments", json!({"name": "a/b"})),
        ("a name that starts with a dot", json!({"name": ".a"})),
        ("a name in capitals", json!({"name": "A"})),
        ("a name of 64 letters", json!({"name": "a".repeat(64)})),
        ("a thumbprint of 31 bytes", json!({"cnf": {"jkt": &JKT[..42]}})),
        ("an unknown member of cnf", json!({"cnf": {"jkt": JKT, "kid": "k"}})),
        ("a scope outside the grammar", json!({"scope": "read:docs "})),
        ("uses above 2^53 - 1", json!({"uses": 9_007_199_254_740_992_u64})),
        ("a depth above 255", json!({"max_depth": 256})),
        ("a depth with a fraction", json!({"max_depth": 1.5})),
        ("an unknown member of the binding", json!({"binding": {"tasks": "t"}})),
        ("a constraint without a type", json!({"limits": {"amount": {"max": 1}}})),
        ("an expiry after the year 9999", json!({"exp": 253_402_300_800_i64})),
        (
            "65 limits",
            json!({"limits": (0..65).map(|i| (format!("l{i}"), json!({"constraint_type": "wildcard"}))).collect::<serde_json::Map<_, _>>()}),
        ),
        (
            "257 tools",
            json!({"tools": (0..257).map(|i| (format!("t{i}"), json!({}))).collect::<serde_json::Map<_, _>>()}),
        ),
    ] {
        add(&format!("block: {name}"), &block(&members));
    }
}

fn chains(cases: &mut Vec<Json>) {
    let plain = block(&json!({}));
    let four = [plain.as_str(); 4];
    cases.push(case("a hop more than the ceiling", &after_root(&four), ReasonCode::DepthExceeded));
    let lowered = block(&json!({"max_depth": 1}));
    let text = after_root(&[&lowered, &plain]);
    cases.push(case("a hop more than a lowered ceiling", &text, ReasonCode::DepthExceeded));
    let own = after_root(&[&plain, &block(&json!({"max_depth": 1}))]);
    cases.push(case("a ceiling below its own hop", &own, ReasonCode::DepthExceeded));
    cases.push(case("eighteen blocks", &after_root(&[plain.as_str(); 17]), ReasonCode::DepthExceeded));
    let closed = block(&json!({"may_delegate": false}));
    let text = after_root(&[&closed, &plain]);
    cases.push(case("a hop after may_delegate: false", &text, ReasonCode::DelegationNotAllowed));
    let text = after_root(&[&closed, &block(&json!({"may_delegate": true, "scope": "admin"}))]);
    cases.push(case("a hop after may_delegate: false that widens", &text, ReasonCode::DelegationNotAllowed));
}

fn widenings(cases: &mut Vec<Json>) {
    let range = |max: u32| json!({"constraint_type": "range", "max": max});
    let limits = |env: Json| {
        json!({"limits": {
            "amount": range(500), "env": env,
            "target": {"constraint_type": "one_of", "values": ["crm-db"]},
        }})
    };
    let mut add = |name: &str, members: &Json| {
        let text = after_root(&[&block(members)]);
        cases.push(case(&format!("widens: {name}"), &text, ReasonCode::NotAttenuated));
    };
    add("a scope more", &json!({"scope": "admin read:docs"}));
    add("a tool more", &json!({"tools": {"launch": {}, "search": {}}}));
    add("a blocked tool as a tool", &json!({"tools": {"deploy": {}}}));
    add("any arguments", &json!({"tools": {"transfer": {}}}));
    add(
        "an argument more",
        &json!({"tools": {"transfer": {
            "amount": {"constraint_type": "range", "max": 500, "min": 0},
            "currency": {"constraint_type": "exact", "value": "EUR"},
            "note": {"constraint_type": "wildcard"},
            "target": {"constraint_type": "wildcard"},
        }}}),
    );
    add(
        "an argument's bound",
        &json!({"tools": {"transfer": {
            "amount": {"constraint_type": "range", "max": 500.5, "min": 0},
            "currency": {"constraint_type": "exact", "value": "EUR"},
            "target": {"constraint_type": "wildcard"},
        }}}),
    );
    add("a block lifted", &json!({"blocked_tools": ["deploy", "shell"]}));
    add("a limit left out", &json!({"limits": {"amount": range(500)}}));
    add(
        "a limit raised",
        &json!({"limits": {
            "amount": range(501),
            "env": {"constraint_type": "exact", "value": "staging"},
            "target": {"constraint_type": "exact", "value": "crm-db"},
        }}),
    );
    add(
        "a limit of more values",
        &limits(json!({"constraint_type": "one_of", "values": ["production", "staging"]})),
    );
    add("a limit of another type", &limits(json!({"constraint_type": "wildcard"})));
    add("a later expiry", &json!({"exp": NOW + 901}));
    add("an earlier start", &json!({"nbf": NOW - 1}));
    add("a higher ceiling", &json!({"max_depth": 4}));
    for (name, blocks) in [
        ("another task", [json!({"binding": {"task": "a"}}), json!({"binding": {"task": "b"}})]),
        ("more uses", [json!({"uses": 2}), json!({"uses": 3})]),
        ("an expiry before narrowing", [json!({"exp": NOW + 60}), json!({"exp": NOW + 61})]),
        ("a scope given up", [json!({"scope": "read:docs"}), json!({"scope": "write:drafts"})]),
        (
            "a tool blocked before",
            [
                json!({"blocked_tools": ["delete_record", "deploy", "search", "shell"]}),
                json!({"tools": {"search": {}}}),
            ],
        ),
        ("a second key", [json!({"cnf": {"jkt": JKT}}), json!({"cnf": {"jkt": "A".repeat(43)}})]),
        ("the same key again", [json!({"cnf": {"jkt": JKT}}), json!({"cnf": {"jkt": JKT}})]),
    ] {
        let text = after_root(&[&block(&blocks[0]), &block(&blocks[1])]);
        assert!(verify(&after_root(&[&block(&blocks[0])])).is_ok(), "{name}");
        cases.push(case(&format!("widens: {name}"), &text, ReasonCode::NotAttenuated));
    }
    let person = forge(&[serde_block(), block(&json!({"cnf": {"jkt": JKT}}))]);
    cases.push(case("widens: a key after the issuer's", &person, ReasonCode::NotAttenuated));
}

fn times(cases: &mut Vec<Json>) {
    let narrowed = after_root(&[&block(&json!({"exp": NOW + 60, "nbf": NOW + 30}))]);
    for (name, text, now, leeway, reason) in [
        ("expired", &root(), NOW + 900, 0, Some(ReasonCode::Expired)),
        ("the last second", &root(), NOW + 899, 0, None),
        ("expired, with leeway", &root(), NOW + 905, 5, Some(ReasonCode::Expired)),
        ("within the leeway", &root(), NOW + 904, 5, None),
        ("not valid yet", &root(), NOW - 1, 0, Some(ReasonCode::NotYetValid)),
        ("not valid yet, with leeway", &root(), NOW - 6, 5, Some(ReasonCode::NotYetValid)),
        ("the first second", &root(), NOW, 0, None),
        ("a block's own expiry", &narrowed, NOW + 60, 0, Some(ReasonCode::Expired)),
        ("a block's own start", &narrowed, NOW + 29, 0, Some(ReasonCode::NotYetValid)),
        ("a block's own time", &narrowed, NOW + 30, 0, None),
    ] {
        let timed = verify(text).unwrap().verify_time(Instant::from_secs(now), leeway);
        assert_eq!(timed.err().map(CapabilityError::reason), reason, "{name}");
        let name = format!("time: {name}");
        cases.push(json!({"name": name, "capability": text, "now": now, "leeway": leeway, "reason": reason}));
    }
}
