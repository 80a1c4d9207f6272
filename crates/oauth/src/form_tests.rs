//! Form bodies: what is read, what is refused.

use proptest::prelude::*;

use super::{Form, FormError};

#[test]
fn decodes_plus_and_percent() {
    let form = Form::parse(b"scope=read%3Adocs+write%3Adrafts&client%5Fid=a&u=%C3%A4").unwrap();
    assert_eq!(form.get("scope"), Some("read:docs write:drafts"));
    assert_eq!(form.get("client_id"), Some("a"));
    assert_eq!(form.get("u"), Some("ä"));
    assert_eq!(form.get("absent"), None);
}

#[test]
fn a_value_may_contain_an_equals_sign() {
    assert_eq!(Form::parse(b"a=b=c").unwrap().get("a"), Some("b=c"));
}

#[test]
fn an_empty_value_is_absent_but_still_counts_as_sent() {
    assert_eq!(Form::parse(b"scope=&x").unwrap().get("scope"), None);
    assert_eq!(Form::parse(b"scope=&scope=a").unwrap_err(), FormError::Repeated("scope".into()));
}

#[test]
fn only_resource_may_be_repeated() {
    let form = Form::parse(b"resource=a&x=1&resource=b&resource=").unwrap();
    assert_eq!(form.all("resource").collect::<Vec<_>>(), ["a", "b"]);
    // The name is compared after decoding.
    assert_eq!(Form::parse(b"scope=a&s%63ope=b").unwrap_err(), FormError::Repeated("scope".into()));
    assert_eq!(Form::parse(b"Resource=a&Resource=b").unwrap_err(), FormError::Repeated("Resource".into()));
}

#[test]
fn refuses_what_is_not_text() {
    for bad in [b"a=%".as_slice(), b"a=%4", b"a=%4g", b"a=%%41", b"a=%+1"] {
        assert_eq!(Form::parse(bad).unwrap_err(), FormError::Percent, "{bad:?}");
    }
    assert_eq!(Form::parse(b"a=%ff").unwrap_err(), FormError::Utf8);
    assert_eq!(Form::parse(b"a=\xff").unwrap_err(), FormError::Utf8);
    assert_eq!(Form::parse(b"a=%00").unwrap_err(), FormError::Nul);
    assert_eq!(Form::parse(b"a\0=1").unwrap_err(), FormError::Nul);
    let many = (0..65).map(|i| format!("p{i}=1")).collect::<Vec<_>>().join("&");
    assert_eq!(Form::parse(many.as_bytes()).unwrap_err(), FormError::TooMany);
}

#[test]
fn debug_shows_names_only() {
    let shown = format!("{:?}", Form::parse(b"client_secret=hunter2").unwrap());
    assert!(shown.contains("client_secret") && !shown.contains("hunter2"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn never_panics_and_agrees_with_another_reader(body in "[a-c=&%+0-9A-F]{0,40}") {
        let other: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        if let Ok(form) = Form::parse(body.as_bytes()) {
            for (name, value) in &other {
                prop_assert_eq!(form.get(name), Some(value.as_str()).filter(|value| !value.is_empty()));
            }
        }
    }

    #[test]
    fn survives_any_bytes(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Form::parse(&body);
    }

    #[test]
    fn reads_back_what_another_writer_wrote(values in proptest::collection::btree_map("[a-z]{1,6}", "[^\0]{1,20}", 0..8)) {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&values).finish();
        let form = Form::parse(body.as_bytes()).unwrap();
        for (name, value) in &values {
            prop_assert_eq!(form.get(name), Some(value.as_str()));
        }
    }
}
