//! Precedence, defaults, and one clear line for each bad value.

use deputy_federation::outbound::Roots;

use super::file::File;
use super::public_url::PublicUrl;
use super::settings::MasterKeySource;
use super::{Flags, Settings};

const CA: &str = include_str!("../../../federation/src/outbound/tests/ca.pem");
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn nothing_said_is_a_loopback_server_on_sqlite() {
    let settings = Settings::check(Flags::default()).expect("good");
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.database_url.expose(), "sqlite://deputy.db");
    assert!(matches!(settings.master_key, MasterKeySource::BesideDatabase));
    let url = settings.public_url("127.0.0.1:4711".parse().expect("an address")).expect("good");
    assert_eq!(url.as_str(), "http://127.0.0.1:4711");
    assert_eq!(settings.trust_domain(&url).as_deref(), Ok("127.0.0.1"));
    assert_eq!(url.issuer("acme"), "http://127.0.0.1:4711/t/acme");
}

#[test]
fn a_flag_or_variable_is_stronger_than_the_file() {
    let file = File::parse(
        "listen = \"127.0.0.1:1\"\nlog = \"debug\"\ntrusted_proxies = [\"10.0.0.1\", \"::1\"]\n\
         outbound_allow = [\"10.1.0.0/16\", \"::1\"]\noutbound_ca = \"/a.pem\"",
    )
    .expect("good");
    let flags =
        Flags { listen: some("127.0.0.1:2"), log: some(""), outbound_ca: some("/b.pem"), ..Flags::default() };
    let settings = Settings::check(file.beneath(flags)).expect("good");
    assert_eq!(settings.listen.port(), 2);
    assert_eq!(settings.log, "debug", "an empty variable is absent");
    assert!(settings.proxies.contains("::1".parse().expect("an address")));
    assert!(!settings.proxies.contains("10.0.0.2".parse().expect("an address")));
    assert!(settings.outbound.allow.contains("10.1.2.3".parse().expect("an address")));
    assert!(!settings.outbound.allow.contains("10.2.0.0".parse().expect("an address")));
    assert_eq!(settings.outbound.ca.as_deref(), Some(std::path::Path::new("/b.pem")));
}

#[test]
fn nothing_said_fetches_from_public_addresses_with_the_systems_cas() {
    let rules = Settings::check(Flags::default()).expect("good").outbound_rules().expect("good");
    assert_eq!(rules.roots, Roots::default());
    for private in ["127.0.0.1", "10.0.0.1", "::1"] {
        assert!(!rules.allow.contains(private.parse().expect("an address")));
    }
}

#[test]
fn the_file_of_cas_is_read_or_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |name: &str, text: Option<&str>| {
        let path = folder.path().join(name);
        if let Some(text) = text {
            std::fs::write(&path, text).expect("written");
        }
        let flags = Flags { outbound_ca: path.to_str().map(str::to_owned), ..Flags::default() };
        Settings::check(flags).expect("good").outbound_rules()
    };
    assert_ne!(of("good.pem", Some(CA)).expect("good").roots, Roots::default());
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (name, text) in [("missing.pem", None), ("empty.pem", Some("")), ("junk.pem", Some(junk))] {
        let line = of(name, text).expect_err("bad").to_string();
        assert!(line.starts_with("setting `outbound_ca` (--outbound-ca, DEPUTY_OUTBOUND_CA): `"), "{line}");
        assert!(line.contains(name) && !line.contains('\n'), "{line}");
    }
}

#[test]
fn the_stronger_source_of_the_master_key_wins_whole() {
    let file = File::parse("master_key_file = \"/a\"").expect("good");
    let flags = Flags { master_key: some(KEY), ..Flags::default() };
    let settings = Settings::check(file.beneath(flags)).expect("good");
    assert!(matches!(settings.master_key, MasterKeySource::Given(_)));
    assert!(!format!("{settings:?}").contains("AAEC"));
}

#[test]
fn a_bad_value_is_named_and_a_secret_is_not_shown() {
    let of = |flags: Flags| Settings::check(flags).map(|_| ()).expect_err("bad").to_string();
    let cases = [
        (Flags { listen: some("nowhere"), ..Flags::default() }, "listen"),
        (Flags { database_url: some("mysql://u:hunter2@h/d"), ..Flags::default() }, "database_url"),
        (Flags { database_url: some("postgres://h/d"), ..Flags::default() }, "master_key_file"),
        (Flags { public_url: some("https://a/b"), ..Flags::default() }, "public_url"),
        (Flags { public_url: some("https://u:hunter2@a"), ..Flags::default() }, "public_url"),
        (Flags { trust_domain: some("Not Good"), ..Flags::default() }, "trust_domain"),
        (Flags { master_key: some("hunter2"), ..Flags::default() }, "master_key"),
        (Flags { master_key: some(KEY), master_key_file: some("/k"), ..Flags::default() }, "master_key"),
        (Flags { bootstrap_key: some("dpy_hunter2"), ..Flags::default() }, "bootstrap_key"),
        (Flags { tls_cert: some("/c"), ..Flags::default() }, "tls_key"),
        (Flags { tls_client_ca: some("/c"), ..Flags::default() }, "tls_cert"),
        (Flags { trusted_proxies: some("10.0.0.0/33"), ..Flags::default() }, "trusted_proxies"),
        (Flags { outbound_allow: some("10.0.0.0/8, localhost"), ..Flags::default() }, "outbound_allow"),
        (Flags { metrics_listen: some(":9"), ..Flags::default() }, "metrics_listen"),
        (Flags { log: some("deputy=loud"), ..Flags::default() }, "log"),
    ];
    for (flags, name) in cases {
        let line = of(flags);
        assert!(line.starts_with(&format!("setting `{name}` ")), "{line}");
        assert!(!line.contains("hunter2") && !line.contains('\n'), "{line}");
    }
}

#[test]
fn a_wildcard_listener_needs_a_public_url() {
    let flags = Flags { listen: some("0.0.0.0:0"), ..Flags::default() };
    let settings = Settings::check(flags).expect("good");
    let line = settings.public_url(settings.listen).expect_err("bad").to_string();
    assert!(line.contains("DEPUTY_PUBLIC_URL"), "{line}");
}

#[test]
fn a_typing_mistake_in_the_file_is_an_error_with_its_line() {
    let line = File::parse("log = \"info\"\nmaster_kee = \"hunter2\"\n").expect_err("bad");
    assert!(line.starts_with("line 2: ") && !line.contains("hunter2"), "{line}");
}

#[test]
fn a_public_url_is_an_origin() {
    assert_eq!(
        PublicUrl::parse("https://Deputy.Example.com/").expect("good").as_str(),
        "https://deputy.example.com"
    );
    assert_eq!(PublicUrl::parse("http://[::1]:8080").expect("good").host(), "::1");
    for bad in ["deputy.example.com", "ftp://a", "https://a?q", "https://a#f", "https://a/x"] {
        assert!(PublicUrl::parse(bad).is_err(), "{bad}");
    }
}
