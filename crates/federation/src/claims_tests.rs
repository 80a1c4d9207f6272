//! Rules over claims, and the JSON pointers that name them (RFC 6901).

use deputy_mandate::{Members, Value};
use proptest::prelude::*;
use proptest::sample::select;

use crate::claims::{Test, find};

fn value(json: &str) -> Value {
    Value::parse(json).unwrap()
}

fn members(json: &str) -> Members {
    value(json).as_object().unwrap().clone()
}

/// RFC 6901 section 5.
fn example() -> Members {
    members(r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#)
}

#[test]
fn pointers_are_evaluated_as_in_the_rfc() {
    let claims = example();
    for (pointer, expected) in [
        ("/foo", r#"["bar","baz"]"#),
        ("/foo/0", r#""bar""#),
        ("/foo/1", r#""baz""#),
        ("/", "0"),
        ("/a~1b", "1"),
        ("/c%d", "2"),
        ("/e^f", "3"),
        ("/g|h", "4"),
        (r"/i\j", "5"),
        (r#"/k"l"#, "6"),
        ("/ ", "7"),
        ("/m~0n", "8"),
    ] {
        assert_eq!(find(&claims, pointer), Some(&value(expected)), "{pointer}");
    }
}

#[test]
fn an_index_is_spelled_in_one_way() {
    let claims = members(r#"{"a":[0,1,2,3,4,5,6,7,8,9,10,11],"o":{"01":1,"-":2,"+1":3}}"#);
    for index in 0..12_u32 {
        assert_eq!(find(&claims, &format!("/a/{index}")), Some(&Value::from(index)));
    }
    for none in [
        "/a/00",
        "/a/01",
        "/a/010",
        "/a/+1",
        "/a/-1",
        "/a/-0",
        "/a/-",
        "/a/",
        "/a/ 1",
        "/a/1 ",
        "/a/1.0",
        "/a/1e0",
        "/a/0x1",
        "/a/12",
        "/a/١",
        "/a/18446744073709551616",
        "/a/1/0",
        "/a/1/",
        "/a//1",
    ] {
        assert_eq!(find(&claims, none), None, "{none}");
    }
    // They are names like any other in an object.
    for (pointer, found) in [("/o/01", 1), ("/o/-", 2), ("/o/+1", 3)] {
        assert_eq!(find(&claims, pointer), Some(&Value::from(found)));
    }
}

#[test]
fn escapes_are_two() {
    let claims = members(r#"{"~":1,"/":2,"~1":3,"~0":4,"~2":5,"a~":6,"~/":7,"a~~b":8}"#);
    for (pointer, found) in [
        ("/~0", 1),
        ("/~1", 2),
        ("/~01", 3),
        ("/~00", 4),
        ("/~02", 5),
        ("/a~0", 6),
        ("/~0~1", 7),
        ("/a~0~0b", 8),
    ] {
        assert_eq!(find(&claims, pointer), Some(&Value::from(found)), "{pointer}");
    }
    for none in ["/~", "/~2", "/a~", "/~~", "/a~~b", "/~x", "/~é"] {
        assert_eq!(find(&claims, none), None, "{none}");
    }
    // Deeper ones, too.
    let claims = members(r#"{"a":{"~":1,"b":[{"~2":2}]}}"#);
    assert_eq!(find(&claims, "/a/~0"), Some(&Value::from(1)));
    assert_eq!(find(&claims, "/a/b/0/~02"), Some(&Value::from(2)));
    assert_eq!((find(&claims, "/a/~"), find(&claims, "/a/b/0/~2")), (None, None));
}

#[test]
fn a_name_without_a_slash_is_a_name() {
    let claims = members(r#"{"a/b":1,"a":{"b":2},"":3,"https://acme.com/groups":["x"],"~0":4,"0":5}"#);
    for (name, found) in [("a/b", 1), ("/a/b", 2), ("", 3), ("/", 3), ("~0", 4), ("0", 5)] {
        assert_eq!(find(&claims, name), Some(&Value::from(found)), "{name}");
    }
    assert!(find(&claims, "https://acme.com/groups").is_some());
    assert!(find(&claims, "/https:~1~1acme.com~1groups/0").is_some());
    for none in ["/https://acme.com/groups", "b", "a.b", "/a/b/c", "//", "/a~1b/"] {
        assert_eq!(find(&claims, none), None, "{none}");
    }
}

/// Values of which some look alike, and none is equal to another.
const ALL: [&str; 20] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "0.5",
    r#""""#,
    r#""1""#,
    r#""true""#,
    r#""null""#,
    r#""eng""#,
    r#""Eng""#,
    r#""eng ""#,
    r#""engine""#,
    "[]",
    r#"["eng"]"#,
    r#"["eng","ops"]"#,
    r#"[["eng"]]"#,
    r#"{"eng":true}"#,
];

#[test]
fn equals_is_equality() {
    for (a, first) in ALL.iter().enumerate() {
        for (b, second) in ALL.iter().enumerate() {
            let claims = Members::from([("c".to_owned(), value(first))]);
            let test = Test::Equals(value(second));
            assert_eq!(test.passes(&claims, "c"), a == b, "{first} {second}");
            assert!(!test.passes(&claims, "absent"));
            assert!(!test.passes(&Members::new(), "c"));
        }
    }
    // One number has several spellings.
    let claims = members(r#"{"c":1.0,"d":[10e-1]}"#);
    assert!(Test::Equals(Value::from(1)).passes(&claims, "c"));
    assert!(Test::Contains(Value::from(1)).passes(&claims, "d"));
}

fn json() -> impl Strategy<Value = Value> {
    select(ALL.to_vec()).prop_map(value)
}

fn text() -> impl Strategy<Value = String> {
    select(vec!["", "e", "en", "eng", "Eng", "engi", "ops", "é", "e\u{301}", "eng-ops"])
        .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn contains_is_membership(items in prop::collection::vec(json(), 0..6), wanted in json()) {
        let claims = Members::from([("c".to_owned(), Value::Array(items.clone()))]);
        let expected = items.iter().any(|item| item.to_canonical() == wanted.to_canonical());
        prop_assert_eq!(Test::Contains(wanted).passes(&claims, "c"), expected);
    }

    #[test]
    fn only_an_array_contains(found in json(), wanted in json()) {
        let claims = Members::from([("c".to_owned(), found.clone())]);
        let expected = matches!(&found, Value::Array(items) if items.contains(&wanted));
        prop_assert_eq!(Test::Contains(wanted.clone()).passes(&claims, "c"), expected);
        prop_assert!(!Test::Contains(wanted).passes(&claims, "d"));
    }

    #[test]
    fn a_prefix_is_of_the_text_or_of_one_of_the_texts(texts in prop::collection::vec(text(), 0..4), prefix in text()) {
        let test = Test::MatchesPrefix(prefix.clone());
        for one in &texts {
            let claims = Members::from([("c".to_owned(), Value::from(one.as_str()))]);
            prop_assert_eq!(test.passes(&claims, "c"), one.as_bytes().starts_with(prefix.as_bytes()));
        }
        let expected = texts.iter().any(|one| one.as_bytes().starts_with(prefix.as_bytes()));
        let mut items: Vec<Value> = texts.iter().map(|one| Value::from(one.as_str())).collect();
        items.extend([Value::Null, Value::from(1), Value::Array(vec![Value::from(prefix.as_str())])]);
        let claims = Members::from([("c".to_owned(), Value::Array(items))]);
        prop_assert_eq!(test.passes(&claims, "c"), expected);
    }

    #[test]
    fn what_is_no_text_begins_with_nothing(found in json(), prefix in text()) {
        let claims = Members::from([("c".to_owned(), found.clone())]);
        let is_text = found.as_str().is_some_and(|text| text.starts_with(&prefix));
        let has_text = matches!(&found, Value::Array(items) if items.iter().any(|item| item.as_str().is_some_and(|text| text.starts_with(&prefix))));
        prop_assert_eq!(Test::MatchesPrefix(prefix).passes(&claims, "c"), is_text || has_text);
    }

    /// Every member of every object is named by its escaped path, and whatever else is asked, nothing panics.
    #[test]
    fn every_name_can_be_pointed_at(names in prop::collection::vec(".{0,6}|[~/01]{0,4}", 1..5), noise in "[/~01a-]{0,12}") {
        let mut nested = Value::from("here");
        for name in names.iter().rev() {
            nested = Value::Object(Members::from([(name.clone(), nested)]));
        }
        let claims = nested.as_object().unwrap();
        let pointer: String =
            names.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect();
        prop_assert_eq!(find(claims, &pointer), Some(&Value::from("here")));
        prop_assert_eq!(find(claims, &format!("{pointer}/x")), None);
        let _ = find(claims, &noise);
    }
}
