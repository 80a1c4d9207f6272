//! The one HTTP client of the server.
//!
//! Invariant: an exchange begins with a [`Target`], resolves through the [`Resolver`], and ends within
//! [`PATIENCE`], connection and body included.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::ACCEPT;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, StatusCode};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::networks::Networks;
use super::resolver::{Lookup, Resolver, System};
use super::roots::Roots;
use super::target::Target;
use super::{OutboundError, OutboundRules, answer, failure};
use crate::fetch::{Answered, Fetch, FetchError, Fetched, FormPost};

/// How long an exchange may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Fetches what the rules allow. Clones share the client.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: Client,
    allow: Arc<Networks>,
    patience: Duration,
}

impl Outbound {
    /// A client that keeps to the rules.
    ///
    /// # Errors
    /// [`OutboundError`] if TLS cannot be set up.
    pub fn new(rules: OutboundRules) -> Result<Self, OutboundError> {
        Self::with(rules, System, PATIENCE)
    }

    /// The same, with another resolver and another patience.
    pub(super) fn with<L: Lookup>(
        rules: OutboundRules,
        lookup: L,
        patience: Duration,
    ) -> Result<Self, OutboundError> {
        let allow = Arc::new(rules.allow);
        let resolver = Arc::new(Resolver { lookup: Arc::new(lookup), allow: allow.clone() });
        let builder = || bounded(patience).dns_resolver(resolver.clone());
        let client = trusting(builder, &rules.roots).map_err(OutboundError::Client)?;
        Ok(Self { client, allow, patience })
    }

    /// Sends the request that `ask` makes, and reads the answer; all of it in time.
    async fn exchange<T>(
        &self,
        url: &str,
        ask: impl FnOnce(&Client, &Target) -> RequestBuilder + Send,
        read: impl AsyncFnOnce(&str, Response) -> Result<T, FetchError>,
    ) -> Result<T, FetchError> {
        let target = Target::verify(url, &self.allow)?;
        let request = ask(&self.client, &target);
        let host = target.host.as_str();
        let whole = async {
            let response = request.send().await.map_err(|error| failure::of(host, error))?;
            if response.status().is_redirection() {
                return Err(FetchError::Redirect { host: host.to_owned() });
            }
            read(host, response).await
        };
        let in_time = tokio::time::timeout(self.patience, whole).await;
        in_time.unwrap_or_else(|_| Err(FetchError::Timeout { host: host.to_owned() }))
    }
}

#[async_trait]
impl Fetch for Outbound {
    async fn get(&self, url: &str) -> Result<Fetched, FetchError> {
        let ask = |client: &Client, target: &Target| client.get(target.url.clone());
        self.exchange(url, ask, async |host, response| match response.status() {
            StatusCode::OK => {
                let max_age = answer::max_age(response.headers());
                let mut text = answer::text(host, response).await?;
                Ok(Fetched { text: std::mem::take(&mut *text), max_age })
            }
            other => Err(FetchError::Status { host: host.to_owned(), status: other.as_u16() }),
        })
        .await
    }

    async fn post_form(&self, url: &str, form: FormPost) -> Result<Answered, FetchError> {
        let ask = move |client: &Client, target: &Target| {
            let fields: Vec<(&str, &str)> =
                form.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let request = client.post(target.url.clone()).header(ACCEPT, "application/json").form(&fields);
            match &form.basic {
                Some((id, secret)) => request.basic_auth(&*encoded(id), Some(&*encoded(secret))),
                None => request,
            }
        };
        self.exchange(url, ask, async |host, response| {
            let status = response.status().as_u16();
            Ok(Answered { status, body: answer::text(host, response).await? })
        })
        .await
    }

    fn check(&self, url: &str) -> Result<(), FetchError> {
        Target::verify(url, &self.allow).map(|_| ())
    }
}

/// RFC 6749 section 2.3.1: id and secret are form-encoded before they become user and password.
fn encoded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect())
}

pub(super) fn bounded(patience: Duration) -> ClientBuilder {
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        .user_agent(concat!("deputy/", env!("CARGO_PKG_VERSION")))
        // Shared out among a host's addresses, so that a dead one does not take the time of the next.
        .connect_timeout(patience)
        // Fetches are rare, and each asks anew what its host's name means.
        .pool_max_idle_per_host(0)
}

/// Trusts the system's CAs and the given ones.
fn trusting(builder: impl Fn() -> ClientBuilder, roots: &Roots) -> Result<Client, reqwest::Error> {
    match builder().tls_certs_merge(roots.certificates()?).build() {
        // A system without CAs can serve as before; it just trusts no other server.
        Err(cause) if roots.is_empty() => {
            tracing::warn!(%cause, "the system's CAs cannot be read: set outbound_ca to fetch by https");
            trusting_nobody(builder())
        }
        built => built,
    }
}

pub(super) fn trusting_nobody(builder: ClientBuilder) -> Result<Client, reqwest::Error> {
    builder.tls_certs_only([]).build()
}
