//! SPIFFE IDs, at and beyond their limits (SPIFFE-ID section 2).

use crate::spiffe::{is_trust_domain, trust_domain};

#[test]
fn a_trust_domain_is_lower_case_and_at_most_255_bytes() {
    for good in ["a", "prod.acme.com", "a_b", "a-b", "1.2.3.4", "-", &"x".repeat(255)] {
        assert!(is_trust_domain(good), "{good}");
        assert_eq!(trust_domain(&format!("spiffe://{good}/w")), Some(good));
    }
    for bad in [
        "",
        "Prod",
        "prod.acme.coM",
        "pr od",
        "prod:8443",
        "user@prod",
        "pr%6fd",
        "münchen",
        "[::1]",
        "a\\b",
        "a\0",
        "a\n",
        &"x".repeat(256),
    ] {
        assert!(!is_trust_domain(bad), "{bad}");
        assert_eq!(trust_domain(&format!("spiffe://{bad}/w")), None, "{bad}");
    }
    // These end the name before it is judged.
    assert!(!is_trust_domain("a/b") && !is_trust_domain("a?b") && !is_trust_domain("a#b"));
}

#[test]
fn an_id_has_at_most_2048_bytes() {
    let of_length = |length: usize| format!("spiffe://d/{}", "x".repeat(length - "spiffe://d/".len()));
    assert_eq!(trust_domain(&of_length(2048)), Some("d"));
    assert_eq!(trust_domain(&of_length(2049)), None);
}

#[test]
fn a_path_has_segments_of_plain_characters() {
    for good in ["a", "ns/crm/sa/worker", "A.b_c-9", "...", ".a", "a..b", "-", "_"] {
        assert_eq!(trust_domain(&format!("spiffe://prod/{good}")), Some("prod"), "{good}");
    }
    for bad in [
        "", "/", "a/", "/a", "a//b", ".", "..", "a/.", "a/./b", "../a", "a/..", "a b", "a%2fb", "a%2e",
        "a+b", "a:b", "a@b", "a~b", "a?b", "a#b", "a?", "a#", "é", "a\\b", "a\0", "a\n", "a,b", "*",
    ] {
        assert_eq!(trust_domain(&format!("spiffe://prod/{bad}")), None, "{bad:?}");
    }
}

#[test]
fn an_id_begins_with_its_scheme() {
    assert_eq!(trust_domain("spiffe://prod/a"), Some("prod"));
    for bad in [
        "",
        "spiffe",
        "spiffe:",
        "spiffe://",
        "spiffe:/prod/a",
        "spiffe:prod/a",
        "SPIFFE://prod/a",
        "Spiffe://prod/a",
        " spiffe://prod/a",
        "https://prod/a",
        "spiffe:///prod/a",
        "//prod/a",
        "prod/a",
        "spiffe://prod",
    ] {
        assert_eq!(trust_domain(bad), None, "{bad}");
    }
}
