//! The dashboard's session cookie, its form token and the origin of a form.
//!
//! Invariant: a form is taken only from a page of this origin that this very session was given, and the
//! cookie of one tenant is never sent to another. A session's cookie comes with no request that another site began;
//! that of an attempt to sign in has to, and is worth nothing but its one answer.

use std::fmt;

use actix_web::http::header::{COOKIE, HOST, HeaderValue, ORIGIN};
use actix_web::{HttpMessage as _, HttpRequest};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::form::Form;
use crate::config::public_url::PublicUrl;
use crate::refusal::Refusal;

/// The cookie's name.
const NAME: &str = "deputy_session";

/// The name of the cookie of an attempt.
const ATTEMPT: &str = "deputy_sign_in";

/// The form field that carries the token.
pub const FIELD: &str = "csrf";

/// The secret that a browser holds: 256 random bits as text. Stored only as a digest.
#[derive(Clone)]
pub struct SessionSecret(Zeroizing<String>);

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret(…)")
    }
}

impl SessionSecret {
    /// A secret that the engine has just made.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }

    /// The secret itself, for the engine to look up.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// The cookie of this request, if there is exactly one.
    #[must_use]
    pub fn find(request: &HttpRequest) -> Option<Self> {
        cookie(request, NAME).map(Self::new)
    }

    /// The `Set-Cookie` that hands the secret to the browser until it closes.
    #[must_use]
    pub fn given(&self, tenant: &str, https: bool) -> Option<HeaderValue> {
        HeaderValue::from_str(&attributes(&self.0, tenant, https)).ok()
    }
}

/// The `Set-Cookie` that takes the secret away.
#[must_use]
pub fn taken(tenant: &str, https: bool) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{}; Max-Age=0", attributes("", tenant, https))).ok()
}

/// What a browser holds while somebody signs in at an identity provider.
#[derive(Clone)]
pub struct AttemptSecret(Zeroizing<String>);

impl AttemptSecret {
    /// A secret that the engine has just made.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }

    /// The cookie of this request, if there is exactly one.
    #[must_use]
    pub fn find(request: &HttpRequest) -> Option<Self> {
        cookie(request, ATTEMPT).map(Self::new)
    }

    /// The secret itself, for the engine.
    #[must_use]
    pub fn into_secret(self) -> Zeroizing<String> {
        self.0
    }

    /// The `Set-Cookie` that hands it to the browser for as long as an attempt lasts. `Lax`, because the provider
    /// sends the browser back.
    #[must_use]
    pub fn given(&self, tenant: &str, https: bool) -> Option<HeaderValue> {
        HeaderValue::from_str(&attempt(&self.0, 900, tenant, https)).ok()
    }

    /// The `Set-Cookie` that takes it away.
    #[must_use]
    pub fn taken(tenant: &str, https: bool) -> Option<HeaderValue> {
        HeaderValue::from_str(&attempt("", 0, tenant, https)).ok()
    }
}

fn attempt(value: &str, max_age: u32, tenant: &str, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{ATTEMPT}={value}; Path=/t/{tenant}/sign-in; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}")
}

/// The `Set-Cookie` of a session whose secret was replaced while its page was made; it travels with the request.
#[derive(Debug, Clone)]
struct Renewed(HeaderValue);

/// Has the answer to this request carry a new secret.
pub fn renew(request: &HttpRequest, cookie: HeaderValue) {
    request.extensions_mut().insert(Renewed(cookie));
}

/// The `Set-Cookie` that the answer to this request has to carry.
#[must_use]
pub fn renewed(request: &HttpRequest) -> Option<HeaderValue> {
    request.extensions().get::<Renewed>().map(|renewed| renewed.0.clone())
}

/// A cookie's value, if there is exactly one of that name that can be a secret.
fn cookie(request: &HttpRequest, wanted: &str) -> Option<String> {
    let mut found = request
        .headers()
        .get_all(COOKIE)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, value)| *name == wanted && is_secret(value));
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value.to_owned()),
        _ => None,
    }
}

fn attributes(value: &str, tenant: &str, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{NAME}={value}; Path=/t/{tenant}/; HttpOnly; SameSite=Strict{secure}")
}

