//! The settings after every check.
//!
//! Invariant: whoever holds a [`Settings`] need not look at a value again.

use std::net::SocketAddr;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

use super::file::File;
use super::flags::Flags;
use super::outbound::OutboundSettings;
use super::problem::SettingError;
use super::proxies::Proxies;
use super::public_url::PublicUrl;
use super::secret::Secret;

/// What is logged unless something else is asked for: libraries only when they warn.
const LOG: &str =
    "warn,deputy=info,deputy_server=info,deputy_engine=info,deputy_store=info,deputy_federation=info";

/// Everything that a server needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The database; a secret because it may carry a password.
    pub database_url: Secret,
    /// The stated public URL; see [`Settings::public_url`].
    pub stated_public_url: Option<PublicUrl>,
    /// The stated trust domain; see [`Settings::trust_domain`].
    pub stated_trust_domain: Option<String>,
    /// Where the master key is.
    pub master_key: MasterKeySource,
    /// A platform key for the first minutes.
    pub bootstrap_key: Option<Secret>,
    /// TLS of the listener.
    pub tls: Option<TlsFiles>,
    /// Trusted proxies.
    pub proxies: Proxies,
    /// What may be fetched from outside; see [`Settings::outbound_rules`].
    pub outbound: OutboundSettings,
    /// Where metrics are served.
    pub metrics_listen: Option<SocketAddr>,
    /// The log filter.
    pub log: String,
}

/// Where the master key comes from.
#[derive(Clone)]
pub enum MasterKeySource {
    /// Given as a value.
    Given(Zeroizing<[u8; 32]>),
    /// In a file that must exist.
    File(PathBuf),
    /// In a file beside an SQLite database, made when missing.
    BesideDatabase,
}

impl std::fmt::Debug for MasterKeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Given(_) => f.write_str("Given(…)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::BesideDatabase => f.write_str("BesideDatabase"),
        }
    }
}

/// The PEM files of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
    /// The CA that clients must come from.
    pub client_ca: Option<PathBuf>,
}

impl Settings {
    /// Merges flags, variables and the file, and checks every value.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn resolve(flags: Flags) -> Result<Self, SettingError> {
        let file = flags.config.as_deref().map(File::read).transpose()?.unwrap_or_default();
        Self::check(file.beneath(flags))
    }

    /// Checks merged values.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn check(flags: Flags) -> Result<Self, SettingError> {
        let database_url = flags.database_url.unwrap_or_else(|| "sqlite://deputy.db".to_owned());
        let sqlite = database_url.starts_with("sqlite:");
        if !(sqlite || database_url.starts_with("postgres://") || database_url.starts_with("postgresql://")) {
            return Err(SettingError::of("database_url", "must begin with sqlite:// or postgres://"));
        }
        let listen = flags.listen.as_deref().unwrap_or("127.0.0.1:8080");
        let of = |name: &'static str| move |problem: String| SettingError::of(name, problem);
        let log = flags.log.unwrap_or_else(|| LOG.to_owned());
        EnvFilter::try_new(&log).map_err(|error| SettingError::of("log", format!("`{log}`: {error}")))?;
        Ok(Self {
            listen: address("listen", listen)?,
            database_url: Secret::new(database_url),
            stated_public_url: flags
                .public_url
                .as_deref()
                .map(PublicUrl::parse)
                .transpose()
                .map_err(of("public_url"))?,
            stated_trust_domain: flags.trust_domain.map(trust_domain).transpose()?,
            master_key: master_key(flags.master_key, flags.master_key_file, sqlite)?,
            bootstrap_key: flags.bootstrap_key.map(bootstrap_key).transpose()?,
            tls: tls(flags.tls_cert, flags.tls_key, flags.tls_client_ca)?,
            proxies: Proxies::parse(flags.trusted_proxies.as_deref().unwrap_or_default())
                .map_err(of("trusted_proxies"))?,
            outbound: OutboundSettings::check(flags.outbound_allow.as_deref(), flags.outbound_ca)?,
            metrics_listen: flags.metrics_listen.map(|text| address("metrics_listen", &text)).transpose()?,
            log,
        })
    }

    /// The public URL: the stated one, else the listener's own.
    ///
    /// # Errors
    /// A wildcard listener has no address that anyone could be told.
    pub fn public_url(&self, bound: SocketAddr) -> Result<PublicUrl, SettingError> {
        match &self.stated_public_url {
            Some(stated) => Ok(stated.clone()),
            None if bound.ip().is_unspecified() => Err(SettingError::of(
                "public_url",
                format!("is required, because `{}` listens on every address", self.listen),
            )),
            None => Ok(PublicUrl::of_listener(bound, self.tls.is_some())),
        }
    }

    /// The trust domain: the stated one, else the public host.
    ///
    /// # Errors
    /// A public host that is an IPv6 address cannot be one.
    pub fn trust_domain(&self, public_url: &PublicUrl) -> Result<String, SettingError> {
        match &self.stated_trust_domain {
            Some(stated) => Ok(stated.clone()),
            None => trust_domain(public_url.host().to_ascii_lowercase()),
        }
    }
}

