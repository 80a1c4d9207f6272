//! `deputy serve --demo`: a tenant with the fleet of `manifests/`, in a database of its own, made anew at every
//! start, for this machine alone.
//!
//! Invariant: nothing but the demo's own files is touched, and nobody but this machine can reach what the
//! printed secrets open.

use std::io;
use std::path::{Path, PathBuf};

use deputy_engine::{Caller, DatabaseUrl, Engine, ImportOptions, Refusal};

use crate::cli::Failure;
use crate::config::problem::SettingError;
use crate::config::secret::Secret;
use crate::config::settings::{MasterKeySource, Settings};

/// The fleet that is imported.
const FLEET: &str = include_str!("../../../manifests/fleet.yaml");
/// The tenant.
const SLUG: &str = "demo";
/// The agent whose token the printed commands ask for.
const AGENT: &str = "crm-research-agent";
/// The database, beside the one that `serve` would use.
const FILE: &str = "deputy-demo.db";

/// The demo's own settings, from those of a server.
///
/// # Errors
/// A listener that other machines can reach.
pub fn settings(given: Settings) -> Result<Settings, SettingError> {
    if !given.listen.ip().is_loopback() {
        let problem = format!(
            "`{}`: the demo listens on a loopback address only, such as 127.0.0.1:8080",
            given.listen
        );
        return Err(SettingError::of("listen", problem));
    }
    let beside = match given.database_url.expose().parse() {
        Ok(DatabaseUrl::Sqlite(file)) => file.with_file_name(FILE),
        Ok(DatabaseUrl::Postgres(_)) | Err(_) => PathBuf::from(FILE),
    };
    Ok(Settings {
        database_url: Secret::new(format!("sqlite://{}", beside.display())),
        master_key: MasterKeySource::BesideDatabase,
        bootstrap_key: None,
        stated_public_url: None,
        stated_trust_domain: None,
        ..given
    })
}

/// Removes what the last demo left.
///
/// # Errors
/// When a file cannot be removed.
pub fn clear(settings: &Settings) -> Result<(), Failure> {
    let Ok(DatabaseUrl::Sqlite(file)) = settings.database_url.expose().parse() else { return Ok(()) };
    for suffix in ["", "-wal", "-shm", ".key"] {
        let mut path = file.clone().into_os_string();
        path.push(suffix);
        let path = Path::new(&path);
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::io(format!("`{}`", path.display()), error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes the tenant and its fleet; returns what to tell whoever started the demo.
///
/// # Errors
/// [`Failure::Negative`] when the fleet cannot be imported.
pub async fn furnish(engine: &Engine) -> Result<String, Failure> {
    furnished(engine)
        .await
        .map_err(|refusal| Failure::Negative(format!("the demo could not be made: {refusal}")))
}

async fn furnished(engine: &Engine) -> Result<String, Refusal> {
    let made = engine.create_tenant(&Caller::system(), SLUG, Some("Demo")).await?;
    let view = engine.tenant(SLUG).await?;
    let caller = engine.authenticate(&view, &made.admin_key, None)?;
    let options = ImportOptions { create_owners: true, ..ImportOptions::default() };
    let imported = Box::pin(engine.import(&view, &caller, FLEET.into(), options)).await?;
    let agents = imported.credentials.len();
    let credential =
        imported.credentials.into_iter().find(|one| one.agent == AGENT).ok_or(Refusal::NotFound)?;
    let runtime = view.read().agents.get(&credential.client_id).and_then(|agent| agent.runtime.clone());
    let link = engine.create_sign_in_link(&view).await?;
    Ok(Greeting {
        issuer: &made.issuer,
        agents,
        code: &link.code,
        key: &made.admin_key,
        client_id: &credential.client_id,
        client_secret: credential.client_secret.as_deref().unwrap_or_default(),
        runtime: runtime.as_ref().map(|runtime| runtime.fingerprint.as_str()).unwrap_or_default(),
    }
    .text())
}

struct Greeting<'g> {
    issuer: &'g str,
    agents: usize,
    code: &'g str,
    key: &'g str,
    client_id: &'g str,
    client_secret: &'g str,
    runtime: &'g str,
}

impl Greeting<'_> {
    fn text(&self) -> String {
        let Self { issuer, agents, code, key, client_id, client_secret, runtime } = self;
        format!(
            r#"
The tenant `{SLUG}` has {agents} agents, from manifests/fleet.yaml. It is made anew at every start.

Dashboard; this link signs you in once, within 15 minutes:
  {issuer}/sign-in?code={code}

Or paste this into a shell, line by line:

KEY={key}   # an administrator's key of the tenant
decide() {{ curl -s {issuer}/access/v1/evaluation -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{{"subject":{{"type":"agent","id":"{AGENT}","properties":{{"token":"'"$TOKEN"'"}}}},"action":{{"name":"'"$1"'","properties":{{"arguments":'"$2"'}}}},"resource":{{"type":"tool","id":"'"$1"'"}}}}'; echo; }}

# {AGENT} gets a token for two of its tools
TOKEN=$(curl -s {issuer}/oauth/token -u {client_id}:{client_secret} -d grant_type=client_credentials -d runtime={runtime} --data-urlencode 'authorization_details=[{{"type":"deputy_mandate","tools":{{"search":{{}},"transfer":{{}}}}}}]' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

# allowed
decide search '{{"query":"Q1 revenue"}}'
decide transfer '{{"amount":100,"currency":"USD","target":"crm-db"}}'

# denied: over the limit, and a tool that it does not have
decide transfer '{{"amount":5000,"currency":"USD","target":"crm-db"}}'
decide deploy '{{"service":"crm","version":"2","env":"production"}}'

# revoke the agent's credentials: the token dies at once, with everything below it
curl -s {issuer}/api/v1/revocations -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{{"target":{{"agent":"{AGENT}"}},"reason":"demo"}}'; echo
decide search '{{"query":"Q1 revenue"}}'
"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, settings};
    use crate::config::Flags;

    fn of(listen: &str, database: &str) -> Result<String, String> {
        let flags = Flags {
            listen: Some(listen.to_owned()),
            database_url: Some(database.to_owned()),
            public_url: Some("https://deputy.example.com".to_owned()),
            master_key_file: Some("/etc/deputy.key".to_owned()),
            ..Flags::default()
        };
        let given = Settings::check(flags).map_err(|error| error.to_string())?;
        let demo = settings(given).map_err(|error| error.to_string())?;
        assert!(demo.stated_public_url.is_none());
        Ok(demo.database_url.expose().to_owned())
    }

    #[test]
    fn the_demo_has_a_database_of_its_own_and_stays_on_this_machine() {
        let own = of("127.0.0.1:0", "sqlite:///var/lib/deputy.db");
        assert_eq!(own.as_deref(), Ok("sqlite:///var/lib/deputy-demo.db"));
        assert_eq!(of("[::1]:0", "sqlite://deputy.db").as_deref(), Ok("sqlite://deputy-demo.db"));
        assert_eq!(of("127.0.0.1:0", "postgres://db/deputy").as_deref(), Ok("sqlite://deputy-demo.db"));
        for reachable in ["0.0.0.0:8080", "192.0.2.1:80", "[::]:8080"] {
            assert!(
                of(reachable, "sqlite://deputy.db").is_err_and(|said| said.contains("listen")),
                "{reachable}"
            );
        }
    }
}
