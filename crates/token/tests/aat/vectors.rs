//! `tests/vectors/aat`: what they say is what this crate does. `UPDATE_VECTORS=1` writes them anew.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, Value};
use deputy_token::aat::{self, Derivation, Invocation, Pop};
use deputy_token::freshness::Window;
use serde_json::{Value as Json, json};

use super::fixture::{
    AUDIENCE, ISSUER, KID, NOW, TOOLS, chain, claims, holder, mandate, next, root, tenant, tools,
};
use super::forge::{leaf_claims, leaf_digest, replace_leaf, sign, sign_under, verify, with_leaf};

const WINDOW: Window = Window { past_secs: 30, ahead_secs: 30 };
const ARGUMENTS: &str = r#"{"amount": 12.5, "currency": "EUR"}"#;

/// Compares with the file, or writes it.
fn hold(file: &str, vectors: &Json) {
    let path = format!("{}/../../tests/vectors/aat/{file}", env!("CARGO_MANIFEST_DIR"));
    // Sorted members, whatever order another crate makes serde_json keep.
    let text = serde_json::to_string_pretty(&Value::parse(&vectors.to_string()).unwrap()).unwrap() + "\n";
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "{file} is out of date");
}

fn document(cases: &[Json]) -> Json {
    json!({
        "draft": "draft-niyikiza-oauth-attenuating-agent-tokens-02",
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "now": NOW.as_secs_floor() + 10,
        "trust_anchor": {"kid": KID, "jwk": jwk(&tenant().jwk().bare())},
        "seeds": {"issuer": "01", "holders": ["02", "03", "04", "05", "06"]},
        "cases": cases,
    })
}

fn jwk(bare: &str) -> Json {
    serde_json::from_str(bare).unwrap()
}

/// A chain with what a verifier must read from it.
fn valid(name: &str, chain: &str) -> Json {
    let signed = verify(chain).unwrap();
    let claims = signed.claims();
    let mandate = &claims.mandate;
    json!({
        "name": name,
        "chain": chain,
        "digests": chain.split('~').map(leaf_digest).collect::<Vec<_>>(),
        "effective": {
            "sub": claims.sub,
            "agent": claims.agent,
            "chain": claims.chain,
            "tools": mandate.tools,
            "audience": mandate.audience,
            "not_before": mandate.not_before.as_secs_ceil(),
            "expires_at": mandate.expires_at.as_secs_floor(),
            "max_depth": mandate.max_depth,
            "may_delegate": mandate.may_delegate,
            "issued_hops": signed.issued_hops().len(),
        },
    })
}

/// Derives a token with these tools, and with this audience as the last of its line.
fn narrowing(chain: &str, depth: u8, json: &str, last: Option<&BTreeSet<String>>) -> String {
    let (tools, key, jti) = (tools(json), holder(depth), format!("hop-{depth}"));
    let usual = next(depth, &tools, key.jwk(), &jti);
    let del_max_depth = if last.is_some() { depth } else { usual.del_max_depth };
    let child = Derivation { audience: last, del_max_depth, ..usual };
    aat::derive(chain, &child, &holder(depth - 1)).unwrap()
}

#[test]
fn chains_that_pass() {
    let narrowed = narrowing(
        &root(TOOLS),
        1,
        r#"{"search": {"q": {"constraint_type": "exact", "value": "Grüße €"}}, "transfer": {
            "amount": {"constraint_type": "range", "min": 0.5, "max": 100, "max_inclusive": false},
            "currency": {"constraint_type": "exact", "value": "EUR"}}}"#,
        None,
    );
    let both = BTreeSet::from([AUDIENCE.to_owned(), "https://other.example/".to_owned()]);
    let narrowed = narrowing(
        &narrowed,
        2,
        r#"{"transfer": {"amount": {"constraint_type": "exact", "value": 12.5},
            "currency": {"constraint_type": "exact", "value": "EUR"}}}"#,
        Some(&both),
    );
    let free = with_leaf(&chain(TOOLS, 1), &holder(0), |claims| {
        claims["sub"] = json!("user:somebody-else");
        claims["nbf"] = json!(NOW.as_secs_floor() + 5);
    });
    let empty = with_leaf(&chain(TOOLS, 1), &holder(0), |claims| claims["authorization_details"] = json!([]));
    let mut below = leaf_claims(&chain(TOOLS, 2));
    below["par_hash"] = json!(leaf_digest(&empty));
    below["authorization_details"][0]["tools"] = json!({});
    let below = format!("{empty}~{}", sign(&below.to_string(), &holder(1)));
    let older = sign_under(
        r#"{"alg":"EdDSA","typ":"aat+jwt"}"#,
        &leaf_claims(&chain(TOOLS, 1)).to_string(),
        &holder(0),
    );
    hold(
        "valid.json",
        &document(&[
            valid("a root alone", &root(TOOLS)),
            valid("four hops with the same tools", &chain(TOOLS, 4)),
            valid("narrowed tools, arguments, audience and depth", &narrowed),
            valid("claims without a meaning are ignored, a later nbf is in force", &free),
            valid("a token between that carries no tools", &below),
            valid("the older name of the algorithm", &replace_leaf(&chain(TOOLS, 1), &older)),
        ]),
    );
}

