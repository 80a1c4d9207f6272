//! Verbs that open the database themselves: `deputy migrate`, `tenant create`, `key create`.

use clap::{Args, Subcommand, ValueEnum};
use deputy_engine::model::ApiRole;
use deputy_engine::{Caller, Engine};
use deputy_mandate::Value;
use serde_json::json;
use tokio::runtime::Runtime;

use super::Failure;
use super::output::{self, Output};
use crate::config::{Flags, Settings};
use crate::open;
use crate::refusal::Refusal;

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
        let opened = runtime()?.block_on(open::database(&settings));
        opened?;
        eprintln!("the database is up to date");
        Ok(())
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
        let made = with_engine(&settings, async |engine| {
            engine.create_tenant(&Caller::system(), &verb.slug, verb.name.as_deref()).await
        })?;
        if verb.output == Output::Json {
            let made = serde_json::to_value(&made).map_err(|error| Failure::Answer(error.to_string()))?;
            return output::json(&made);
        }
        eprintln!("issuer: {}", made.issuer);
        eprintln!("this administrator key is not shown again:");
        output::line(&made.admin_key)
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
        let (id, key) = with_engine(&settings, async |engine| match (&verb.tenant, verb.role) {
            (Some(slug), Some(role)) => {
                let role = role.to_possible_value().map(|role| role.get_name().to_owned());
                let expires = format!("{}h", verb.expires / 3_600);
                let wanted = json!({"role": role, "audiences": verb.audience, "expires": expires});
                let wanted = Value::parse(&wanted.to_string()).map_err(|_| Refusal::Internal)?;
                // Whoever opens the database itself is above every key.
                let caller = Caller { role: Some(ApiRole::Admin), ..Caller::system() };
                let made = engine.create_key(&*engine.tenant(slug).await?, &caller, &wanted).await?;
                Ok((made.shown.id, made.key))
            }
            (None, _) | (_, None) => {
                engine.create_platform_key(Some(verb.expires)).await.map(|made| (made.id, made.key))
            }
        })?;
        if verb.output == Output::Json {
            return output::json(&json!({"id": id, "key": key}));
        }
        eprintln!("key {id}; it is not shown again:");
        output::line(&key)
    }
}

fn runtime() -> Result<Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| Failure::io("the runtime", error))
}

/// Opens the engine, runs one use case, and waits until what it wrote is on disk.
fn with_engine<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(&Engine) -> Result<T, Refusal>,
) -> Result<T, Failure> {
    // Nothing listens here: the public URL is the stated one, or that of the listener to be.
    let public_url = settings.public_url(settings.listen)?;
    runtime()?.block_on(async {
        let (engine, tasks) = open::engine(settings, &public_url).await?;
        let done = work(&engine).await;
        drop(engine);
        tasks.finish().await;
        done.map_err(|refusal| Failure::Negative(refusal.to_string()))
    })
}

/// A number of hours or days, as `h` or `d`, in seconds.
fn duration_secs(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is not a duration such as 365d or 12h, of at most ten years");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let secs = match unit {
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
        assert_eq!(duration_secs("12h"), Ok(43_200));
        for bad in ["", "d", "12", "-1d", "0h", "1y", "9999999999999d", "1é"] {
            assert!(duration_secs(bad).is_err(), "{bad}");
        }
    }
}
