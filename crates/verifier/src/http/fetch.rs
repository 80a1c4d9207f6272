//! The one HTTP client, with its bounds, and the fetching of documents.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CACHE_CONTROL, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Method, RequestBuilder, Response, StatusCode, Url};

/// How long a document may take, from the first byte sent to the last received.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Longest document.
pub(super) const MAX_DOCUMENT: usize = 1024 * 1024;

/// Why something could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not an absolute URL, or `http` to a host that is not this one.
    #[error("`{0}` is neither an https URL nor one of this host")]
    Url(String),
    /// No answer, or not in time.
    #[error("the issuer did not answer")]
    Transport(#[source] reqwest::Error),
    /// A stream fell silent, or did not open in time.
    #[error("the issuer fell silent")]
    Silent,
    /// Another status than the expected one.
    #[error("the issuer answered with status {0}")]
    Status(u16),
    /// Longer than it may be.
    #[error("the issuer's answer is too long")]
    TooLong,
    /// Not what it should be.
    #[error("the issuer's answer is malformed")]
    Malformed,
}

/// A document, and for how many seconds it may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fetched {
    pub(super) text: String,
    pub(super) max_age: Option<u64>,
}

/// A client of one issuer.
#[derive(Debug, Clone)]
pub(super) struct Fetcher {
    client: Client,
    issuer: String,
    key: Option<HeaderValue>,
}

impl Fetcher {
    /// A client for `issuer`, whose URL must be allowed; `key` goes below the issuer only.
    pub(super) fn new(issuer: &str, key: Option<&str>, roots: Vec<Certificate>) -> Result<Self, FetchError> {
        allowed(issuer)?;
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(PATIENCE)
            .referer(false)
            .user_agent(concat!("deputy-verifier/", env!("CARGO_PKG_VERSION")));
        for root in roots {
            builder = builder.add_root_certificate(root);
        }
        let client = builder.build().map_err(FetchError::Transport)?;
        let key = key.map(|key| {
            let mut value =
                HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| FetchError::Malformed)?;
            value.set_sensitive(true);
            Ok(value)
        });
        Ok(Self { client, issuer: issuer.to_owned(), key: key.transpose()? })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A public document, wherever it is.
    pub(super) async fn document(&self, url: &str) -> Result<Fetched, FetchError> {
        let request = self.client.get(allowed(url)?).timeout(PATIENCE);
        let response = sent(request).await?;
        let max_age = max_age(response.headers());
        Ok(Fetched { text: text(response, MAX_DOCUMENT).await?, max_age })
    }

    /// A request to a path below the issuer, with the key; without a time limit of its own.
    pub(super) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, FetchError> {
        let request = self.client.request(method, allowed(&format!("{}{path}", self.issuer))?);
        Ok(match &self.key {
            Some(key) => request.header(AUTHORIZATION, key.clone()),
            None => request,
        })
    }
}

/// Sends it; any status but 200 is an error.
pub(super) async fn sent(request: RequestBuilder) -> Result<Response, FetchError> {
    let response = request.send().await.map_err(FetchError::Transport)?;
    match response.status() {
        StatusCode::OK => Ok(response),
        other => Err(FetchError::Status(other.as_u16())),
    }
}

/// Reads a body of at most `most` bytes.
pub(super) async fn text(mut response: Response, most: usize) -> Result<String, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(FetchError::Transport)? {
        if body.len().saturating_add(chunk.len()) > most {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).map_err(|_| FetchError::Malformed)
}

/// An absolute URL, `https` or of this host.
fn allowed(url: &str) -> Result<Url, FetchError> {
    let refused = || FetchError::Url(url.to_owned());
    let parsed = Url::parse(url).map_err(|_| refused())?;
    let host = parsed.host_str().ok_or_else(refused)?;
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    let here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    let plain = parsed.username().is_empty() && parsed.password().is_none();
    match parsed.scheme() {
        "https" if plain => Ok(parsed),
        "http" if plain && here => Ok(parsed),
        _ => Err(refused()),
    }
}

/// `max-age` of `Cache-Control` (RFC 9111 section 5.2.2.1); `no-store` and `no-cache` are 0.
fn max_age(headers: &HeaderMap) -> Option<u64> {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut found = None;
    for directive in values.flat_map(|value| value.split(',')).map(str::trim) {
        if directive.eq_ignore_ascii_case("no-store") || directive.eq_ignore_ascii_case("no-cache") {
            return Some(0);
        }
        let seconds = directive.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("max-age"));
        found = found.or(seconds.and_then(|(_, seconds)| seconds.trim_matches('"').parse().ok()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_host_is_asked_without_tls() {
        for good in [
            "https://deputy.example.com/t/a",
            "http://127.0.0.1:8080/",
            "http://[::1]/",
            "http://localhost:1/x",
        ] {
            assert!(allowed(good).is_ok(), "{good}");
        }
        for bad in [
            "http://deputy.example.com/t/a",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "http://10.0.0.1/",
            "ftp://localhost/",
            "https://user@deputy.example.com/",
            "/t/a",
            "",
        ] {
            assert!(allowed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_age_is_read_from_the_header() {
        let age = |value: &'static str| {
            max_age(&HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static(value))]))
        };
        assert_eq!(age("public, max-age=60"), Some(60));
        assert_eq!(age("Max-Age=\"5\""), Some(5));
        assert_eq!(age("max-age=60, no-store"), Some(0));
        assert_eq!(age("max-age=soon"), None);
        assert_eq!(max_age(&HeaderMap::new()), None);
    }
}
