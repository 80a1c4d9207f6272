//! `tests/vectors/dpop`: what they say is what this crate does. `UPDATE_VECTORS=1` writes them anew.

use deputy_mandate::Value;
use deputy_token::dpop::{self, BoundToken, Expected, Proof};
use serde_json::{Value as Json, json};

use super::forge::{EXPECTED, METHOD, NOW, PROOF, URI, WINDOW, check, claims, ed25519, header, made, sign};

const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

fn hold(file: &str, vectors: &Json) {
    let path = format!("{}/../../tests/vectors/dpop/{file}", env!("CARGO_MANIFEST_DIR"));
    // Sorted members, whatever order another crate makes serde_json keep.
    let text = serde_json::to_string_pretty(&Value::parse(&vectors.to_string()).unwrap()).unwrap() + "\n";
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "{file} is out of date");
}

#[test]
fn proofs() {
    let key = ed25519(1);
    let jkt = key.jwk().thumbprint();
    let changed = |name: &str, value: Json| {
        let mut claims = claims();
        claims[name] = value;
        sign(&header(&key).to_string(), &claims.to_string(), &key)
    };
    let headed = |name: &str, value: Json| {
        let mut header = header(&key);
        header[name] = value;
        sign(&header.to_string(), &claims().to_string(), &key)
    };
    let now = NOW.as_secs_floor();
    let other: Json = serde_json::from_str(&ed25519(2).jwk().bare()).unwrap();
    let with_token = dpop::seal(&Proof { token: Some(TOKEN), ..PROOF }, &key).unwrap();
    let cases = [
        ("made for this request", made(&key), false),
        (
            "another spelling of the URI",
            changed("htu", json!("HTTPS://deputy.example:443/t/./acme/token?x#y")),
            false,
        ),
        ("a claim without a meaning", changed("x", json!(1)), false),
        ("as old as may be", changed("iat", json!(now - 59)), false),
        ("as far ahead as may be", changed("iat", json!(now + 5)), false),
        ("made for the token", with_token, true),
        ("another method", changed("htm", json!("GET")), false),
        ("another URI", changed("htu", json!("https://deputy.example/t/other/token")), false),
        ("too old", changed("iat", json!(now - 60)), false),
        ("of the future", changed("iat", json!(now + 6)), false),
        ("no jti", changed("jti", json!("")), false),
        ("no hash of the token", made(&key), true),
        ("the hash of another token", changed("ath", json!(dpop::token_hash("other"))), true),
        ("a key that did not sign", headed("jwk", other), false),
        (
            "a private key",
            headed("jwk", json!({"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"})),
            false,
        ),
        ("another type", headed("typ", json!("JWT")), false),
        ("another algorithm", headed("alg", json!("ES256")), false),
        ("a key by URL", headed("jku", json!("https://evil.example/")), false),
        (
            "a member twice",
            sign(&header(&key).to_string(), &claims().to_string().replacen('{', r#"{"jti":"a","#, 1), &key),
            false,
        ),
    ];
    let cases = cases.into_iter().map(|(name, proof, token)| {
        let token = token.then_some(BoundToken { token: TOKEN, jkt: &jkt });
        let mut case = json!({"name": name, "proof": proof, "with_token": token.is_some()});
        match check(&proof, &Expected { token, ..EXPECTED }) {
            Ok(verified) => case["accepted"] = json!({"jkt": verified.jkt(), "jti": verified.jti()}),
            Err(refused) => case["reason"] = json!(refused.reason().as_str()),
        }
        case
    });
    let vectors = json!({
        "rfc": "RFC 9449",
        "method": METHOD,
        "uri": URI,
        "now": now,
        "window": {"past": WINDOW.past_secs, "ahead": WINDOW.ahead_secs},
        "token": {"text": TOKEN, "jkt": jkt},
        "seed": "01",
        "cases": cases.collect::<Vec<_>>(),
    });
    hold("proofs.json", &vectors);
}
