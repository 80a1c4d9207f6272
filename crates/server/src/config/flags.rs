//! The settings as flags and variables of the commands that open the database.
//!
//! Invariant: `--help` never shows the value of a variable, which may be a secret.

use std::path::PathBuf;

use clap::Args;

/// One field a setting; what is absent may be in the file.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// A TOML file with any of these settings, named with underscores
    #[arg(long, env = "DEPUTY_CONFIG", value_name = "FILE", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:8080; port 0 takes a free one]
    #[arg(long, env = "DEPUTY_LISTEN", value_name = "ADDR", hide_env_values = true)]
    pub listen: Option<String>,
    /// sqlite://FILE or postgres://… [default: sqlite://deputy.db]
    #[arg(long, env = "DEPUTY_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Where people and programs reach it; required with a wildcard listener
    #[arg(long, env = "DEPUTY_PUBLIC_URL", value_name = "URL", hide_env_values = true)]
    pub public_url: Option<String>,
    /// The SPIFFE trust domain [default: the public host]
    #[arg(long, env = "DEPUTY_TRUST_DOMAIN", value_name = "NAME", hide_env_values = true)]
    pub trust_domain: Option<String>,
    /// 32 bytes in base64 that encrypt what must be read back; prefer the file
    #[arg(long, env = "DEPUTY_MASTER_KEY", value_name = "BASE64", hide_env_values = true)]
    pub master_key: Option<String>,
    /// A file with the master key [default with SQLite: made beside the database]
    #[arg(long, env = "DEPUTY_MASTER_KEY_FILE", value_name = "FILE", hide_env_values = true)]
    pub master_key_file: Option<String>,
    /// A platform key that works until the first platform key is made
    #[arg(long, env = "DEPUTY_BOOTSTRAP_KEY", value_name = "KEY", hide_env_values = true)]
    pub bootstrap_key: Option<String>,
    /// The certificate chain, PEM; serves https
    #[arg(long, env = "DEPUTY_TLS_CERT", value_name = "FILE", hide_env_values = true)]
    pub tls_cert: Option<String>,
    /// The certificate's private key, PEM
    #[arg(long, env = "DEPUTY_TLS_KEY", value_name = "FILE", hide_env_values = true)]
    pub tls_key: Option<String>,
    /// The CA that every client must have its certificate from, PEM
    #[arg(long, env = "DEPUTY_TLS_CLIENT_CA", value_name = "FILE", hide_env_values = true)]
    pub tls_client_ca: Option<String>,
    /// Addresses and networks of proxies whose X-Forwarded-For counts
    #[arg(long, env = "DEPUTY_TRUSTED_PROXIES", value_name = "LIST", hide_env_values = true)]
    pub trusted_proxies: Option<String>,
    /// Private addresses and networks that identity providers may live in
    #[arg(long, env = "DEPUTY_OUTBOUND_ALLOW", value_name = "LIST", hide_env_values = true)]
    pub outbound_allow: Option<String>,
    /// CAs trusted for what is fetched from identity providers, besides the system's, PEM
    #[arg(long, env = "DEPUTY_OUTBOUND_CA", value_name = "FILE", hide_env_values = true)]
    pub outbound_ca: Option<String>,
    /// Where Prometheus reads metrics [default: nowhere]
    #[arg(long, env = "DEPUTY_METRICS_LISTEN", value_name = "ADDR", hide_env_values = true)]
    pub metrics_listen: Option<String>,
    /// What to log, such as info or deputy=debug,warn [default: Deputy itself from info on]
    #[arg(long, env = "DEPUTY_LOG", value_name = "FILTER", hide_env_values = true)]
    pub log: Option<String>,
}
