//! A delegate's name: one segment of an agent's path, `[a-z0-9][a-z0-9._-]{0,62}`, in every sealed form.

/// Whether `text` is one segment of an agent's path.
pub fn is_segment(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut bytes = text.bytes();
    text.len() <= 63
        && bytes.next().is_some_and(plain)
        && bytes.all(|byte| plain(byte) || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::is_segment;

    #[test]
    fn a_segment_is_short_plain_and_begins_with_a_letter_or_digit() {
        for good in ["a", "0", "worker-1", "a.b_c", &"a".repeat(63)] {
            assert!(is_segment(good), "{good}");
        }
        for bad in ["", "-a", ".a", "_a", "A", "a/b", "a b", "é", "a\n", &"a".repeat(64)] {
            assert!(!is_segment(bad), "{bad}");
        }
    }
}
