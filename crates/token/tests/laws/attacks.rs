//! A capability that anything was done to is refused, and no text makes the reader panic.

use deputy_mandate::{Instant, Mandate, Narrowing, ReasonCode, Scope};
use deputy_token::access::Cnf;
use deputy_token::capability::{
    Attenuation, CapabilityError, MAX_LEN, UnverifiedCapability, attenuate, seal,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::generate::mandate;
use super::sealed::{AUDIENCE, ISSUER, claims, decode, join, key, key_of, parts, verify};

fn root() -> Mandate {
    Mandate::from_json(
        r#"{"scopes":["read","write"],"tools":{"search":{}},"blocked_tools":[],"limits":{},"declared":{},
        "limit_required":{},"audience":["https://a.example/"],"binding":{},"not_before":0,"expires_at":900000,
        "max_depth":16,"may_delegate":true}"#,
    )
    .unwrap()
}

/// A root and two delegations, each of which narrows.
fn chain() -> String {
    let root = seal(&claims(root()), &key()).unwrap();
    let first = Narrowing { scopes: Scope::parse_list("read").ok(), ..Narrowing::default() };
    let cnf = Some(Cnf { jkt: "A".repeat(43) });
    let first =
        attenuate(&root, &Attenuation { name: "one".into(), narrowing: first, cnf }, [1; 16]).unwrap();
    let second = Narrowing { expires_at: Some(Instant::from_secs(60)), ..Narrowing::default() };
    attenuate(&first, &Attenuation { name: "two".into(), narrowing: second, cnf: None }, [2; 16]).unwrap()
}

fn refused(text: &str) -> CapabilityError {
    verify(text).expect_err(text)
}

#[test]
fn every_single_bit_matters() {
    let text = chain();
    assert!(verify(&text).is_ok());
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            // What is no UTF-8 does not even reach the reader.
            if let Ok(changed) = String::from_utf8(bytes) {
                refused(&changed);
            }
        }
    }
    // Bits of the blocks themselves, under base64 that is in order.
    use base64::Engine as _;
    let (blocks, tag) = parts(&text);
    for i in 0..blocks.len() {
        let bytes = decode(blocks[i]);
        for at in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[at / 8] ^= 1 << (at % 8);
            let block = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(changed);
            let mut forged = blocks.clone();
            forged[i] = &block;
            refused(&join(&forged, tag));
        }
    }
}

#[test]
fn blocks_are_neither_removed_nor_reordered_nor_mixed() {
    let text = chain();
    let (blocks, tag) = parts(&text);
    let [root, one, two] = blocks[..] else { panic!("three blocks") };
    for forged in [
        vec![root, two, one],
        vec![one, root, two],
        vec![root, one],
        vec![root],
        vec![root, two],
        vec![one, two],
        vec![root, one, two, two],
        vec![root, one, one, two],
        vec![root, root, one, two],
    ] {
        refused(&join(&forged, tag));
    }
    // A chain of another root, though sealed with the same key: its tags fit its own blocks only.
    let other = claims(Mandate { scopes: Scope::parse_list("admin read").unwrap(), ..self::root() });
    let other = seal(&other, &key()).unwrap();
    assert!(verify(&other).is_ok());
    let (other_root, other_tag) = parts(&other);
    refused(&join(&[other_root[0], one, two], tag));
    refused(&join(&[other_root[0], one, two], other_tag));
    refused(&join(&blocks, other_tag));
    // Who holds the leaf does not hold a tag that shorter chains need.
    let longer = attenuate(&text, &Attenuation { name: "three".into(), ..Attenuation::default() }, [3; 16]);
    let longer = longer.unwrap();
    assert!(verify(&longer).is_ok());
    refused(&join(&blocks, parts(&longer).1));
}

#[test]
fn keys_audiences_and_issuers_are_told_apart() {
    let text = chain();
    let with = |key, issuer| UnverifiedCapability::parse(&text).unwrap().verify_signature(&key, issuer);
    assert!(with(key(), ISSUER).is_ok());
    for (key, issuer, error) in [
        (key_of(8, "k1", AUDIENCE), ISSUER, CapabilityError::Signature),
        (key_of(7, "k2", AUDIENCE), ISSUER, CapabilityError::UnknownKey),
        (key_of(7, "k1", "https://b.example/"), ISSUER, CapabilityError::UnknownKey),
        (key(), "https://deputy.example/t/other", CapabilityError::Issuer),
    ] {
        let refused = with(key, issuer).unwrap_err();
        assert_eq!((refused, refused.reason()), (error, ReasonCode::SignatureInvalid));
    }
    // A key of the same bytes under another name or audience is another key.
    let renamed = |kid: &str, audience: &str| {
        let kid = deputy_token::keys::Kid::new(kid).unwrap();
        deputy_token::capability::AudienceKey::from_parts(kid, audience, key().as_bytes())
    };
    assert!(with(renamed("k1", AUDIENCE), ISSUER).is_ok());
    assert!(with(renamed("k2", AUDIENCE), ISSUER).is_err());
    assert!(with(renamed("k1", "https://b.example/"), ISSUER).is_err());
}

fn feed(text: &str) {
    if let Ok(parsed) = UnverifiedCapability::parse(text) {
        let _ = (parsed.kid(), parsed.audience(), parsed.effective());
        let _ = parsed.verify_signature(&key(), ISSUER);
    }
    let _ = attenuate(text, &Attenuation { name: "x".into(), ..Attenuation::default() }, [0; 16]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        feed(&text);
        feed(&format!("dpyc1.{text}"));
    }

    #[test]
    fn random_blocks(blocks in vec(vec(any::<u8>(), 0..60), 0..4), json in "[\\[\\]{}\",:0-9a-f]{0,60}") {
        use base64::Engine as _;
        let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let mut parts: Vec<String> = blocks.iter().map(|block| encode(block)).collect();
        parts.push(encode(json.as_bytes()));
        parts.push(encode(&[0; 32]));
        feed(&format!("dpyc1.{}", parts.join(".")));
    }

    #[test]
    fn mutated_capabilities(
        m in mandate(),
        cuts in vec((any::<Index>(), any::<u8>(), 0_u8..3), 1..6),
        inside in any::<bool>(),
    ) {
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let text = seal(&claims(m), &key()).unwrap();
        let text = attenuate(&text, &Attenuation { name: "x".into(), ..Attenuation::default() }, [0; 16]).unwrap();
        let (blocks, tag) = parts(&text);
        let mut bytes = if inside { decode(blocks[1]) } else { text.clone().into_bytes() };
        let before = bytes.clone();
        for (at, byte, how) in &cuts {
            let at = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match how {
                0 => bytes[at] = *byte,
                1 => bytes.insert(at, *byte),
                _ => drop(bytes.remove(at)),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let changed = if inside {
            join(&[blocks[0], &engine.encode(&bytes)], tag)
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        };
        feed(&changed);
        prop_assert_eq!(verify(&changed).is_ok(), bytes == before);
    }
}

#[test]
fn hostile_sizes_end() {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let tag = encode(&"0".repeat(32));
    for text in [
        format!("dpyc1.{}", ".".repeat(MAX_LEN - 6)),
        format!("dpyc1.{}.{tag}", "A".repeat(MAX_LEN - 50)),
        format!("dpyc1.{}.{tag}", encode(&"[".repeat(48_000))),
        format!("dpyc1.{}.{tag}", encode(&"{\"act\":".repeat(6_800))),
        "A".repeat(1 << 20),
    ] {
        feed(&text);
        refused(&text);
    }
}
