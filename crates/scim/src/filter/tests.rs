//! The filters of RFC 7644 section 3.4.2.2 and those that Okta and Microsoft Entra ID send.

use serde_json::{Map, Value, json};

use super::*;
use crate::schema::{AGENT, GROUP, RESOURCE_TYPES, USER};

fn user() -> Map<String, Value> {
    let value = json!({
        "id": "2819c223", "externalId": "Ext-1", "userName": "BJensen", "title": "Tour Guide",
        "userType": "Employee", "active": true, "nickName": "",
        "name": {"familyName": "O'Malley", "givenName": "Barbara"},
        "emails": [
            {"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"}
        ],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Tours", "manager": {"value": "M-26"}
        },
        "meta": {"created": "2010-01-23T04:56:22Z", "lastModified": "2011-05-13T04:42:34Z"}
    });
    value.as_object().unwrap().clone()
}

fn holds(filter: &str) -> bool {
    Filter::parse(filter, &USER).unwrap_or_else(|error| panic!("{filter}: {error}")).matches(&user())
}

fn all_hold(filters: &[&str]) {
    for filter in filters {
        assert!(holds(filter), "{filter}");
    }
}

fn none_holds(filters: &[&str]) {
    for filter in filters {
        assert!(!holds(filter), "{filter}");
    }
}

