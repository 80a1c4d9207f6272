//! Fixed-width base 62 (`0-9A-Za-z`), most significant digit first. It has no `-` or `_`, so that a double
//! click selects a whole key, and no form or URL encoding changes it.
//!
//! Invariant: one text per number and width; anything else does not decode.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Appends the `width` lowest base-62 digits of the big-endian number `bytes`, which is consumed.
pub(super) fn encode_into(out: &mut String, bytes: &mut [u8], width: usize) {
    let start = out.len();
    for _ in 0..width {
        let mut remainder = 0u32;
        for byte in bytes.iter_mut() {
            let dividend = remainder << 8 | u32::from(*byte);
            *byte = (dividend / 62) as u8;
            remainder = dividend % 62;
        }
        let digit = ALPHABET.get(remainder as usize).copied().unwrap_or(b'0');
        out.insert(start, char::from(digit));
    }
}

/// Reads `text` as a big-endian number of `N` bytes; `None` for a foreign character or an overflow.
pub(super) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut number = [0u8; N];
    for character in text.bytes() {
        let mut carry = u32::from(match character {
            b'0'..=b'9' => character - b'0',
            b'A'..=b'Z' => character - b'A' + 10,
            b'a'..=b'z' => character - b'a' + 36,
            _ => return None,
        });
        for byte in number.iter_mut().rev() {
            let product = u32::from(*byte) * 62 + carry;
            *byte = (product & 0xff) as u8;
            carry = product >> 8;
        }
        if carry != 0 {
            return None;
        }
    }
    Some(number)
}
