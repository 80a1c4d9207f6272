//! What the issuer publishes: discovery (OpenID Connect Discovery 1.0 §3), key set (RFC 7517 §5), SPIFFE bundle
//! (SPIFFE Trust Domain and Bundle §4); and the ways in which they are wrong.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{AUTHORIZE, Behaviour, Issuer, JWKS, Shared, TOKEN};

/// What a test has changed.
#[derive(Default)]
pub(super) struct Documents {
    pub(super) behaviours: HashMap<String, Behaviour>,
    pub(super) cache_control: HashMap<String, String>,
    /// Members of the discovery document; `None` is one that is missing.
    discovery: HashMap<String, Option<Value>>,
    /// Members of the key set that are no keys of this issuer.
    pub(super) first: Vec<Value>,
    /// Members that its keys do not have.
    pub(super) without: Vec<String>,
}

impl Issuer {
    /// How a path is answered from now on.
    pub fn behave(&self, path: &str, behaviour: Behaviour) {
        self.shared.state().documents.behaviours.insert(path.to_owned(), behaviour);
    }

    /// The `Cache-Control` of a path's answers; there is none by itself.
    pub fn cache_control(&self, path: &str, value: &str) {
        self.shared.state().documents.cache_control.insert(path.to_owned(), value.to_owned());
    }

    /// A member of the discovery document, added or replaced.
    pub fn discovery(&self, member: &str, value: impl Into<Value>) {
        self.shared.state().documents.discovery.insert(member.to_owned(), Some(value.into()));
    }

    /// A member of the discovery document less.
    pub fn discovery_without(&self, member: &str) {
        self.shared.state().documents.discovery.insert(member.to_owned(), None);
    }

    /// Forgets all that was changed about documents and sign-ins; keys, clients and hits stay.
    pub fn behave_well(&self) {
        let mut state = self.shared.state();
        state.documents = Documents::default();
        state.sign_ins.behave_well();
    }
}

impl Shared {
    pub(super) fn discovery(&self) -> Value {
        let mut document = json!({
            "issuer": self.url(),
            "authorization_endpoint": self.at(AUTHORIZE),
            "token_endpoint": self.at(TOKEN),
            "jwks_uri": self.at(JWKS),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile", "email"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
        });
        let members = document.as_object_mut().expect("an object");
        for (name, value) in &self.state().documents.discovery {
            match value {
                Some(value) => members.insert(name.clone(), value.clone()),
                None => members.remove(name),
            };
        }
        document
    }

    pub(super) fn jwks(&self) -> Value {
        let state = self.state();
        let own = state.published.iter().map(|key| {
            let mut jwk = key.jwk();
            let members: &mut Map<_, _> = jwk.as_object_mut().expect("an object");
            members.retain(|name, _| !state.documents.without.contains(name));
            jwk
        });
        let keys: Vec<Value> = state.documents.first.iter().cloned().chain(own).collect();
        json!({"keys": keys})
    }

    pub(super) fn bundle(&self) -> Value {
        let state = self.state();
        let mut keys = vec![json!({
            "kty": "EC", "crv": "P-256", "use": "x509-svid", "x5c": [AUTHORITY],
            "x": "Nxs9c-a0WkfHh31EbW1IQyAA9Vl5RDkoVk-ERx9nHhU",
            "y": "rsDSa26gpDvF_tFGgYbcoL-tr9WAfoJHTIchG2pI81s",
        })];
        keys.extend(state.published.iter().map(|key| {
            let mut jwk = key.jwk();
            jwk["use"] = json!("jwt-svid");
            jwk.as_object_mut().expect("an object").remove("alg");
            jwk
        }));
        json!({"keys": keys, "spiffe_sequence": state.made.len(), "spiffe_refresh_hint": 300})
    }
}

/// A certificate of `spiffe://example.org`, whose private key nobody has.
const AUTHORITY: &str = concat!(
    "MIIBmjCCAUCgAwIBAgIUDT/Dl29ll16qZZO5F7BAd4XBBFcwCgYIKoZIzj0EAwIwETEPMA0GA1UECgwGU1BJRkZFMCAXDTI2MTEyMTIyNDkz",
    "NFoYDzIxMjYxMDI4MjI0OTM0WjARMQ8wDQYDVQQKDAZTUElGRkUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ3Gz1z5rRaR8eHfURtbUhD",
    "IAD1WXlEOShWT4RHH2ceFa7A0mtuoKQ7xf7RRoGG3KC/ra/VgH6CR0yHIRtqSPNbo3QwcjAdBgNVHQ4EFgQU9ct8wDFfePQpXjauNdNHOa3u",
    "+CswHwYDVR0jBBgwFoAU9ct8wDFfePQpXjauNdNHOa3u+CswDwYDVR0TAQH/BAUwAwEB/zAfBgNVHREEGDAWhhRzcGlmZmU6Ly9leGFtcGxl",
    "Lm9yZzAKBggqhkjOPQQDAgNIADBFAiBHUYG7SInWIJIPnCwpGsuiMnovtfuMi8aPm7yLiw2vZQIhAJN81wixzchFHKppDjphK/KwCXBnaVfJ",
    "E9IiM7jW/hHy",
);
