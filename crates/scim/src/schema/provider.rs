//! The service provider's configuration (RFC 7643 section 5; RFC 9865 section 4 for paging).
//!
//! It says only what is true: no bulk, no password change; PATCH, filters, sorting and entity tags. It has no attribute
//! that these RFCs lack, because strict clients refuse the whole document for one; `/ResourceTypes` names the agents.

use serde_json::{Value, json};

/// The URN of the configuration.
pub const PROVIDER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// What the service sets in its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Where people read about the service.
    pub documentation: Option<String>,
    /// How many resources a page has when the client does not say.
    pub default_page: usize,
    /// Most resources in one page.
    pub most_page: usize,
    /// For how many seconds a cursor is good.
    pub cursor_seconds: u64,
}

impl ProviderConfig {
    /// The document at `/ServiceProviderConfig`; `base` is the service's base URL.
    #[must_use]
    pub fn document(&self, base: &str) -> Value {
        let mut document = json!({
            "schemas": [PROVIDER_URN],
            "patch": {"supported": true},
            "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": true, "maxResults": self.most_page},
            "changePassword": {"supported": false},
            "sort": {"supported": true},
            "etag": {"supported": true},
            "pagination": {
                "cursor": true,
                "index": true,
                "defaultPaginationMethod": "index",
                "defaultPageSize": self.default_page,
                "maxPageSize": self.most_page,
                "cursorTimeout": self.cursor_seconds,
            },
            "authenticationSchemes": [{
                "type": "oauthbearertoken",
                "name": "Bearer key",
                "description": "A key of the role scim, sent as a bearer token.",
                "primary": true,
            }],
            "meta": {
                "resourceType": "ServiceProviderConfig",
                "location": format!("{base}/ServiceProviderConfig"),
            },
        });
        if let (Some(uri), Some(members)) = (&self.documentation, document.as_object_mut()) {
            members.insert("documentationUri".to_owned(), uri.as_str().into());
        }
        document
    }
}