#[test]
fn the_examples_of_the_rfc() {
    all_hold(&[
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "b""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "B""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:33Z""#,
        r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified lt "2011-05-13T04:42:35Z""#,
        r#"meta.lastModified le "2011-05-13T06:42:34+02:00""#,
        r#"title pr and userType eq "Employee""#,
        r#"title pr or userType eq "Intern""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and (emails.type eq "work")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    ]);
    none_holds(&[
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"emails[type eq "home" and value co "@example.com"]"#,
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
    ]);
}

#[test]
fn what_okta_and_entra_send() {
    all_hold(&[
        r#"emails[type eq "work"].value eq "bjensen@example.com""#,
        r#"emails[type eq "work"].value eq "BJENSEN@example.com" and active eq true"#,
        r#"id eq "2819c223" and manager eq "M-26""#,
        r#"externalId eq "Ext-1""#,
        r#"emails[type eq "work"].value pr"#,
        r#"emails[ type eq "work" ].value ne "x""#,
    ]);
    none_holds(&[
        r#"emails[type eq "home"].value eq "bjensen@example.com""#,
        r#"externalId eq "ext-1""#,
        r#"userName eq "7f1c2d9e-0000-4000-8000-000000000000""#,
        r#"id eq "2819c223" and manager eq "m-26""#,
    ]);
}

#[test]
fn not_binds_before_and_before_or() {
    all_hold(&[
        r#"title pr or title pr and userName eq "x""#,
        r#"not(userName eq "x") and title pr"#,
        r#"not (userName eq "x") and title pr"#,
        r#"NOT ( userName eq "x" ) AND title PR"#,
        r#"not (not (title pr))"#,
        r#"((title pr))"#,
    ]);
    none_holds(&[r#"(title pr or title pr) and userName eq "x""#, r#"not (title pr) or userName eq "x""#]);
}

#[test]
fn comparison_follows_the_attribute() {
    all_hold(&[
        r#"UserName EQ "BJENSEN""#,
        r#"active eq true"#,
        r#"active ne false"#,
        r#"userName ew "SEN""#,
        r#"userName gt "bj""#,
        r#"title eq "tour\u0020guide""#,
    ]);
    none_holds(&[r#"id eq "2819C223""#, r#"userName lt "bj""#, r#"active eq false"#]);
}

#[test]
fn unassigned_is_absent_is_null_is_empty() {
    all_hold(&[
        r#"nickName eq null"#,
        r#"nickName eq """#,
        r#"displayName eq null"#,
        r#"title ne null"#,
        r#"displayName ne "x""#,
        r#"ims.value ne "x""#,
        r#"emails.value ne "babs@jensen.org""#,
        r#"emails pr"#,
        r#"name pr"#,
        r#"manager ne null"#,
        r#"title co """#,
    ]);
    none_holds(&[
        "nickName pr",
        "ims pr",
        "profileUrl pr",
        r#"displayName eq "x""#,
        r#"displayName lt "x""#,
        r#"nickName sw """#,
        r#"not (displayName ne "x")"#,
        r#"name.honorificPrefix pr"#,
    ]);
}

#[test]
fn an_entry_matches_as_a_whole() {
    all_hold(&[
        r#"emails.type eq "home" and emails.value co "example.com""#,
        r#"emails[type eq "work" or type eq "other"]"#,
        r#"emails[not (type eq "work")]"#,
        r#"emails[primary eq true]"#,
        r#"name[familyName eq "O'MALLEY"]"#,
        r#"not (emails.value eq "nobody@example.com")"#,
    ]);
    none_holds(&[
        r#"emails[type eq "home" and value co "example.com"]"#,
        r#"addresses[not (type eq "work")]"#,
    ]);
}

#[test]
fn errors_name_the_place() {
    let error = |text: &str| Filter::parse(text, &USER).unwrap_err().to_string();
    assert_eq!(error(r#"userName xx "a""#), "`xx` at position 9 is not an operator");
    assert_eq!(error(r#"nope eq "a""#), "there is no attribute `nope` (at position 0)");
    assert_eq!(error(r#"emails[nope eq "a"]"#), "there is no attribute `nope` (at position 7)");
    assert_eq!(error(r#"(userName eq "a""#), "a closing bracket is expected at position 16");
    assert_eq!(error(r#"userName eq "a"#), "the string at position 12 is not a JSON string");
    assert_eq!(
        error(r#"active gt true"#),
        "`gt` cannot compare the boolean attribute `active` (at position 0)"
    );
    assert_eq!(
        error(r#"active eq "True""#),
        "the value at position 10 is not of the type of `active`, which is boolean"
    );
    assert_eq!(error(r#"password eq "x""#), "`password` cannot be searched (at position 0)");
    assert_eq!(error("not title pr"), "`(` is expected at position 4");
    assert_eq!(
        error(r#"meta.created gt "yesterday""#),
        "the value at position 16 is not of the type of `created`, which is dateTime"
    );
}

#[test]
fn what_is_no_filter_is_refused() {
    for bad in [
        "",
        " ",
        "and",
        "userName",
        "userName eq",
        r#"userName eq "a" and"#,
        r#"userName eq "a" userName eq "b""#,
        r#"userName eq "a")"#,
        r#"emails[type eq "work""#,
        r#"emails[emails[type eq "x"]]"#,
        r#"emails[]"#,
        "()",
        r#"emails[type eq "work")"#,
        r#"(emails[type eq "work")]"#,
        r#"userName eq 'a'"#,
        r#"userName eq a"#,
        r#"userName eq 1"#,
        r#"userName[value eq "x"]"#,
        r#"name eq "x""#,
        r#"x509Certificates.value co "a""#,
        r#"emails[type eq "work"] .value eq "x""#,
        r#"emails[type eq "work"].nope eq "x""#,
        r#"title co null"#,
        r#"title pr "x""#,
        r#"title eq "a" or or title pr"#,
        "\"a\" eq title",
        "title eq \"\\u0000\"",
        "title eq \"\\ud800\"",
        "title eq \"\u{1}\"",
        r#"schemas co "urn""#,
        r#"a;b eq "x""#,
        r#"meta.created co "20""#,
    ] {
        assert!(Filter::parse(bad, &USER).is_err(), "{bad}");
    }
}

#[test]
fn other_types_have_their_attributes() {
    let group = json!({"displayName": "Sales", "members": [{"value": "u1", "type": "User"}]});
    let members = Filter::parse(r#"members[value eq "u1"] and members.type eq "user""#, &GROUP).unwrap();
    assert!(members.matches(group.as_object().unwrap()));
    let agent = json!({"agentUserName": "crm", "urn:deputy:scim:schemas:extension:2.0:Agent": {"allowedScopes": ["read:a"]}});
    for filter in [
        r#"name eq "CRM""#,
        r#"allowedScopes eq "read:a""#,
        r#"urn:deputy:scim:schemas:extension:2.0:agent:allowedScopes[value sw "read:"]"#,
    ] {
        assert!(Filter::parse(filter, &AGENT).unwrap().matches(agent.as_object().unwrap()), "{filter}");
    }
}

#[test]
fn a_search_across_types_takes_what_one_of_them_has() {
    let filters = Filter::parse_across(r#"displayName eq "x" or userName eq "x""#, RESOURCE_TYPES).unwrap();
    assert_eq!(filters.len(), 3);
    let named = json!({"displayName": "X"});
    assert!(filters.iter().all(|filter| filter.matches(named.as_object().unwrap())));
    let lacking = Filter::parse_across(
        r#"userName ne "x" and not (emails[type eq "work"].value eq "x")"#,
        RESOURCE_TYPES,
    );
    assert!(lacking.unwrap()[1].matches(named.as_object().unwrap()));
    assert!(matches!(
        Filter::parse_across(r#"nope eq "x""#, RESOURCE_TYPES),
        Err(FilterError::UnknownAttribute { at: 0, .. })
    ));
}

#[test]
fn a_lookup_is_recognised() {
    let filter = Filter::parse(r#"userName eq "BJensen""#, &USER).unwrap();
    let (path, literal) = filter.as_lookup().unwrap();
    assert_eq!((path.key(), literal), (("", "userName", ""), &Literal::Text("bjensen".to_owned())));
    assert!(Filter::parse("userName pr", &USER).unwrap().as_lookup().is_none());
}
