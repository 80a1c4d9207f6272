//! Signing in with a code: the request, the exchange, the ID token (OpenID Connect Core section 3.1, RFC 7636,
//! RFC 9207).
//!
//! Invariant: an ID token counts only for the browser that asked for it: its `nonce` is that of the request, its
//! code was redeemed with the request's verifier at the issuer's own endpoint, and it is for this client alone.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::{Instant, Value};
use deputy_token::keys::JwkSet;
use sha2::{Digest as _, Sha256};
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::assertion::{self, Assertion, AssertionError, Expected, Purpose, Verified};
use crate::fetch::{Fetch, FetchError, FormPost};
use crate::keys::Metadata;

/// A client of the identity provider: the tenant.
#[derive(Clone)]
pub struct Client<'c> {
    /// Its id there.
    pub id: &'c str,
    /// Its secret there; a public client has none.
    pub secret: Option<&'c str>,
    /// Where the browser comes back to, exactly as it is registered there.
    pub redirect_uri: &'c str,
}

/// What belongs to one attempt; each is 256 random bits as text.
#[derive(Clone)]
pub struct Attempt<'a> {
    /// Comes back with the browser.
    pub state: &'a str,
    /// Comes back in the ID token.
    pub nonce: &'a str,
    /// Shows, at the exchange, who asked (RFC 7636 section 4.1).
    pub verifier: &'a str,
}