fn is_secret(value: &str) -> bool {
    (32..=128).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// What a form of this session must carry: a value of its own, so that no page shows the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsrfToken(String);

impl CsrfToken {
    /// The token that the engine keeps with a session.
    #[must_use]
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// A token to show in sample pages and tests.
    #[must_use]
    pub fn sample() -> Self {
        Self("sample".to_owned())
    }

    /// The text for the form's hidden field.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares with the form's field, in constant time.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn verify(&self, form: &Form) -> Result<(), Refusal> {
        let sent = form.find(FIELD).ok_or(Refusal::Forbidden)?;
        if bool::from(sent.as_bytes().ct_eq(self.0.as_bytes())) { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}

/// Refuses a form that another site sent: the first line of defence, and the only one before sign-in.
///
/// # Errors
/// `Forbidden`.
pub fn verify_origin(request: &HttpRequest, public: &PublicUrl) -> Result<(), Refusal> {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("-"));
    let fetched_here = header("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let sent_here = header(ORIGIN.as_str()).is_none_or(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        origin == public.as_str() || (host.is_some() && host == header(HOST.as_str()))
    });
    if fetched_here && sent_here { Ok(()) } else { Err(Refusal::Forbidden) }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::{AttemptSecret, CsrfToken, SessionSecret, verify_origin};
    use crate::config::public_url::PublicUrl;
    use crate::http::form::Form;

    const SECRET: &str = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_abcde";

    #[test]
    fn one_cookie_is_found_and_two_are_none() {
        let of = |cookie: String| {
            SessionSecret::find(&TestRequest::default().insert_header(("cookie", cookie)).to_http_request())
        };
        assert!(of(format!("a=b; deputy_session={SECRET}")).is_some());
        assert!(of(format!("deputy_session={SECRET}; deputy_session={SECRET}x")).is_none());
        assert!(of("deputy_session=short".into()).is_none());
    }

    #[test]
    fn the_cookie_is_kept_to_its_tenant_and_from_scripts() {
        let cookie = SessionSecret::new(SECRET.into()).given("acme", true).expect("a header");
        let cookie = cookie.to_str().expect("text");
        for part in ["Path=/t/acme/;", "HttpOnly", "SameSite=Strict", "; Secure"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }

    #[test]
    fn the_cookie_of_an_attempt_comes_back_from_the_provider_and_to_the_sign_in_only() {
        let cookie =
            AttemptSecret::new(format!("0192f0c4-7b1e.{SECRET}")).given("acme", true).expect("a header");
        let cookie = cookie.to_str().expect("text");
        for part in ["Path=/t/acme/sign-in;", "Max-Age=900;", "HttpOnly", "SameSite=Lax", "; Secure"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let sent = cookie.split(';').next().unwrap_or_default().to_owned();
        let request = TestRequest::default().insert_header(("cookie", sent)).to_http_request();
        assert!(AttemptSecret::find(&request).is_some_and(|found| found.into_secret().ends_with(SECRET)));
        assert!(SessionSecret::find(&request).is_none());
    }

    #[test]
    fn a_form_token_belongs_to_one_session() {
        let (mine, other) = (CsrfToken::new(SECRET.into()), CsrfToken::new(format!("{SECRET}x")));
        let form = Form::parse(format!("csrf={SECRET}").as_bytes()).expect("a form");
        assert!(mine.verify(&form).is_ok());
        assert!(other.verify(&form).is_err());
        assert!(mine.verify(&Form::default()).is_err());
        assert!(CsrfToken::new(String::new()).verify(&Form::default()).is_err(), "an empty token is none");
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        let public = PublicUrl::parse("https://deputy.example.com").expect("good");
        let of = |headers: &[(&'static str, &'static str)]| {
            let mut request = TestRequest::default();
            for header in headers {
                request = request.insert_header(*header);
            }
            verify_origin(&request.to_http_request(), &public).is_ok()
        };
        assert!(of(&[]));
        assert!(of(&[("origin", "https://deputy.example.com"), ("sec-fetch-site", "same-origin")]));
        assert!(of(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")]));
        assert!(!of(&[("origin", "https://evil.example.com"), ("host", "deputy.example.com")]));
        assert!(!of(&[("origin", "null")]));
        assert!(!of(&[("sec-fetch-site", "cross-site")]));
    }
}
