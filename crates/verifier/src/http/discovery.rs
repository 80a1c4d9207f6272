//! Where the issuer's keys are (RFC 8414).
//!
//! Invariant: the document is the issuer's own: its `issuer` is the one that was asked for, byte for byte
//! (section 3.3), wherever it was found.

use serde::Deserialize;

use super::fetch::{FetchError, Fetcher};

/// Why the issuer could not be discovered.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// The metadata could not be fetched.
    #[error("the issuer's metadata could not be fetched: {0}")]
    Fetch(#[from] FetchError),
    /// It is not what RFC 8414 says.
    #[error("the issuer's metadata is malformed")]
    Malformed,
    /// It is of another issuer.
    #[error("the metadata is of the issuer `{found}`")]
    OtherIssuer {
        /// Which.
        found: String,
    },
}

/// The members that matter; the RFC demands that others are ignored.
#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

const SUFFIX: &str = "/.well-known/oauth-authorization-server";

/// The URL of the issuer's key set.
pub(super) async fn jwks_uri(fetcher: &Fetcher) -> Result<String, DiscoveryError> {
    let [inserted, appended] = places(fetcher.issuer()).ok_or(DiscoveryError::Malformed)?;
    let document = match fetcher.document(&inserted).await {
        // Some proxies pass the issuer's own path alone.
        Err(FetchError::Status(404)) => fetcher.document(&appended).await?,
        answer => answer?,
    };
    let metadata: Metadata = serde_json::from_str(&document.text).map_err(|_| DiscoveryError::Malformed)?;
    if metadata.issuer != fetcher.issuer() {
        return Err(DiscoveryError::OtherIssuer { found: metadata.issuer });
    }
    Ok(metadata.jwks_uri)
}

/// The well-known segment before the issuer's path (section 3.1), and after it.
fn places(issuer: &str) -> Option<[String; 2]> {
    let (scheme, rest) = issuer.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = path.trim_end_matches('/');
    Some([format!("{scheme}://{host}{SUFFIX}{path}"), format!("{scheme}://{host}{path}{SUFFIX}")])
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn the_segment_goes_before_the_path() {
        let [inserted, appended] = places("https://deputy.example.com/t/acme").unwrap();
        assert_eq!(inserted, "https://deputy.example.com/.well-known/oauth-authorization-server/t/acme");
        assert_eq!(appended, "https://deputy.example.com/t/acme/.well-known/oauth-authorization-server");
        let [inserted, appended] = places("https://deputy.example.com").unwrap();
        assert_eq!((&inserted, inserted.ends_with(super::SUFFIX)), (&appended, true));
        assert_eq!(places("deputy"), None);
    }
}
