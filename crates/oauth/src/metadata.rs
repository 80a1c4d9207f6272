//! Authorization server metadata (RFC 8414), served under every well-known name that clients try.
//!
//! Invariant: a member names only what works, and every list is the constant that its parser uses.

use deputy_token::{
    aat, dpop,
    keys::{Alg, VerifyAlg},
};
use serde::Serialize;

use crate::client::METHODS;
use crate::token::GRANT_TYPES;

/// The metadata document of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// The issuer identifier, byte for byte as in tokens.
    pub issuer: String,
    /// Where tokens are requested.
    pub token_endpoint: String,
    /// Where the signing keys are.
    pub jwks_uri: String,
    /// RFC 7662.
    pub introspection_endpoint: String,
    /// RFC 7009.
    pub revocation_endpoint: String,
    /// Empty: there is no authorization endpoint; RFC 8414 section 2 requires the member all the same.
    pub response_types_supported: [&'static str; 0],
    /// RFC 6749 section 4.
    pub grant_types_supported: &'static [&'static str],
    /// How clients authenticate at the token endpoint.
    pub token_endpoint_auth_methods_supported: &'static [&'static str],
    /// Signatures of `private_key_jwt`.
    pub token_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    /// How clients authenticate at the introspection endpoint.
    pub introspection_endpoint_auth_methods_supported: &'static [&'static str],
    /// Signatures there.
    pub introspection_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    /// How clients authenticate at the revocation endpoint.
    pub revocation_endpoint_auth_methods_supported: &'static [&'static str],
    /// Signatures there.
    pub revocation_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    /// Signatures of DPoP proofs (RFC 9449 section 5.1).
    pub dpop_signing_alg_values_supported: &'static [&'static str],
    /// RFC 9396 section 10.
    pub authorization_details_types_supported: [&'static str; 2],
    /// The tenant's scopes, as far as its roles name them.
    pub scopes_supported: Vec<String>,
    /// OpenID Connect Discovery requires it of a document under that name.
    pub subject_types_supported: [&'static str; 1],
    /// Likewise; the algorithms of the tenant's signing keys.
    pub id_token_signing_alg_values_supported: [&'static str; 1],
    /// Where the documentation is.
    pub service_documentation: String,
}

impl Metadata {
    /// The document of the tenant whose issuer identifier is `issuer`; `public_url` is the installation's.
    pub fn new(issuer: &str, public_url: &str, scopes_supported: Vec<String>) -> Self {
        let (methods, algorithms) = (METHODS, VerifyAlg::NAMES);
        Self {
            issuer: issuer.to_owned(),
            token_endpoint: format!("{issuer}/oauth/token"),
            jwks_uri: format!("{issuer}/jwks.json"),
            introspection_endpoint: format!("{issuer}/oauth/introspect"),
            revocation_endpoint: format!("{issuer}/oauth/revoke"),
            response_types_supported: [],
            grant_types_supported: GRANT_TYPES,
            token_endpoint_auth_methods_supported: methods,
            token_endpoint_auth_signing_alg_values_supported: algorithms,
            introspection_endpoint_auth_methods_supported: methods,
            introspection_endpoint_auth_signing_alg_values_supported: algorithms,
            revocation_endpoint_auth_methods_supported: methods,
            revocation_endpoint_auth_signing_alg_values_supported: algorithms,
            dpop_signing_alg_values_supported: dpop::ALGORITHMS,
            authorization_details_types_supported: [deputy_mandate::DETAILS_TYPE, aat::DETAILS_TYPE],
            scopes_supported,
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: [Alg::Es256.as_str()],
            service_documentation: format!("{public_url}/docs"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Metadata;

    #[test]
    fn names_what_works_and_no_more() {
        let metadata =
            Metadata::new("https://d.example/t/acme", "https://d.example", vec!["read:docs".into()]);
        let json = serde_json::to_value(&metadata).unwrap();
        assert_eq!(json["issuer"], "https://d.example/t/acme");
        assert_eq!(json["token_endpoint"], "https://d.example/t/acme/oauth/token");
        assert_eq!(json["response_types_supported"], serde_json::json!([]));
        let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
        let bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        assert_eq!(
            json["grant_types_supported"],
            serde_json::json!(["client_credentials", exchange, bearer])
        );
        assert_eq!(
            json["authorization_details_types_supported"],
            serde_json::json!(["deputy_mandate", "attenuating_agent_token"])
        );
        for absent in ["authorization_endpoint", "userinfo_endpoint", "registration_endpoint"] {
            assert!(json.get(absent).is_none(), "{absent}");
        }
    }
}
