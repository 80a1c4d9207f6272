//! Queries, orders, cursors, pages and projections.

use serde_json::{Map, Value, json};

use super::*;
use crate::resource::Resource;
use crate::schema::{GROUP, USER};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

fn user(value: Value) -> Resource {
    Resource::from_stored(&USER, object(value))
}

fn query(text: &str) -> ListQuery {
    ListQuery::from_query(text).unwrap()
}

#[test]
fn a_query_string_is_read() {
    let asked =
        query("filter=userName+eq+%22a%26b%22&startIndex=1&count=100&unknown=x&attributes=id,%20userName,");
    assert_eq!(asked.filter.as_deref(), Some("userName eq \"a&b\""));
    assert_eq!((asked.paging, asked.count), (Paging::Index(1), Some(100)));
    assert_eq!(asked.attributes, ["id", "userName"]);
    let odd = query("startIndex=-3&count=-1&sortOrder=DESCENDING&sortBy=title");
    assert_eq!((odd.paging.clone(), odd.count, odd.descending), (Paging::Index(1), Some(0), true));
    assert_eq!(
        (odd.page_size(100, 500), query("").page_size(100, 500), query("count=9999").page_size(100, 500)),
        (0, 100, 500)
    );
    assert_eq!(query("cursor&count=10").paging, Paging::Cursor(None));
    assert_eq!(query("cursor=ab").paging, Paging::Cursor(Some("ab".to_owned())));
}

#[test]
fn a_query_that_is_wrong_is_refused() {
    let wrong = |text: &str| ListQuery::from_query(text).unwrap_err();
    assert_eq!(wrong("count=x"), QueryError::Value("count"));
    assert_eq!(wrong("cursor&count=x"), QueryError::Count);
    assert_eq!(wrong("startIndex=1.5"), QueryError::Value("startIndex"));
    assert_eq!(wrong("sortOrder=up"), QueryError::Value("sortOrder"));
    assert_eq!(wrong("filter=a&FILTER=b"), QueryError::Repeated("filter"));
    assert_eq!(wrong("cursor=a&startIndex=1"), QueryError::TwoPagings);
    for text in ["filter=%", "filter=%2", "filter=%zz", "filter=%ff", "filter=%00"] {
        assert_eq!(wrong(text), QueryError::Encoding, "{text}");
    }
    assert_eq!(wrong(&format!("attributes={}", "a,".repeat(300))), QueryError::TooManyNames("attributes"));
}

#[test]
fn a_search_request_is_the_same_in_json() {
    let body = json!({"schemas": [SEARCH_URN], "attributes": ["displayName", "userName"],
        "filter": "displayName sw \"smith\"", "startIndex": 1, "count": 10, "sortBy": "userName"});
    let asked = ListQuery::from_search(&object(body)).unwrap();
    assert_eq!(asked.filter.as_deref(), Some("displayName sw \"smith\""));
    assert_eq!((asked.count, asked.attributes.len()), (Some(10), 2));
    assert_eq!(ListQuery::from_search(&object(json!({"filter": "x"}))), Err(QueryError::Schemas));
    let wrong = json!({"schemas": [SEARCH_URN], "filter": 1});
    assert_eq!(ListQuery::from_search(&object(wrong)), Err(QueryError::Value("filter")));
    let cursor = json!({"schemas": [SEARCH_URN], "cursor": "", "count": 10});
    assert_eq!(ListQuery::from_search(&object(cursor)).unwrap().paging, Paging::Cursor(None));
}

#[test]
fn sorting_follows_the_attribute() {
    let users = [
        json!({"id": "1", "userName": "b", "meta": {"created": "2011-01-01T00:00:00+02:00"}}),
        json!({"id": "2", "userName": "A", "emails": [{"value": "z"}, {"value": "C", "primary": true}]}),
        json!({"id": "3", "userName": "a", "emails": [{"value": "d"}], "meta": {"created": "2010-12-31T23:00:00Z"}}),
    ]
    .map(user);
    let order = |by: &str, descending| {
        let sort = Sort::parse(by, descending, &USER).unwrap();
        let mut sorted: Vec<&Resource> = users.iter().collect();
        sorted.sort_by(|a, b| sort.compare(a, b));
        sorted.iter().map(|one| one.text("id").unwrap()).collect::<String>()
    };
    assert_eq!(order("userName", false), "231");
    assert_eq!(order("userName", true), "123");
    assert_eq!(order("emails", false), "231");
    assert_eq!(order("emails.value", true), "132");
    assert_eq!(order("meta.created", false), "132");
    assert_eq!(order("meta.created", true), "231");
    for bad in ["nope", "name", "password", "x509Certificates", ""] {
        assert!(matches!(Sort::parse(bad, false, &USER), Err(QueryError::SortBy(_))), "{bad}");
    }
}

