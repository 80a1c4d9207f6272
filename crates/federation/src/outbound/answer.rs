//! Reads what another server answers, within bounds.
//!
//! Invariant: never more than [`MOST`] bytes are held. `reqwest` is built without its decompression features,
//! so these are the bytes that came over the wire and no small answer can grow here.

use reqwest::Response;
use reqwest::header::{CACHE_CONTROL, HeaderMap};
use zeroize::{Zeroize as _, Zeroizing};

use super::failure;
use crate::fetch::FetchError;

/// The longest body: 1 MiB.
pub(super) const MOST: usize = 1024 * 1024;

/// The body, which may hold tokens.
pub(super) async fn text(host: &str, mut response: Response) -> Result<Zeroizing<String>, FetchError> {
    let too_long = || FetchError::TooLong { host: host.to_owned() };
    let told = usize::try_from(response.content_length().unwrap_or(0)).map_err(|_| too_long())?;
    if told > MOST {
        return Err(too_long());
    }
    let mut body = Zeroizing::new(Vec::with_capacity(told));
    while let Some(chunk) = response.chunk().await.map_err(|error| failure::of(host, error))? {
        if body.len().saturating_add(chunk.len()) > MOST {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(std::mem::take(&mut *body)).map(Zeroizing::new).map_err(|error| {
        error.into_bytes().zeroize();
        FetchError::Malformed { host: host.to_owned() }
    })
}

/// `max-age` of `Cache-Control` (RFC 9111 section 5.2.2.1); `no-store` and `no-cache` are 0.
pub(super) fn max_age(headers: &HeaderMap) -> Option<u64> {
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
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn the_age_is_read_from_the_header() {
        let age = |values: &[&'static str]| {
            let lines = values.iter().map(|value| (CACHE_CONTROL, HeaderValue::from_static(value)));
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(name, value);
            }
            max_age(&headers)
        };
        assert_eq!(age(&["public, max-age=60"]), Some(60));
        assert_eq!(age(&["Max-Age=\"5\""]), Some(5));
        assert_eq!(age(&["max-age=60, no-store"]), Some(0));
        assert_eq!(age(&["max-age=60", "No-Cache"]), Some(0));
        assert_eq!(age(&["max-age=60, max-age=5"]), Some(60));
        for none in ["max-age=soon", "max-age=-1", "s-maxage=9", ""] {
            assert_eq!(age(&[none]), None, "{none}");
        }
        assert_eq!(age(&[]), None);
    }
}
