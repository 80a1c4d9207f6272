//! An issuer's own description (OpenID Connect Discovery section 4, RFC 8414).
//!
//! Invariant: the document names the very issuer that it was asked for, so that one issuer cannot speak for
//! another (OpenID Connect Discovery section 4.3).

use deputy_mandate::{Members, Value};

/// What a discovery document says, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The issuer.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where people sign in; workload issuers have none.
    pub authorization_endpoint: Option<String>,
    /// Where codes are exchanged.
    pub token_endpoint: Option<String>,
    /// How clients may authenticate there; `client_secret_basic` when nothing is said.
    pub token_auth_methods: Vec<String>,
    /// Whether an authorization response always says its issuer (RFC 9207 section 3).
    pub says_issuer: bool,
    /// Whether PKCE with S256 is said to be supported; absent says nothing.
    pub code_challenge_methods: Vec<String>,
    /// Whether it tells when a session ends (OpenID Connect Back-Channel Logout section 2.1).
    pub backchannel_logout: bool,
}

/// Why a document is no description of the issuer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// Not a JSON object in which every name stands once.
    #[error("the discovery document is not a JSON object")]
    Malformed,
    /// It describes another issuer.
    #[error(
        "the discovery document describes `{found}`, not the configured issuer: they must be equal byte for byte"
    )]
    Issuer {
        /// The issuer that it names.
        found: String,
    },
    /// A member is absent or of the wrong type.
    #[error("the discovery document lacks a proper `{0}`")]
    Member(&'static str),
}

/// Where the document of an issuer is: below its path, which may end with a slash.
#[must_use]
pub fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

impl Metadata {
    /// Reads the document of `issuer`.
    ///
    /// # Errors
    /// [`DiscoveryError`].
    pub fn parse(text: &str, issuer: &str) -> Result<Self, DiscoveryError> {
        let Ok(Value::Object(document)) = Value::parse(text) else { return Err(DiscoveryError::Malformed) };
        let found = text_of(&document, "issuer")?.ok_or(DiscoveryError::Member("issuer"))?;
        if found != issuer {
            return Err(DiscoveryError::Issuer { found });
        }
        Ok(Self {
            issuer: found,
            jwks_uri: text_of(&document, "jwks_uri")?.ok_or(DiscoveryError::Member("jwks_uri"))?,
            authorization_endpoint: text_of(&document, "authorization_endpoint")?,
            token_endpoint: text_of(&document, "token_endpoint")?,
            token_auth_methods: texts_of(&document, "token_endpoint_auth_methods_supported")?,
            says_issuer: flag_of(&document, "authorization_response_iss_parameter_supported")?,
            code_challenge_methods: texts_of(&document, "code_challenge_methods_supported")?,
            backchannel_logout: flag_of(&document, "backchannel_logout_supported")?,
        })
    }
}

fn text_of(document: &Members, name: &'static str) -> Result<Option<String>, DiscoveryError> {
    match document.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(DiscoveryError::Member(name)),
    }
}

fn texts_of(document: &Members, name: &'static str) -> Result<Vec<String>, DiscoveryError> {
    match document.get(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            let texts: Option<Vec<String>> =
                items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            texts.ok_or(DiscoveryError::Member(name))
        }
        Some(_) => Err(DiscoveryError::Member(name)),
    }
}

fn flag_of(document: &Members, name: &'static str) -> Result<bool, DiscoveryError> {
    match document.get(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(DiscoveryError::Member(name)),
    }
}
