//! Whatever is presented: nothing panics, and only what the issuer signed, as it signed it, holds.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::signer::{ED25519, RS256, at};

fn hold(signer: &Signer, token: &str) -> bool {
    PURPOSES.into_iter().any(|purpose| check(signer, purpose, token).is_ok())
}

#[test]
fn every_changed_bit_is_found() {
    for signer in [&*ES256, &*ED25519, &*RS256] {
        let token = signer.token(None, &Claims::good());
        let keys = key_set(&[signer]);
        let holds = |token: &str| verify(token, &keys, Purpose::IdToken, Some(ISSUER), NOW).is_ok();
        assert!(holds(&token));
        for position in 0..token.len() {
            for bit in 0..8 {
                let mut changed = token.clone().into_bytes();
                changed[position] ^= 1 << bit;
                if let Ok(changed) = String::from_utf8(changed) {
                    assert!(!holds(&changed), "{} byte {position} bit {bit}", signer.alg);
                }
            }
        }
    }
}

#[test]
fn parts_of_two_good_tokens_make_no_third() {
    for signer in all() {
        let one = signer.token(None, &Claims::good());
        let two = signer.token(Some("JWT"), &Claims::good().with("sub", "somebody else"));
        let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
        let (a, b) = (parts(&one), parts(&two));
        for mask in 0..8 {
            let pick = |part: usize| if mask & (1 << part) == 0 { &a[part] } else { &b[part] };
            let mixed = format!("{}.{}.{}", pick(0), pick(1), pick(2));
            assert_eq!(hold(signer, &mixed), mixed == one || mixed == two, "{mask}");
        }
    }
}

#[test]
fn a_token_has_one_spelling() {
    let token = ES256.token(None, &Claims::good());
    assert!(hold(&ES256, &token));
    let (input, signature) = token.rsplit_once('.').unwrap();
    for bad in [
        format!("{token}="),
        format!("{token}=="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}."),
        format!(".{token}"),
        format!("{input}."),
        format!("{input}..{signature}"),
        format!("{token}.{signature}"),
        format!("Bearer {token}"),
        token.replace('.', "%2E"),
        input.to_owned(),
        String::new(),
        "...".to_owned(),
    ] {
        assert!(!hold(&ES256, &bad), "{bad}");
    }
}

#[derive(Debug, Clone)]
enum Edit {
    Put(usize, char),
    Add(usize, char),
    Cut(usize),
    Swap(usize, usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let letter =
        || prop_oneof![8 => select("AZaz09-_".chars().collect::<Vec<_>>()), 1 => select(vec!['.', '='])];
    let place = || 0..2000_usize;
    let edit = prop_oneof![
        (place(), letter()).prop_map(|(at, letter)| Edit::Put(at, letter)),
        (place(), letter()).prop_map(|(at, letter)| Edit::Add(at, letter)),
        place().prop_map(Edit::Cut),
        (place(), place()).prop_map(|(a, b)| Edit::Swap(a, b)),
    ];
    prop::collection::vec(edit, 1..6)
}

fn edited(token: &str, edits: &[Edit]) -> String {
    let mut letters: Vec<char> = token.chars().collect();
    for edit in edits {
        let length = letters.len();
        match *edit {
            Edit::Put(at, letter) => letters[at % length] = letter,
            Edit::Add(at, letter) => letters.insert(at % (length + 1), letter),
            Edit::Cut(at) => drop(letters.remove(at % length)),
            Edit::Swap(a, b) => letters.swap(a % length, b % length),
        }
    }
    letters.into_iter().collect()
}

/// A claim's value as JSON, and whether it is a good one.
type Choice = (Option<String>, bool);

fn choice(good: Vec<Option<String>>, bad: Vec<Option<String>>) -> impl Strategy<Value = Choice> {
    let good = select(good).prop_map(|json| (json, true));
    let bad = select(bad).prop_map(|json| (json, false));
    prop_oneof![6 => good, 1 => bad]
}

fn some(json: &[&str]) -> Vec<Option<String>> {
    json.iter().map(|json| Some((*json).to_owned())).collect()
}

fn dates(secs: &[i64]) -> Vec<Option<String>> {
    secs.iter().map(|secs| Some(at(*secs).to_string())).collect()
}

fn signed_claims() -> impl Strategy<Value = Vec<(&'static str, Choice)>> {
    let absent = || vec![None];
    let odd = || some(&["null", "-1", "\"1800000300\"", "[]"]);
    let iss = choice(vec![Some(format!("\"{ISSUER}\""))], [absent(), some(&["\"x\"", "1"])].concat());
    let sub = choice(some(&["\"a\"", "\"b c\""]), [absent(), some(&["\"\"", "\"\\u0000\"", "7"])].concat());
    let aud = choice(
        vec![Some(format!("\"{AUDIENCE}\"")), Some(format!("[\"{AUDIENCE}\"]"))],
        [absent(), some(&["[]", "\"x\"", "[\"client-1\",\"x\"]", "{}"])].concat(),
    );
    let exp = choice(dates(&[-29, 0, 1, 3600]), [absent(), dates(&[-30, -3600]), odd()].concat());
    let iat = choice(dates(&[-3000, 0, 30]), [absent(), dates(&[31, 9999]), odd()].concat());
    let nbf = choice([absent(), dates(&[-9, 30])].concat(), [dates(&[31]), odd()].concat());
    (iss, sub, aud, exp, iat, nbf).prop_map(|(iss, sub, aud, exp, iat, nbf)| {
        vec![("iss", iss), ("sub", sub), ("aud", aud), ("exp", exp), ("iat", iat), ("nbf", nbf)]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn survives_any_text(text in "[A-Za-z0-9._=-]{0,200}|.{0,80}") {
        prop_assert!(!hold(&ES256, &text));
    }

    #[test]
    fn survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(!hold(&ES256, &String::from_utf8_lossy(&bytes)));
    }

    #[test]
    fn survives_any_signed_payload(payload in ".{0,120}", header in ".{0,60}") {
        prop_assert!(!hold(&ED25519, &ED25519.sign(&ED25519.header(None), &payload)));
        prop_assert!(!hold(&ED25519, &ED25519.sign(&header, &Claims::good().text())));
    }

    #[test]
    fn an_edited_token_does_not_hold(edits in edits(), signer in select(vec![0_usize, 1, 2])) {
        let signer = all()[signer];
        let token = signer.token(None, &Claims::good());
        let changed = edited(&token, &edits);
        prop_assert_eq!(hold(signer, &changed), changed == token);
    }

    /// An ID token holds exactly if each of its claims is a good one.
    #[test]
    fn a_signed_token_holds_if_all_its_claims_do(chosen in signed_claims()) {
        let mut claims = Claims::good();
        for (name, (json, _)) in &chosen {
            claims = match json {
                Some(json) => claims.with_raw(name, json),
                None => claims.without(name),
            };
        }
        let all_good = chosen.iter().all(|(_, (_, good))| *good);
        prop_assert_eq!(judge(Purpose::IdToken, &claims).is_ok(), all_good, "{}", claims.text());
    }
}
