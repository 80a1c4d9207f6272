//! The reader on random and mutated bytes: it never panics and ends in bounded time.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::forge::{EXPECTED, check, claims, ed25519, header, made, sign};

fn feed(text: &str) {
    if let Ok(proof) = deputy_token::dpop::UnverifiedProof::parse(text) {
        let _ = proof.unverified_jkt();
    }
    let _ = check(text, &EXPECTED);
}

fn mutate(text: &str, cuts: &[(Index, u8, u8)]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (at, byte, how) in cuts {
        if bytes.is_empty() {
            break;
        }
        let at = at.index(bytes.len());
        match how {
            0 => drop(bytes.splice(at..=at, [*byte])),
            1 => bytes.insert(at, *byte),
            _ => drop(bytes.remove(at)),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..200)) {
        feed(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn mutated_proofs(cuts in vec((any::<Index>(), any::<u8>(), 0_u8..3), 1..6)) {
        feed(&mutate(&made(&ed25519(1)), &cuts));
    }

    /// Signed anew, so that header and claims are reached.
    #[test]
    fn mutated_members(cuts in vec((any::<Index>(), any::<u8>(), 0_u8..3), 1..4), head in any::<bool>()) {
        let key = ed25519(1);
        let (mut header, mut claims) = (header(&key).to_string(), claims().to_string());
        let text = if head { &mut header } else { &mut claims };
        *text = mutate(text, &cuts);
        feed(&sign(&header, &claims, &key));
    }

    #[test]
    fn any_target(uri in "(https?|HTTP)://[\\[\\]a-zA-Z0-9.:@%]{0,12}(/[a-z.%2eE/]{0,20})?([?#][^\"]{0,4})?") {
        let key = ed25519(1);
        let mut wanted = claims();
        wanted["htu"] = uri.clone().into();
        let proof = sign(&header(&key).to_string(), &wanted.to_string(), &key);
        // A target compared with itself passes, or has no form at all.
        let expected = deputy_token::dpop::Expected { uri: &uri, ..EXPECTED };
        let refused = check(&proof, &expected).err();
        prop_assert!(matches!(refused, None | Some(deputy_token::dpop::ProofError::Uri)), "{refused:?}");
    }
}