#[test]
fn a_cursor_is_good_for_its_query_and_its_time() {
    let asked = query("filter=title+pr&sortBy=userName&cursor");
    for key in [None, Some(SortKey::Number(-7)), Some(SortKey::Text("é".to_owned()))] {
        let cursor = Cursor { key, id: "7".to_owned() };
        let text = cursor.encode(&asked, 1_000);
        assert!(text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(Cursor::decode(&text, &asked, 1_600, 600), Ok(cursor));
        assert_eq!(Cursor::decode(&text, &asked, 1_601, 600), Err(QueryError::CursorExpired));
        assert_eq!(Cursor::decode(&text, &query("sortBy=userName"), 1_000, 600), Err(QueryError::Cursor));
    }
    for bad in ["", "a", "zz", "7b7d", "é", &"0".repeat(100_000)] {
        assert_eq!(Cursor::decode(bad, &asked, 0, 600), Err(QueryError::Cursor), "{bad:.20}");
    }
}

#[test]
fn a_page_counts_what_came_back() {
    let page = ListResponse { total: Some(0), start_index: Some(1), ..ListResponse::default() };
    let expected = json!({"schemas": [LIST_URN], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []});
    assert_eq!(page.body(), expected);
    let page = ListResponse {
        next_cursor: Some("ab".to_owned()),
        resources: vec![json!({})],
        ..ListResponse::default()
    };
    assert_eq!(
        page.body(),
        json!({"schemas": [LIST_URN], "nextCursor": "ab", "itemsPerPage": 1, "Resources": [{}]})
    );
    assert_eq!(ListResponse::complete(vec![json!({})]).body()["totalResults"], 1);
}

fn shown(parameters: &str) -> Value {
    let one = user(
        json!({"id": "7", "userName": "a", "title": "t", "password": "never", "name": {"givenName": "g", "familyName": "f"},
        "emails": [{"value": "x", "type": "work"}, {"type": "home"}], (ENTERPRISE): {"department": "d", "manager": {"value": "m"}}}),
    );
    Projection::from_query(parameters, &USER).unwrap().apply(&one)
}

#[test]
fn everything_is_returned_but_what_never_is() {
    let all = shown("");
    assert_eq!(all["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]));
    assert!(all.get("password").is_none() && shown("attributes=password").get("password").is_none());
    assert_eq!(all["emails"].as_array().unwrap().len(), 2);
}

#[test]
fn attributes_choose() {
    const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    assert_eq!(shown("attributes=id"), json!({"schemas": [CORE], "id": "7"}));
    assert_eq!(shown("attributes=nope"), json!({"schemas": [CORE], "id": "7"}));
    assert_eq!(
        shown("attributes=NAME.familyname,emails.value,title"),
        json!({"schemas": [CORE], "id": "7", "title": "t", "name": {"familyName": "f"}, "emails": [{"value": "x"}]})
    );
    let extended = shown(&format!("attributes={ENTERPRISE}:department"));
    assert_eq!(
        extended,
        json!({"schemas": [CORE, ENTERPRISE], "id": "7", (ENTERPRISE): {"department": "d"}})
    );
    assert_eq!(
        shown(&format!("attributes={ENTERPRISE}"))[ENTERPRISE],
        json!({"department": "d", "manager": {"value": "m"}})
    );
}

#[test]
fn excluded_attributes_are_left_out_unless_they_always_are_returned() {
    let rest = shown(&format!("excludedAttributes=id,emails,name.givenName,{ENTERPRISE}"));
    assert_eq!(
        rest,
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "7", "userName": "a",
        "title": "t", "name": {"familyName": "f"}})
    );
}

#[test]
fn a_group_is_asked_whether_it_needs_its_members() {
    let wants = |text: &str| Projection::from_query(text, &GROUP).unwrap().wants("members", &GROUP);
    for text in ["", "attributes=members", "attributes=members.value", "excludedAttributes=displayName"] {
        assert!(wants(text), "{text}");
    }
    for text in [
        "excludedAttributes=members",
        "attributes=id,displayName",
        "attributes=members&excludedAttributes=members",
    ] {
        assert!(!wants(text), "{text}");
    }
    assert!(Projection::from_query("attributes=id", &GROUP).unwrap().is_asked());
    assert!(!Projection::from_query("excludedAttributes=members", &GROUP).unwrap().is_asked());
}
