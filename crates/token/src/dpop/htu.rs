//! The target URI of a proof, in the one form in which two spellings of it are equal.
//!
//! RFC 9449 section 4.3 asks for a comparison without query and fragment after syntax-based and scheme-based
//! normalisation (RFC 3986 sections 6.2.2 and 6.2.3): case of scheme and host, the default port, percent
//! escapes, dot segments, the empty path. What has no clear reading has no form: user information, an escape
//! that is none, any scheme but `http` and `https`.

/// The normal form, without query and fragment; `None` for what is no absolute HTTP URI.
pub(super) fn normalized(uri: &str) -> Option<String> {
    if !uri.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>')) {
        return None;
    }
    let uri = uri.split(['?', '#']).next()?;
    let (scheme, rest) = uri.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let (authority, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
    let (host, port) = host_and_port(authority)?;
    let port = match port {
        "" => default_port,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse::<u16>().ok()?,
        _ => return None,
    };
    let mut normal = format!("{scheme}://{}", host.to_ascii_lowercase());
    if port != default_port {
        normal.push(':');
        normal.push_str(&port.to_string());
    }
    normal.push_str(&without_dot_segments(&with_plain_escapes(path)?));
    Some(normal)
}

fn host_and_port(authority: &str) -> Option<(&str, &str)> {
    if authority.contains(['@', '%']) {
        return None;
    }
    // An IPv6 address has colons of its own, inside brackets.
    let end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let (address, rest) = authority.split_at_checked(end)?;
    let (name, port) = rest.split_once(':').unwrap_or((rest, ""));
    match (address.is_empty(), name.is_empty()) {
        (true, false) if !name.contains('[') => Some((name, port)),
        (false, true) if address.starts_with('[') => Some((address, port)),
        _ => None,
    }
}

/// Escapes in upper case, and none where the character needs none (RFC 3986 sections 6.2.2.1 and 6.2.2.2).
fn with_plain_escapes(path: &str) -> Option<String> {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((plain, escape)) = rest.split_once('%') {
        out.push_str(plain);
        let (digits, after) = escape.split_at_checked(2)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let byte = u8::from_str_radix(digits, 16).ok()?;
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&digits.to_ascii_uppercase());
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// RFC 3986 section 5.2.4, for a path that is absolute or empty.
fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            name => {
                kept.push(name);
                continue;
            }
        }
        // A dot segment at the end leaves the slash before it.
        if segments.peek().is_none() {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::normalized;

    #[test]
    fn spellings_of_one_target_are_equal() {
        let wanted = normalized("https://server.example.com/token").unwrap();
        assert_eq!(wanted, "https://server.example.com/token");
        for same in [
            "HTTPS://Server.EXAMPLE.com/token",
            "https://server.example.com:443/token",
            "https://server.example.com:/token",
            "https://server.example.com/token?a=b",
            "https://server.example.com/token#c",
            "https://server.example.com/token?a=/../x#c",
            "https://server.example.com/t%6Fken",
            "https://server.example.com/./x/../token",
            "https://server.example.com/x/%2e%2E/token",
        ] {
            assert_eq!(normalized(same).as_ref(), Some(&wanted), "{same}");
        }
        assert_eq!(normalized("http://a").as_deref(), Some("http://a/"));
        assert_eq!(normalized("http://a/b/.").as_deref(), Some("http://a/b/"));
        assert_eq!(normalized("http://a/b/c/..").as_deref(), Some("http://a/b/"));
        assert_eq!(normalized("http://a/../../b").as_deref(), Some("http://a/b"));
        assert_eq!(normalized("http://a/b//c/%3a").as_deref(), Some("http://a/b//c/%3A"));
        assert_eq!(normalized("http://[::1]:8080/x").as_deref(), Some("http://[::1]:8080/x"));
        assert_eq!(normalized("http://[2001:DB8::1]:80").as_deref(), Some("http://[2001:db8::1]/"));
    }

    #[test]
    fn other_targets_are_not() {
        let wanted = normalized("https://server.example.com/token").unwrap();
        for other in [
            "http://server.example.com/token",
            "https://server.example.com:8443/token",
            "https://server.example.com/token/",
            "https://server.example.com/Token",
            "https://server.example.com//token",
            "https://server.example.com/token%2F",
            "https://server.example.co/token",
        ] {
            let other = normalized(other).unwrap();
            assert_ne!(other, wanted);
        }
        for none in [
            "",
            "/token",
            "server.example.com/token",
            "https:/server.example.com/token",
            "ftp://server.example.com/token",
            "https://user@server.example.com/token",
            "https:///token",
            "https://server.example.com:x/token",
            "https://server.example.com:70000/token",
            "https://server.example.com/%2",
            "https://server.example.com/%zz",
            "https://server.example.com/a b",
            "https://server.example.com\\token",
            "https://serv\u{e9}r.example.com/token",
            "https://[::1/token",
            "https://a[::1]/token",
        ] {
            assert_eq!(normalized(none), None, "{none}");
        }
    }
}