#[test]
fn chains_that_are_refused() {
    let one = chain(TOOLS, 1);
    let changed = |change: &dyn Fn(&mut Json)| with_leaf(&one, &holder(0), change);
    let tool = |tools: Json| changed(&|claims| claims["authorization_details"][0]["tools"] = tools.clone());
    let rooted = |change: &dyn Fn(&mut Json)| with_leaf(&root(TOOLS), &tenant(), change);
    let other_root = {
        let mut claims = claims(mandate(TOOLS), holder(0).jwk());
        claims.chain[0].id = "another".into();
        aat::seal_root(&claims, holder(0).jwk(), &tenant()).unwrap()
    };
    let (first, second) = one.split_once('~').unwrap();
    let exp = NOW.as_secs_floor() + 901;
    let cases: Vec<(&str, &str, String)> = vec![
        ("root", "another issuer", rooted(&|claims| claims["iss"] = json!("https://other.example/"))),
        ("root", "another key", sign(&leaf_claims(first).to_string(), &holder(7))),
        ("root", "an unknown claim", rooted(&|claims| claims["scope"] = json!("admin"))),
        ("root", "a depth of its own", rooted(&|claims| claims["del_depth"] = json!(1))),
        ("root", "a longer life than a day", rooted(&|claims| claims["exp"] = json!(exp + 86_400))),
        ("I1", "signed by another", format!("{first}~{}", sign(&leaf_claims(&one).to_string(), &holder(7)))),
        ("I1", "the issuer's name", changed(&|claims| claims["iss"] = json!(ISSUER))),
        ("I2", "a depth left out", changed(&|claims| claims["del_depth"] = json!(2))),
        ("I2", "deeper than it says", changed(&|claims| claims["del_max_depth"] = json!(0))),
        ("I2", "a raised ceiling", changed(&|claims| claims["del_max_depth"] = json!(5))),
        ("I3", "a longer life", changed(&|claims| claims["exp"] = json!(exp))),
        ("I3", "made before its parent", changed(&|claims| claims["iat"] = json!(exp - 902))),
        ("I4", "another tool", tool(json!({"deploy": {}}))),
        ("I4", "any arguments", tool(json!({"transfer": {}}))),
        ("I4", "a wider constraint", tool(json!({"read_db": {"table": {"constraint_type": "wildcard"}}}))),
        (
            "I4",
            "narrower, but not by the table",
            tool(json!({"read_db": {"table": {"constraint_type": "any",
            "constraints": [{"constraint_type": "exact", "value": "orders"}]}}})),
        ),
        ("I5", "spliced onto another root", format!("{other_root}~{second}")),
        ("I5", "no parent", changed(&|claims| drop(claims.as_object_mut().unwrap().remove("par_hash")))),
        ("constraint", "an unknown type", tool(json!({"search": {"q": {"constraint_type": "regex"}}}))),
        (
            "constraint",
            "an optional argument",
            tool(json!({"search": {"q": {"constraint_type": "wildcard",
            "optional": true}}})),
        ),
        ("constraint", "unnamed arguments", tool(json!({"search": {"*": {"constraint_type": "wildcard"}}}))),
        (
            "constraint",
            "crossed bounds",
            tool(json!({"search": {"q": {"constraint_type": "range", "min": 2,
            "max": 1}}})),
        ),
        (
            "entry",
            "a member beside the tools",
            changed(&|claims| {
                claims["authorization_details"][0]["max_tool_calls"] = json!(1);
            }),
        ),
        ("entry", "none in the leaf", changed(&|claims| claims["authorization_details"] = json!([]))),
        ("audience", "nothing in common", changed(&|claims| claims["aud"] = json!("https://other.example/"))),
        (
            "key",
            "the parent's",
            changed(&|claims| claims["cnf"] = json!({"jwk": jwk(&holder(0).jwk().bare())})),
        ),
        ("name", "two segments", changed(&|claims| claims["name"] = json!("a/b"))),
        (
            "json",
            "a member twice",
            replace_leaf(
                &one,
                &sign(
                    &leaf_claims(&one).to_string().replacen(r#""name":"#, r#""name":"other","name":"#, 1),
                    &holder(0),
                ),
            ),
        ),
        (
            "json",
            "an integer with a fraction",
            replace_leaf(
                &one,
                &sign(
                    &leaf_claims(&one).to_string().replacen(r#""del_depth":1"#, r#""del_depth":1.0"#, 1),
                    &holder(0),
                ),
            ),
        ),
        (
            "header",
            "another type",
            replace_leaf(
                &one,
                &sign_under(
                    r#"{"alg":"Ed25519","typ":"at+jwt"}"#,
                    &leaf_claims(&one).to_string(),
                    &holder(0),
                ),
            ),
        ),
        ("chain", "the wrong way round", format!("{second}~{first}")),
        ("chain", "a token twice", format!("{one}~{second}")),
        ("time", "expired", changed(&|claims| claims["exp"] = json!(NOW.as_secs_floor() + 10))),
        ("time", "made in the future", changed(&|claims| claims["iat"] = json!(NOW.as_secs_floor() + 41))),
    ];
    let now = NOW.plus_secs(10);
    let cases = cases.into_iter().map(|(rule, name, chain)| {
        let refused = verify(&chain).and_then(|signed| signed.verify_time(now, 0)).unwrap_err();
        json!({"rule": rule, "name": name, "chain": chain, "reason": refused.reason().as_str()})
    });
    hold("refused.json", &document(&cases.collect::<Vec<_>>()));
}

#[test]
fn proofs() {
    let chain = chain(TOOLS, 1);
    let arguments = Value::parse(ARGUMENTS).unwrap();
    let (jti, audience, tool) = ("0193a1b2-0000-7000-8000-000000000001", AUDIENCE, "transfer");
    let now: Instant = NOW.plus_secs(10);
    let pop = Pop { jti, iat: now, audience, tool, arguments: &arguments, nonce: None };
    let other = Value::parse(r#"{"amount": 13, "currency": "EUR"}"#).unwrap();
    let good = aat::seal_pop(&chain, &pop, &holder(1)).unwrap();
    let made = |pop: &Pop<'_>| aat::seal_pop(&chain, pop, &holder(1)).unwrap();
    let elsewhere = super::fixture::chain(r#"{"transfer": {}}"#, 1);
    let by_parent = {
        let payload = good.split('.').nth(1).unwrap();
        let bytes =
            base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap();
        let header = r#"{"alg":"Ed25519","typ":"aat-pop+jwt"}"#;
        sign_under(header, &String::from_utf8(bytes).unwrap(), &holder(0))
    };
    let cases = [
        ("the leaf's holder", good),
        ("with a nonce", made(&Pop { nonce: Some("n-1"), ..pop })),
        ("as old as may be", made(&Pop { iat: now.plus_secs(-29), ..pop })),
        ("the parent's holder", by_parent),
        ("for another token of the same key", aat::seal_pop(&elsewhere, &pop, &holder(1)).unwrap()),
        ("for another audience", made(&Pop { audience: "https://other.example/", ..pop })),
        ("for another tool", made(&Pop { tool: "read_db", ..pop })),
        ("for other arguments", made(&Pop { arguments: &other, ..pop })),
        ("too old", made(&Pop { iat: now.plus_secs(-30), ..pop })),
        ("of the future", made(&Pop { iat: now.plus_secs(31), ..pop })),
    ];
    let signed = verify(&chain).unwrap();
    let call = Invocation { audience, tool, arguments: &arguments, now, window: WINDOW };
    let cases = cases.into_iter().map(|(name, proof)| match aat::verify_pop(&signed, &proof, &call) {
        Ok(verified) => json!({"name": name, "proof": proof, "jti": verified.once().jti}),
        Err(refused) => json!({"name": name, "proof": proof, "reason": refused.reason().as_str()}),
    });
    let mut vectors = document(&cases.collect::<Vec<_>>());
    vectors["chain"] = json!(chain);
    vectors["call"] = json!({"tool": tool, "arguments": serde_json::from_str::<Json>(ARGUMENTS).unwrap()});
    vectors["window"] = json!({"past": WINDOW.past_secs, "ahead": WINDOW.ahead_secs});
    hold("proofs.json", &vectors);
}
