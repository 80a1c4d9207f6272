//! Every spelling that a URL may use for an address, and every URL that is not asked.

use super::*;

fn of(url: &str, allow: &str) -> Result<Target, FetchError> {
    Target::verify(url, &Networks::parse(allow).unwrap())
}

fn host(url: &str, allow: &str) -> String {
    of(url, allow).unwrap_or_else(|error| panic!("{url}: {error}")).host
}

#[test]
fn public_hosts_are_asked_by_https() {
    for (url, name) in [
        ("https://idp.example.com/.well-known/openid-configuration", "idp.example.com"),
        ("https://idp.example.com:8443/a?b=c", "idp.example.com"),
        ("https://8.8.8.8/", "8.8.8.8"),
        ("https://[2606:4700::1111]:1/", "[2606:4700::1111]"),
        ("HTTPS://IDP.Example.com", "idp.example.com"),
    ] {
        assert_eq!(host(url, ""), name);
    }
}

#[test]
fn what_is_no_https_url_is_refused() {
    for url in [
        "http://idp.example.com/",
        "http://8.8.8.8/",
        "http://10.0.0.1/",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://sub.localhost/",
        "http://localhost./",
        "http://[::ffff:127.0.0.1]/",
        "ftp://idp.example.com/",
        "file:///etc/passwd",
        "data:text/plain,x",
        "//idp.example.com/",
        "/a",
        "",
        "https://",
        "https:///",
        "https://user@idp.example.com/",
        "https://:password@idp.example.com/",
        "https://idp.example.com/#part",
        "https://idp.example.com/#",
        "https://[fe80::1%25eth0]/",
        "https://[::1%lo]/",
        "https://[::1",
        "https://256.0.0.1/",
        "https://1.2.3.4.5/",
        "https://idp.example.com:99999/",
    ] {
        let refused = of(url, "0.0.0.0/0, ::/0").unwrap_err();
        assert!(matches!(refused, FetchError::Url(_)), "{url}: {refused:?}");
    }
}

#[test]
fn loopback_is_asked_in_whatever_spelling_only_where_it_is_allowed() {
    for spelling in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0X7F.0.0.0x1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "%31%32%37.0.0.1",
        "127.0.0.\t1",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{spelling}:9/x");
            assert_eq!(host(&url, "127.0.0.1"), "127.0.0.1", "{url}");
            for allow in ["", "127.0.0.2", "::1", "10.0.0.0/8"] {
                let refused = of(&url, allow).unwrap_err();
                assert_eq!(refused, FetchError::Private { host: "127.0.0.1".to_owned() }, "{url}");
            }
        }
    }
}

#[test]
fn loopback_of_ipv6_and_its_name_are_asked_only_where_they_are_allowed() {
    for (url, shown, allow) in [
        ("http://[::1]:9/", "[::1]", "::1"),
        ("http://[0:0:0:0:0:0:0:1]/", "[::1]", "::/64"),
        ("https://[::0.0.0.1]/", "[::1]", "::1"),
        ("http://localhost:9/", "localhost", "127.0.0.0/8"),
        ("http://LOCALHOST/", "localhost", "::1"),
        ("https://localhost/", "localhost", "127.0.0.1"),
    ] {
        assert_eq!(host(url, allow), shown);
        for other in ["", "10.0.0.0/8"] {
            assert_eq!(of(url, other).unwrap_err(), FetchError::Private { host: shown.to_owned() }, "{url}");
        }
    }
}

#[test]
fn private_addresses_are_asked_by_https_only_where_they_are_allowed() {
    for (url, allow) in [
        ("https://10.1.2.3/", "10.0.0.0/8"),
        ("https://0xa.66051/", "10.1.2.3"),
        ("https://169.254.169.254/latest/meta-data", "169.254.169.254"),
        ("https://2852039166/", "169.254.169.254"),
        ("https://0/", "0.0.0.0"),
        ("https://[::]/", "::"),
        ("https://[fd00::1]/", "fd00::/8"),
        ("https://[fe80::1]/", "fe80::/10"),
        ("https://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"),
        ("https://[::ffff:a9fe:a9fe]/", "::ffff:0:0/96"),
        ("https://[::127.0.0.1]/", "::127.0.0.1"),
        ("https://[64:ff9b::10.0.0.1]/", "64:ff9b::/96"),
        ("https://[2002:7f00:1::]/", "2002:7f00:1::"),
    ] {
        assert!(of(url, allow).is_ok(), "{url}");
        for other in ["", "127.0.0.0/8, 192.168.0.0/16"] {
            let refused = of(url, other).unwrap_err();
            assert!(matches!(refused, FetchError::Private { .. }), "{url}: {refused:?}");
        }
    }
}

#[test]
fn an_error_repeats_nothing_that_may_be_secret() {
    for (url, shown) in [
        ("http://idp.example.com/a?code=hunter2", "http://idp.example.com/a"),
        ("https://me:hunter2@idp.example.com/a", "https://idp.example.com/a"),
        ("https://me:hunt@er2@idp.example.com/a", "https://idp.example.com/a"),
        ("https://idp.example.com/a#hunter2", "https://idp.example.com/a"),
        ("me:hunter2@idp.example.com?hunter2", "idp.example.com"),
        ("https:// /?code=hunter2", "https:// /"),
    ] {
        assert_eq!(of(url, "").unwrap_err(), FetchError::Url(shown.to_owned()));
    }
    let long = format!("ftp://{}", "a".repeat(10_000));
    assert!(of(&long, "").unwrap_err().to_string().len() < 300);
}
