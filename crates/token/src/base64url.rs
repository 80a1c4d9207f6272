//! base64url without padding (RFC 4648 section 5) for the long parts of a credential, a register at a time.
//!
//! Invariant: as strict as the `base64` crate, which reads and writes everything short. No padding, no foreign
//! character, no bit left over: a text has one reading, and bytes have one writing. A test holds the two against
//! each other.

use base64_simd::URL_SAFE_NO_PAD;

/// Appends what the text says; `None` when it says nothing. Then the bytes are as they were.
pub(crate) fn decode_onto(bytes: &mut Vec<u8>, text: &str) -> Option<()> {
    URL_SAFE_NO_PAD.decode_append(text, bytes).ok()
}

/// What the text says.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// Whether the text says exactly so many bytes.
pub(crate) fn is_of(length: usize, text: &str) -> bool {
    URL_SAFE_NO_PAD.decoded_length(text.as_bytes()).is_ok_and(|own| own == length)
        && URL_SAFE_NO_PAD.check(text.as_bytes()).is_ok()
}

/// Appends the writing of the bytes.
pub(crate) fn encode_onto(text: &mut String, bytes: impl AsRef<[u8]>) {
    URL_SAFE_NO_PAD.encode_append(bytes, text);
}

/// The writing of the bytes.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
    use proptest::prelude::*;

    use super::{decode, decode_onto, encode, encode_onto, is_of};

    fn read(text: &str) -> Option<Vec<u8>> {
        let mut onto = b"before".to_vec();
        let appended = decode_onto(&mut onto, text).is_some();
        let bytes = decode(text);
        assert_eq!(appended, bytes.is_some(), "{text}");
        assert_eq!(onto, [b"before", bytes.as_deref().unwrap_or_default()].concat());
        for length in 0..100 {
            let is_of_it = bytes.as_ref().is_some_and(|bytes| bytes.len() == length);
            assert_eq!(is_of(length, text), is_of_it, "{text}");
        }
        bytes
    }

    #[test]
    fn every_character_at_every_place_is_judged_alike() {
        // The ends of texts of these lengths are read in every way that there is: by registers, words and bytes.
        for length in (0..12).chain(30..50).chain([75, 76, 77, 78, 129]) {
            let text = "AbC-_9z0".repeat(17)[..length].to_owned();
            assert_eq!(read(&text), B64.decode(&text).ok(), "{text}");
            for at in 0..length {
                for byte in 0..=127u8 {
                    let mut other = text.clone().into_bytes();
                    other[at] = byte;
                    let other = String::from_utf8(other).unwrap();
                    assert_eq!(read(&other), B64.decode(&other).ok(), "{other:?}");
                }
                let mut other = text.clone();
                other.insert(at, 'é');
                assert_eq!(read(&other), None);
            }
        }
        assert_eq!(read("AAAA"), Some(vec![0; 3]));
        for refused in ["A", "AB", "AAB", "AA==", "AAA=", "AA+A", "AA/A", "AAAA\n"] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }

    proptest! {
        #[test]
        fn bytes_are_written_alike_and_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut text = "before.".to_owned();
            encode_onto(&mut text, &bytes);
            let text = text.strip_prefix("before.").unwrap();
            prop_assert_eq!(text, B64.encode(&bytes));
            prop_assert_eq!(text, encode(&bytes));
            prop_assert_eq!(read(text), Some(bytes));
        }

        #[test]
        fn any_text_is_judged_alike(text in "[A-Za-z0-9_\\-]{0,140}[A-Za-z0-9_=+/ -]{0,3}") {
            prop_assert_eq!(read(&text), B64.decode(&text).ok());
        }
    }
}
