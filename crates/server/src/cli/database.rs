//! Verbs that open the database themselves: `deputy migrate`, `tenant create`, `key create`.

use clap::{Args, Subcommand, ValueEnum};

use super::Failure;
use super::output::Output;
use crate::config::{Flags, Settings};

/// `migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    settings: Flags,
}

/// `tenant …`.
#[derive(Debug, Subcommand)]
pub enum TenantVerb {
    /// Make a tenant; its administrator key goes to stdout alone
    Create(CreateTenant),
}

/// `tenant create`.
#[derive(Debug, Args)]
pub struct CreateTenant {
    #[command(flatten)]
    settings: Flags,
    /// The short name in every URL; it can never be changed or used again
    #[arg(value_name = "SLUG")]
    slug: String,
    /// What people call it
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// `key …`.
#[derive(Debug, Subcommand)]
pub enum KeyVerb {
    /// Make a key; it goes to stdout alone
    Create(CreateKey),
}

/// `key create`.
#[derive(Debug, Args)]
pub struct CreateKey {
    #[command(flatten)]
    settings: Flags,
    /// A key for the installation as a whole
    #[arg(long, conflicts_with_all = ["tenant", "role"], required_unless_present = "tenant")]
    platform: bool,
    /// The tenant that it is for
    #[arg(long, value_name = "SLUG", requires = "role")]
    tenant: Option<String>,
    /// What it may do there
    #[arg(long, value_enum, requires = "tenant")]
    role: Option<Role>,
    /// The audiences that a verifier key is for
    #[arg(long, value_name = "URI", requires = "tenant")]
    audience: Vec<String>,
    /// How long it lives
    #[arg(long, value_name = "DURATION", default_value = "365d", value_parser = duration_secs)]
    expires: i64,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// The roles of a tenant's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Everything in the tenant
    Admin,
    /// Reads, previews, dry runs
    Auditor,
    /// Provisioning over SCIM
    Scim,
    /// Imports
    Importer,
    /// Introspection, decisions and the feed, for its audiences
    Verifier,
}

impl Migrate {
    /// Migrates.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self) -> Result<(), Failure> {
        let settings = Settings::resolve(self.settings)?;
        super::serve::log_to_stderr(&settings.log);
        Err(not_yet())
    }
}

impl TenantVerb {
    /// Makes the tenant.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self) -> Result<(), Failure> {
        let Self::Create(verb) = self;
        let settings = Settings::resolve(verb.settings)?;
        super::serve::log_to_stderr(&settings.log);
        let _name = verb.name.as_deref().unwrap_or(&verb.slug);
        let _form = verb.output;
        Err(not_yet())
    }
}

impl KeyVerb {
    /// Makes the key.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self) -> Result<(), Failure> {
        let Self::Create(verb) = self;
        let settings = Settings::resolve(verb.settings)?;
        super::serve::log_to_stderr(&settings.log);
        let _wanted = (verb.platform, verb.tenant, verb.role, verb.audience, verb.expires, verb.output);
        Err(not_yet())
    }
}

fn not_yet() -> Failure {
    Failure::Negative("this build does not open a database yet".to_owned())
}

/// A number with `s`, `m`, `h` or `d`, in seconds.
fn duration_secs(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is not a duration such as 365d, 12h or 30m");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let secs = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    number.checked_mul(secs).filter(|secs| (1..=3_650 * 86_400).contains(secs)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::duration_secs;

    #[test]
    fn durations() {
        assert_eq!(duration_secs("365d"), Ok(31_536_000));
        assert_eq!(duration_secs("90s"), Ok(90));
        for bad in ["", "d", "12", "-1d", "0s", "1y", "9999999999999d", "1é"] {
            assert!(duration_secs(bad).is_err(), "{bad}");
        }
    }
}
