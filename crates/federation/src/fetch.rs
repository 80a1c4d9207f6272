//! What is asked of other servers, and the ways in which that fails.
//!
//! The cache and the sign-in know this trait alone; [`crate::outbound::Outbound`] is what serves it.

use std::fmt;

use async_trait::async_trait;
use zeroize::Zeroizing;

/// A document, and for how many seconds it may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The body.
    pub text: String,
    /// `max-age` of `Cache-Control` (RFC 9111 section 5.2.2.1); `no-store` and `no-cache` are 0.
    pub max_age: Option<u64>,
}

/// The answer to a form, whatever its status.
#[derive(Clone)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The body: it may hold tokens.
    pub body: Zeroizing<String>,
}

/// A form for a token endpoint.
#[derive(Clone, Default)]
pub struct FormPost {
    /// Client id and secret for `Authorization: Basic` (RFC 6749 section 2.3.1), before they are form-encoded.
    pub basic: Option<(String, Zeroizing<String>)>,
    /// The fields.
    pub fields: Vec<(&'static str, Zeroizing<String>)>,
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered").field("status", &self.status).finish_non_exhaustive()
    }
}

impl fmt::Debug for FormPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| *name).collect();
        f.debug_struct("FormPost").field("fields", &names).finish_non_exhaustive()
    }
}

/// Why nothing was fetched. Every text is meant for the administrator who named the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Not an absolute https URL, or with user information or a fragment; `http` goes to this machine alone.
    /// What is shown has no user information, no query and no fragment.
    #[error("`{0}` is not an https address")]
    Url(String),
    /// The host is, or resolves to, an address of a private network that `outbound_allow` does not name.
    #[error("`{host}` is an address of a private network, which `outbound_allow` does not name")]
    Private {
        /// The host as it stands in the URL.
        host: String,
    },
    /// The host's name has no address, or nobody could say.
    #[error("the name `{host}` could not be resolved")]
    NotFound {
        /// The host as it stands in the URL.
        host: String,
    },
    /// No connection, or a handshake that failed.
    #[error("no connection to `{host}`")]
    Connect {
        /// The host as it stands in the URL.
        host: String,
    },
    /// Its certificate is not one that this server trusts.
    #[error("the certificate of `{host}` is not trusted")]
    Certificate {
        /// The host as it stands in the URL.
        host: String,
    },
    /// No whole answer in time.
    #[error("`{host}` did not answer in time")]
    Timeout {
        /// The host as it stands in the URL.
        host: String,
    },
    /// It redirects; redirects are never followed.
    #[error("`{host}` redirects, which is not followed: configure the address itself")]
    Redirect {
        /// The host as it stands in the URL.
        host: String,
    },
    /// Another status than 200.
    #[error("`{host}` answered with status {status}")]
    Status {
        /// The host as it stands in the URL.
        host: String,
        /// The status.
        status: u16,
    },
    /// Longer than a document may be.
    #[error("the answer of `{host}` is longer than 1 MiB")]
    TooLong {
        /// The host as it stands in the URL.
        host: String,
    },
    /// Not UTF-8, or broken off.
    #[error("the answer of `{host}` is not text, or broken off")]
    Malformed {
        /// The host as it stands in the URL.
        host: String,
    },
}

/// Asks other servers.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// A public document.
    ///
    /// # Errors
    /// [`FetchError`]; any status but 200 is one.
    async fn get(&self, url: &str) -> Result<Fetched, FetchError>;

    /// Sends a form and gives the answer, whatever its status but a redirect.
    ///
    /// # Errors
    /// [`FetchError`].
    async fn post_form(&self, url: &str, form: FormPost) -> Result<Answered, FetchError>;

    /// Refuses an address that would never be asked, without asking it: so that a mistake is told when it is
    /// configured.
    ///
    /// # Errors
    /// [`FetchError::Url`], [`FetchError::Private`] for a literal address or `localhost`.
    fn check(&self, url: &str) -> Result<(), FetchError>;
}