/// Why nobody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The discovery document names no such endpoint, or none that a browser may be sent to.
    #[error("the discovery document names no proper `{0}`")]
    NoEndpoint(&'static str),
    /// The response came from another issuer, or does not say from which although it always does (RFC 9207
    /// section 2.4).
    #[error("the response does not come from the issuer that was asked")]
    Issuer,
    /// The token endpoint cannot be reached.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The token endpoint refused (RFC 6749 section 5.2).
    #[error("the token endpoint answered `{code}`")]
    Refused {
        /// Its `error`.
        code: String,
    },
    /// The token endpoint's answer is not one.
    #[error("the answer of the token endpoint is malformed, or has no ID token")]
    Answer,
    /// The ID token does not hold.
    #[error("the ID token is refused: {0}")]
    IdToken(#[from] AssertionError),
    /// The ID token is for another attempt.
    #[error("the ID token has another `nonce`")]
    Nonce,
    /// The ID token was made for another client.
    #[error("the ID token has another `azp`")]
    AuthorizedParty,
}

/// Where to send the browser.
///
/// # Errors
/// [`SignInError::NoEndpoint`].
pub fn authorization_url(
    metadata: &Metadata,
    client: &Client<'_>,
    attempt: &Attempt<'_>,
    hosted_domain: Option<&str>,
) -> Result<String, SignInError> {
    let missing = || SignInError::NoEndpoint("authorization_endpoint");
    let endpoint = metadata.authorization_endpoint.as_deref().ok_or_else(missing)?;
    let mut url = Url::parse(endpoint).ok().filter(is_visitable).ok_or_else(missing)?;
    let challenge = B64.encode(Sha256::digest(attempt.verifier));
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", client.id)
        .append_pair("redirect_uri", client.redirect_uri)
        .append_pair("scope", "openid email profile")
        .append_pair("state", attempt.state)
        .append_pair("nonce", attempt.nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    if let Some(domain) = hosted_domain {
        url.query_pairs_mut().append_pair("hd", domain);
    }
    Ok(url.into())
}

/// Whether a browser may be sent there: https, or http to this very machine (OpenID Connect Discovery section 3).
fn is_visitable(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.fragment().is_none() && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

/// Checks who a response says it is from.
///
/// # Errors
/// [`SignInError::Issuer`].
pub fn verify_response_issuer(metadata: &Metadata, iss: Option<&str>) -> Result<(), SignInError> {
    match iss {
        Some(iss) if iss != metadata.issuer => Err(SignInError::Issuer),
        None if metadata.says_issuer => Err(SignInError::Issuer),
        _ => Ok(()),
    }
}

/// Redeems a code; answers with the ID token, still unverified.
///
/// # Errors
/// [`SignInError`].
pub async fn redeem(
    fetch: &dyn Fetch,
    metadata: &Metadata,
    client: &Client<'_>,
    verifier: &str,
    code: &str,
) -> Result<Zeroizing<String>, SignInError> {
    let endpoint = metadata.token_endpoint.as_deref().ok_or(SignInError::NoEndpoint("token_endpoint"))?;
    let answered = fetch.post_form(endpoint, form(metadata, client, verifier, code)).await?;
    let Ok(Value::Object(body)) = Value::parse(&answered.body) else { return Err(SignInError::Answer) };
    if answered.status != 200 {
        let code = body.get("error").and_then(Value::as_str).unwrap_or("unknown_error");
        let code = code.chars().filter(char::is_ascii_graphic).take(64).collect();
        return Err(SignInError::Refused { code });
    }
    let token = body.get("id_token").and_then(Value::as_str).ok_or(SignInError::Answer)?;
    Ok(Zeroizing::new(token.to_owned()))
}

fn form(metadata: &Metadata, client: &Client<'_>, verifier: &str, code: &str) -> FormPost {
    let text = |text: &str| Zeroizing::new(text.to_owned());
    let mut fields = vec![
        ("grant_type", text("authorization_code")),
        ("code", text(code)),
        ("redirect_uri", text(client.redirect_uri)),
        ("code_verifier", text(verifier)),
    ];
    let offers = |method: &str| metadata.token_auth_methods.iter().any(|offered| offered == method);
    let by_post = !offers("client_secret_basic") && offers("client_secret_post");
    let basic = match client.secret {
        Some(secret) if !by_post => Some((client.id.to_owned(), text(secret))),
        Some(secret) => {
            fields.extend([("client_id", text(client.id)), ("client_secret", text(secret))]);
            None
        }
        None => {
            fields.push(("client_id", text(client.id)));
            None
        }
    };
    FormPost { basic, fields }
}

/// Verifies an ID token for the attempt that it answers (OpenID Connect Core section 3.1.3.7).
///
/// # Errors
/// [`SignInError`].
pub fn verify_id_token(
    token: &str,
    keys: &JwkSet,
    issuer: &str,
    client_id: &str,
    nonce: &str,
    now: Instant,
) -> Result<Verified, SignInError> {
    let audiences = BTreeSet::from([client_id.to_owned()]);
    let expected = Expected { issuer: Some(issuer), audiences: &audiences, purpose: Purpose::IdToken };
    let verified = Assertion::parse(token)?.verify(keys, &expected, now)?;
    if verified.claims.get("nonce").and_then(Value::as_str) != Some(nonce) {
        return Err(SignInError::Nonce);
    }
    match verified.claims.get("azp") {
        Some(azp) if azp.as_str() != Some(client_id) => Err(SignInError::AuthorizedParty),
        _ => Ok(verified),
    }
}

/// A session that has ended at the identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedSession {
    /// The person, by the issuer's `sub`; none: one session only.
    pub subject: Option<String>,
    /// The session there; none: all of the person's.
    pub sid: Option<String>,
    /// The token's own id, to be accepted once.
    pub jti: String,
    /// When the token expires.
    pub expires_at: Instant,
}

/// The event that makes a logout token one.
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Verifies a logout token (OpenID Connect Back-Channel Logout section 2.6).
///
/// # Errors
/// [`AssertionError`]: an ID token is none, which is why a `nonce` is refused.
pub fn verify_logout_token(
    token: &str,
    keys: &JwkSet,
    issuer: &str,
    client_id: &str,
    now: Instant,
) -> Result<EndedSession, AssertionError> {
    let audiences = BTreeSet::from([client_id.to_owned()]);
    let expected = Expected { issuer: Some(issuer), audiences: &audiences, purpose: Purpose::Logout };
    let verified = Assertion::parse(token)?.verify(keys, &expected, now)?;
    let event =
        verified.claims.get("events").and_then(Value::as_object).and_then(|events| events.get(LOGOUT));
    if event.and_then(Value::as_object).is_none() {
        return Err(AssertionError::Claim("events"));
    }
    if verified.claims.contains_key("nonce") {
        return Err(AssertionError::Claim("nonce"));
    }
    let sid = match verified.claims.contains_key("sid") {
        true => Some(assertion::text(&verified.claims, "sid")?.to_owned()),
        false => None,
    };
    let subject = Some(verified.subject).filter(|subject| !subject.is_empty());
    if subject.is_none() && sid.is_none() {
        return Err(AssertionError::Claim("sub"));
    }
    let jti = assertion::text(&verified.claims, "jti")?.to_owned();
    Ok(EndedSession { subject, sid, jti, expires_at: verified.expires_at })
}

/// The session's name at the issuer, from an ID token, if it is one that a logout token could say.
#[must_use]
pub fn session_of(verified: &Verified) -> Option<&str> {
    assertion::text(&verified.claims, "sid").ok()
}
