//! SPIFFE IDs (SPIFFE-ID section 2).
//!
//! Invariant: a workload is judged by the keys of the trust domain in its own name, whatever else its token says.

/// The trust domain of a workload's SPIFFE ID, `spiffe://{trust domain}/{path}`; `None` for what is none.
#[must_use]
pub fn trust_domain(id: &str) -> Option<&str> {
    let rest = id.strip_prefix("spiffe://").filter(|_| id.len() <= 2048)?;
    let (domain, path) = rest.split_once('/')?;
    let segments = path.split('/').all(|segment| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    });
    (segments && is_trust_domain(domain)).then_some(domain)
}

/// Whether a name is a trust domain's (SPIFFE-ID section 2.1).
#[must_use]
pub fn is_trust_domain(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::trust_domain;

    #[test]
    fn a_workload_is_in_one_domain() {
        assert_eq!(trust_domain("spiffe://prod.acme.com/ns/crm/sa/worker"), Some("prod.acme.com"));
        for bad in [
            "spiffe://prod.acme.com",
            "spiffe://prod.acme.com/",
            "spiffe://prod.acme.com/a//b",
            "spiffe://prod.acme.com/a/../b",
            "spiffe://Prod.acme.com/a",
            "spiffe://user@prod/a",
            "spiffe://prod:1/a",
            "spiffe:///a",
            "https://prod.acme.com/a",
            "spiffe://prod/a?b",
            "spiffe://prod/a%2fb",
        ] {
            assert_eq!(trust_domain(bad), None, "{bad}");
        }
    }
}
