//! `deputy serve --demo`: a tenant with the fleet of `manifests/`, in a database of its own, made anew at every
//! start, for this machine alone.
//!
//! Invariant: nothing but the demo's own files is touched, and nobody but this machine can reach what the
//! printed secrets open.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use deputy_engine::{Caller, DatabaseUrl, Engine, ImportOptions, Refusal};
use serde_json::json;

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

/// The demo's database.
fn database(settings: &Settings) -> PathBuf {
    match settings.database_url.expose().parse() {
        Ok(DatabaseUrl::Sqlite(file)) => file,
        Ok(DatabaseUrl::Postgres(_)) | Err(_) => PathBuf::from(FILE),
    }
}

/// Where the values are kept for shells.
fn variables(settings: &Settings) -> PathBuf {
    database(settings).with_extension("env")
}

/// Removes what the last demo left.
///
/// # Errors
/// When a file cannot be removed.
pub fn clear(settings: &Settings) -> Result<(), Failure> {
    let database = database(settings);
    let beside = ["", "-wal", "-shm", ".key"].map(|suffix| {
        let mut path = database.clone().into_os_string();
        path.push(suffix);
        PathBuf::from(path)
    });
    for path in beside.into_iter().chain([variables(settings)]) {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::io(format!("`{}`", path.display()), error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes the tenant and its fleet, and a file with what a shell needs; returns what to tell whoever started the demo.
///
/// # Errors
/// [`Failure`] when the fleet cannot be imported or the file cannot be written.
pub async fn furnish(engine: &Engine, settings: &Settings) -> Result<String, Failure> {
    let failed = |refusal: Refusal| Failure::Negative(format!("the demo could not be made: {refusal}"));
    let demo = furnished(engine).await.map_err(failed)?;
    let path = variables(settings);
    let kept = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    kept.and_then(|mut file| file.write_all(demo.variables().as_bytes()))
        .map_err(|error| Failure::io(format!("`{}`", path.display()), error))?;
    Ok(demo.greeting(&path))
}

async fn furnished(engine: &Engine) -> Result<Demo, Refusal> {
    let made = engine.create_tenant(&Caller::system(), SLUG, Some("Demo")).await?;
    let view = engine.tenant(SLUG).await?;
    let caller = engine.authenticate(&view, &made.admin_key, None)?;
    let options = ImportOptions { create_owners: true, ..ImportOptions::default() };
    let imported = Box::pin(engine.import(&view, &caller, FLEET.into(), options)).await?;
    let agents = imported.credentials.len();
    let credential =
        imported.credentials.into_iter().find(|one| one.agent == AGENT).ok_or(Refusal::NotFound)?;
    let runtime = view.read().agents.get(&credential.client_id).and_then(|agent| agent.runtime.clone());
    let runtime = runtime.map(|runtime| {
        json!({"model": runtime.model, "tools": runtime.tools, "config": runtime.config}).to_string()
    });
    Ok(Demo {
        server: engine.installation().public_url.clone(),
        issuer: made.issuer,
        agents,
        code: engine.create_sign_in_link(&view).await?.code,
        key: made.admin_key,
        client_id: credential.client_id,
        client_secret: credential.client_secret.unwrap_or_default(),
        runtime: runtime.unwrap_or_default(),
    })
}

/// A demo that is ready.
struct Demo {
    server: String,
    issuer: String,
    agents: usize,
    code: String,
    key: String,
    client_id: String,
    client_secret: String,
    runtime: String,
}

impl Demo {
    /// The values as a shell reads them; none of them holds a quote.
    fn variables(&self) -> String {
        let Self { server, issuer, key, client_id, client_secret, runtime, .. } = self;
        let values = [
            ("SERVER", server.as_str()),
            ("TENANT", SLUG),
            ("ISSUER", issuer),
            ("KEY", key),
            ("CLIENT_ID", client_id),
            ("CLIENT_SECRET", client_secret),
            ("RUNTIME", runtime),
        ];
        let line = |(name, value): (&str, &str)| format!("export DEPUTY_{name}='{value}'\n");
        format!("# Of the last `deputy serve --demo`; the client is {AGENT}.\n{}", values.map(line).concat())
    }

    /// What to tell whoever started the demo.
    fn greeting(&self, variables: &Path) -> String {
        let Self { issuer, agents, code, key, client_id, client_secret, runtime, .. } = self;
        let variables = variables.display();
        format!(
            r#"
The tenant `{SLUG}` has {agents} agents, from manifests/fleet.yaml. It is made anew at every start.

Dashboard; this link signs you in once, within 15 minutes:
  {issuer}/sign-in?code={code}

Commands to paste into a shell; the same values are in `{variables}`, to be sourced:

KEY={key}   # an administrator's key of the tenant
decide() {{ curl -s {issuer}/access/v1/evaluation -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{{"subject":{{"type":"agent","id":"{AGENT}","properties":{{"token":"'"$TOKEN"'"}}}},"action":{{"name":"'"$1"'","properties":{{"arguments":'"$2"'}}}},"resource":{{"type":"tool","id":"'"$1"'"}}}}'; echo; }}

# {AGENT} gets a token for two of its tools
TOKEN=$(curl -s {issuer}/oauth/token -u {client_id}:{client_secret} -d grant_type=client_credentials --data-urlencode 'runtime={runtime}' --data-urlencode 'authorization_details=[{{"type":"deputy_mandate","tools":{{"search":{{}},"transfer":{{}}}}}}]' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

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