fn address(name: &'static str, text: &str) -> Result<SocketAddr, SettingError> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric
        .as_deref()
        .unwrap_or(text)
        .parse()
        .map_err(|_| SettingError::of(name, format!("`{text}` is not an address such as 127.0.0.1:8080")))
}

/// SPIFFE-ID §2.1: lower-case letters, digits, dots, dashes and underscores.
fn trust_domain(name: String) -> Result<String, SettingError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b);
    if name.is_empty() || name.len() > 255 || !name.bytes().all(plain) {
        return Err(SettingError::of("trust_domain", format!("`{name}` is not a name such as example.com")));
    }
    Ok(name)
}

fn master_key(
    given: Option<String>,
    file: Option<String>,
    sqlite: bool,
) -> Result<MasterKeySource, SettingError> {
    match (given.map(Zeroizing::new), file) {
        (Some(_), Some(_)) => {
            Err(SettingError::of("master_key", "is given twice: as a value and as master_key_file"))
        }
        (Some(text), None) => {
            let wrong = || SettingError::of("master_key", "must be 32 bytes in base64");
            let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| wrong())?);
            let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| wrong())?;
            Ok(MasterKeySource::Given(Zeroizing::new(key)))
        }
        (None, Some(path)) => Ok(MasterKeySource::File(PathBuf::from(path))),
        (None, None) if sqlite => Ok(MasterKeySource::BesideDatabase),
        (None, None) => Err(SettingError::of(
            "master_key_file",
            "is required with PostgreSQL: make one with `openssl rand -base64 32`",
        )),
    }
}

fn bootstrap_key(text: String) -> Result<Secret, SettingError> {
    // 43 characters of base64url are 256 bits.
    if text.strip_prefix("dpy_").is_none_or(|rest| rest.len() < 43) {
        return Err(SettingError::of("bootstrap_key", "must be a key in `dpy_` form of at least 256 bits"));
    }
    Ok(Secret::new(text))
}

fn tls(
    cert: Option<String>,
    key: Option<String>,
    client_ca: Option<String>,
) -> Result<Option<TlsFiles>, SettingError> {
    match (cert, key) {
        (Some(cert), Some(key)) => {
            Ok(Some(TlsFiles { cert: cert.into(), key: key.into(), client_ca: client_ca.map(PathBuf::from) }))
        }
        (Some(_), None) => Err(SettingError::of("tls_key", "is required with tls_cert")),
        (None, Some(_)) => Err(SettingError::of("tls_cert", "is required with tls_key")),
        (None, None) if client_ca.is_some() => {
            Err(SettingError::of("tls_cert", "is required with tls_client_ca"))
        }
        (None, None) => Ok(None),
    }
}
