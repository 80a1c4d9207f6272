//! Secrets: their text forms, their digests, what the master key opens.

use aws_lc_rs::rand::SystemRandom;
use proptest::prelude::*;

use super::*;

#[test]
fn a_secret_reads_back_and_every_change_of_one_character_is_found() {
    let key = ApiKey::generate(&SystemRandom::new()).unwrap();
    let text = key.reveal().to_owned();
    assert_eq!(text.len(), 53);
    assert_eq!(ApiKey::parse(&text).unwrap().digest(), key.digest());
    for position in 0..text.len() {
        for replacement in ['0', 'z', '-', 'é'] {
            let mut changed: Vec<char> = text.chars().collect();
            changed[position] = replacement;
            let changed: String = changed.into_iter().collect();
            assert_eq!(ApiKey::parse(&changed).is_ok(), changed == text, "{position} {replacement}");
        }
    }
}

#[test]
fn kinds_do_not_mix() {
    let secret = ClientSecret::generate(&SystemRandom::new()).unwrap();
    assert!(secret.reveal().starts_with("dps_"));
    assert_eq!(ApiKey::parse(secret.reveal()).unwrap_err(), SecretError::Form("dpy_"));
    assert!(ClientSecret::parse(secret.reveal()).is_ok());
}

#[test]
fn a_number_beyond_256_bits_is_no_secret() {
    let too_large = format!("dpy_{}000000", "z".repeat(43));
    assert_eq!(ApiKey::parse(&too_large).unwrap_err(), SecretError::Form("dpy_"));
    for bad in ["", "dpy_", "dpy_short", " dpy_"] {
        assert!(ApiKey::parse(bad).is_err());
    }
}

#[test]
fn a_chosen_key_needs_enough_characters() {
    assert!(ApiKey::parse_chosen(&format!("dpy_{}", "a-_Z9".repeat(9))).is_ok());
    for bad in [
        format!("dpy_{}", "a".repeat(42)),
        format!("dpx_{}", "a".repeat(50)),
        format!("dpy_{} ", "a".repeat(43)),
    ] {
        assert!(ApiKey::parse_chosen(&bad).is_err(), "{bad}");
    }
}

#[test]
fn debug_never_shows_a_secret() {
    let key = ApiKey::generate(&SystemRandom::new()).unwrap();
    assert_eq!(format!("{key:?}"), "dpy_..");
    assert_eq!(format!("{:?}", key.digest()), "Sha256Digest(..)");
    assert_eq!(format!("{:?}", master(1)), "MasterKey(..)");
}

#[test]
fn digests_read_back() {
    let digest = Sha256Digest::of("abc");
    assert_eq!(digest.to_text(), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    assert_eq!(Sha256Digest::from_text(&digest.to_text()).unwrap(), digest);
    for bad in
        ["", "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa1", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0"]
    {
        assert_eq!(Sha256Digest::from_text(bad), Err(DigestError), "{bad}");
    }
}

fn master(fill: u8) -> MasterKey {
    MasterKey::from_bytes(&[fill; 32]).unwrap()
}

#[test]
fn what_is_sealed_opens_in_its_context_with_its_key_alone() {
    let (key, rng) = (master(1), SystemRandom::new());
    let sealed = key.seal("tenant/a/signing-key/k", b"secret", &rng).unwrap();
    assert_eq!(key.open("tenant/a/signing-key/k", &sealed).unwrap().as_slice(), b"secret");
    assert_eq!(key.open("tenant/b/signing-key/k", &sealed).unwrap_err(), MasterKeyError::DoesNotOpen);
    assert_eq!(master(2).open("tenant/a/signing-key/k", &sealed).unwrap_err(), MasterKeyError::DoesNotOpen);
    assert_ne!(sealed, key.seal("tenant/a/signing-key/k", b"secret", &rng).unwrap());
    for position in 0..sealed.len() {
        let mut changed = sealed.clone().into_bytes();
        changed[position] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        assert!(key.open("tenant/a/signing-key/k", &changed).is_err(), "{position}");
    }
}

#[test]
fn the_check_value_tells_keys_apart() {
    assert_eq!(master(1).check_value(), master(1).check_value());
    assert_ne!(master(1).check_value(), master(2).check_value());
}

#[test]
fn a_master_key_is_read_as_operators_write_it() {
    let text = MasterKey::generate_text(&SystemRandom::new()).unwrap();
    let key = MasterKey::from_text(&text).unwrap();
    let url_safe = text.replace('+', "-").replace('/', "_");
    for same in [format!("{}\n", *text), url_safe.clone(), url_safe.trim_end_matches('=').to_owned()] {
        assert_eq!(MasterKey::from_text(&same).unwrap().check_value(), key.check_value());
    }
    for bad in ["", "AAAA", &text[1..], "not base64 at all"] {
        assert_eq!(MasterKey::from_text(bad).unwrap_err(), MasterKeyError::Form);
    }
}

proptest! {
    #[test]
    fn parsers_survive_any_text(text in ".{0,80}", key in "dpy_[0-9A-Za-z]{49}") {
        let _ = ApiKey::parse(&text);
        prop_assert!(ApiKey::parse(&key).is_err(), "a random checksum passed");
        let _ = Sha256Digest::from_text(&text);
        let _ = MasterKey::from_text(&text);
        prop_assert!(master(1).open("c", &text).is_err());
    }

    #[test]
    fn base62_is_a_bijection(bytes in any::<[u8; 32]>()) {
        let mut text = String::new();
        base62::encode_into(&mut text, &mut bytes.clone(), 43);
        prop_assert_eq!(base62::decode::<32>(&text), Some(bytes));
    }
}
