//! Issuers that sign for everybody, and hosts that look like a product's.

use deputy_mandate::{Members, Value};
use serde_json::json;

use crate::product::{IssuerProblem, Product, is_of_domain, verify_issuer};

const DIRECTORY: &str = "8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b";

fn entra(directory: &str) -> Result<Product, IssuerProblem> {
    verify_issuer(&format!("https://login.microsoftonline.com/{directory}/v2.0"), None, None)
}

#[test]
fn a_directory_is_named_by_a_guid() {
    assert_eq!(entra(DIRECTORY), Ok(Product::Entra));
    assert_eq!(entra(&DIRECTORY.to_uppercase()), Ok(Product::Entra));
    for bad in [
        "8d2a6d6e3f0c4b7a9f392b7f0f1f2a3b",
        "{8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b}",
        "8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3",
        "8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b0",
        "8d2a6d6e-3f0c-4b7a-9f392-b7f0f1f2a3b",
        "8d2a6d6g-3f0c-4b7a-9f39-2b7f0f1f2a3b",
        "8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b-",
        " 8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b",
        "8d2a6d6e%2d3f0c-4b7a-9f39-2b7f0f1f2a3b",
        "8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b/../common",
        "common",
        "COMMON",
        "adfs",
        "contoso.onmicrosoft.com",
    ] {
        assert_eq!(entra(bad), Err(IssuerProblem::EntraDirectory), "{bad}");
    }
}

#[test]
fn the_directory_of_every_personal_account_is_nobodys_own() {
    let consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
    for everybody in [consumers, &consumers.to_uppercase()] {
        assert_eq!(entra(everybody), Err(IssuerProblem::EntraDirectory));
        let older = format!("https://sts.windows.net/{everybody}/");
        assert_eq!(verify_issuer(&older, Some(Product::Generic), None), Err(IssuerProblem::EntraDirectory));
    }
    assert_eq!(entra("9188040d-6c67-4c5b-b112-36a304b66dae"), Ok(Product::Entra));
}

#[test]
fn every_cloud_of_entra_is_known() {
    for host in [
        "login.microsoftonline.com",
        "sts.windows.net",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "LOGIN.microsoftonline.com",
    ] {
        let of = |directory: &str| verify_issuer(&format!("https://{host}/{directory}/"), None, None);
        assert_eq!(of(DIRECTORY), Ok(Product::Entra), "{host}");
        assert_eq!(of("common"), Err(IssuerProblem::EntraDirectory), "{host}");
    }
}

#[test]
fn a_host_is_okta_s_only_below_its_domains() {
    for okta in [
        "https://acme.okta.com",
        "https://acme.okta.com/oauth2/default",
        "https://acme.oktapreview.com",
        "https://acme.okta-emea.com",
        "https://acme.okta-gov.com",
        "https://ACME.Okta.com",
        "https://acme.okta.com:443/",
    ] {
        assert_eq!(verify_issuer(okta, None, None), Ok(Product::Okta), "{okta}");
        assert_eq!(verify_issuer(okta, Some(Product::Google), None), Err(IssuerProblem::Preset));
    }
    for other in [
        "https://okta.com",
        "https://acmeokta.com",
        "https://acme-okta.com",
        "https://acme.okta.com.evil.example",
        "https://okta.com.evil.example",
        "https://acme.okta.co",
        "https://acme.okta.comm",
        "https://evil.example/acme.okta.com",
        "https://evil.example/.okta.com",
        "https://acme.okta.com@evil.example",
        "https://evil.example:443/okta.com",
        "https://acme.okta\u{43e}.com",
    ] {
        assert_eq!(verify_issuer(other, None, None), Ok(Product::Generic), "{other}");
    }
}

#[test]
fn google_is_one_issuer_and_no_other_spelling() {
    let with_domain = |issuer: &str| verify_issuer(issuer, None, Some("acme.com"));
    assert_eq!(with_domain("https://accounts.google.com"), Ok(Product::Google));
    for spelling in [
        "https://accounts.google.com/",
        "https://Accounts.google.com",
        "https://accounts.google.com:443",
        "http://accounts.google.com",
        "https://accounts.google.com/o/oauth2",
        "https://me@accounts.google.com",
        "https://accounts.google.com?x",
        "https://accounts.google.com#x",
        "accounts.google.com",
    ] {
        assert_eq!(with_domain(spelling), Err(IssuerProblem::Url), "{spelling}");
    }
    assert_eq!(with_domain("https://accounts.google.com.evil.example"), Ok(Product::Generic));
}

#[test]
fn a_hosted_domain_is_the_one_that_google_says() {
    let of = |hd: serde_json::Value| {
        let claims: Members = Value::parse(&json!({"hd": hd, "email": "a@acme.com"}).to_string())
            .unwrap()
            .as_object()
            .unwrap()
            .clone();
        is_of_domain(&claims, "acme.com")
    };
    assert!(of(json!("acme.com")) && of(json!("ACME.com")));
    for other in [
        json!("evil.com"),
        json!(""),
        json!("acme.com "),
        json!("sub.acme.com"),
        json!("xacme.com"),
        json!(["acme.com"]),
        json!(null),
        json!(true),
    ] {
        assert!(!of(other.clone()), "{other}");
    }
    // The address says nothing: anybody may open a Google account with it.
    assert!(!is_of_domain(&Members::from([("email".to_owned(), "a@acme.com".into())]), "acme.com"));
}

#[test]
fn an_issuer_is_an_address_without_a_query() {
    assert_eq!(verify_issuer("https://id.acme.com/realms/a", None, None), Ok(Product::Generic));
    for bad in
        ["", "id.acme.com", "https://", "urn:acme", "https://id.acme.com?", "https://id.acme.com#", "/x"]
    {
        assert_eq!(verify_issuer(bad, None, None), Err(IssuerProblem::Url), "{bad}");
    }
}

#[test]
fn names_of_products_are_read_back() {
    for product in [Product::Okta, Product::Entra, Product::Google, Product::Generic] {
        assert_eq!(Product::parse(product.as_str()), Some(product));
    }
    for other in ["", "Okta", "okta ", "auth0"] {
        assert_eq!(Product::parse(other), None, "{other}");
    }
}
