//! Filters that nobody means: the parser never panics, never recurses and does linear work.

use proptest::prelude::*;

use super::parse::{Reading, filter, value_path};
use super::*;
use crate::schema::{AGENT, USER};

fn work(text: &str) -> usize {
    filter(text, &USER, Reading::LIST).map_or(0, |read| read.work)
}

#[test]
fn work_is_linear_in_the_length() {
    for shape in
        [r#"title eq "aaaaaaaaaaaaaaaa" or "#, "not (title pr) and ", r#"emails[type eq "x"].value pr or "#]
    {
        let of = |n: usize| work(&format!("{}title pr", shape.repeat(n)));
        let (once, tenfold) = (of(10), of(100));
        assert!(once > 0 && tenfold > 0, "{shape}");
        assert!(tenfold < once * 12, "{shape}: {once} and {tenfold}");
    }
    let long = format!(r#"title eq "{}""#, "\\\"".repeat(8_000));
    assert!(work(&long) < long.len() * 3);
}

#[test]
fn bounds_are_kept() {
    let nested = |n: usize| format!("{}title pr{}", "(".repeat(n), ")".repeat(n));
    assert!(Filter::parse(&nested(MAX_NESTING - 1), &USER).is_ok());
    assert!(matches!(Filter::parse(&nested(MAX_NESTING), &USER), Err(FilterError::Nesting { .. })));
    assert!(matches!(Filter::parse(&"(".repeat(MAX_LENGTH), &USER), Err(FilterError::Nesting { .. })));
    let terms = |n: usize| vec!["title pr"; n].join(" and ");
    assert!(Filter::parse(&terms(MAX_TERMS), &USER).is_ok());
    assert_eq!(Filter::parse(&terms(MAX_TERMS + 1), &USER), Err(FilterError::Terms));
    assert_eq!(Filter::parse(&" ".repeat(MAX_LENGTH + 1), &USER), Err(FilterError::Length));
    let long = format!(r#"title eq "{}""#, "é".repeat(MAX_LENGTH));
    assert_eq!(Filter::parse(&long, &USER), Err(FilterError::Length));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_text_is_parsed_or_refused(text in any::<String>()) {
        let _ = Filter::parse(&text, &USER);
        let _ = value_path(&text, &USER);
    }

    #[test]
    fn any_row_of_tokens_is_parsed_or_refused(tokens in prop::collection::vec(prop::sample::select(vec![
        "(", ")", "[", "]", "and", "or", "not", "pr", "eq", "ne", "co", "gt", "title", "emails", "name", "type",
        ".value", "value", "emails.value", "\"x\"", "\"\"", "true", "null", "1", "manager", "\"", "é", " ", ".", "\\",
        "urn:ietf:params:scim:schemas:core:2.0:User:title", "schemas", "allowedScopes",
    ]), 0..40), spaced in any::<bool>()) {
        let text = tokens.join(if spaced { " " } else { "" });
        for resource in [&USER, &AGENT] {
            if let Ok(filter) = Filter::parse(&text, resource) {
                let _ = filter.matches(&serde_json::Map::new());
            }
            let _ = value_path(&text, resource);
        }
    }
}
