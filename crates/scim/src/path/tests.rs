//! Paths in the forms that RFC 7644 section 3.10 and real clients use.

use super::*;
use crate::schema::{AGENT, USER};

fn text(path: &str) -> Result<String, PathError> {
    Path::parse(path, &USER).map(|path| path.to_string())
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn names_and_urns_ignore_case() {
    assert_eq!(text("USERNAME").unwrap(), "userName");
    assert_eq!(text("name.familyname").unwrap(), "name.familyName");
    assert_eq!(text("Emails.Value").unwrap(), "emails.value");
    assert_eq!(text("URN:ietf:params:scim:schemas:core:2.0:USER:name.givenName").unwrap(), "name.givenName");
    assert_eq!(text(&format!("{ENTERPRISE}:Department")).unwrap(), format!("{ENTERPRISE}:department"));
    assert_eq!(text("urn:ietf:params:scim:schemas:core:2.0:User:meta.created").unwrap(), "meta.created");
    assert_eq!(text("groups.$ref").unwrap(), "groups.$ref");
}

#[test]
fn an_extension_is_found_without_its_urn() {
    assert_eq!(text("manager.value").unwrap(), format!("{ENTERPRISE}:manager.value"));
    let alias = Path::parse("name", &AGENT).unwrap();
    assert_eq!(alias.key(), ("", "agentUserName", ""));
}

#[test]
fn what_is_no_path_is_malformed_and_what_is_nobodys_is_unknown() {
    for bad in ["a b", ".value", "name.", "name..x", "1x", "emails[", "na\"me", "name.a.b"] {
        assert!(matches!(text(bad), Err(PathError::Malformed(_))), "{bad}");
    }
    for unknown in ["nope", "name.nope", "urn:none:User:x", "userName.value"] {
        assert!(matches!(text(unknown), Err(PathError::Unknown { .. })), "{unknown}");
    }
    assert_eq!(text(""), Err(PathError::Length));
    assert_eq!(text(&"a".repeat(MAX_PATH + 1)), Err(PathError::Length));
}
