//! Opens what the settings name: the database, the master key, the engine over both.
//!
//! Invariant: a master key that did not seal this database's keys stops the start; nothing is ever
//! sealed under two keys.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deputy_engine::{Database, DatabaseUrl, StoreError};
use deputy_engine::{Engine, Installation, Sources, Tasks};
use deputy_federation::outbound::Outbound;
use deputy_token::secrets::{ApiKey, MasterKey, MasterKeyError};
use zeroize::Zeroizing;

use crate::config::problem::SettingError;
use crate::config::public_url::PublicUrl;
use crate::config::settings::{MasterKeySource, Settings};

/// Where the installation keeps the check value of its master key.
const CHECK: &str = "master_key_check";

/// Why nothing could be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A setting that cannot be used.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The database.
    #[error("the database could not be opened: {0}")]
    Store(#[from] StoreError),
    /// The random source, or a key that cannot be used.
    #[error("the master key could not be used: {0}")]
    MasterKey(#[from] MasterKeyError),
    /// The key file beside the database.
    #[error("`{}`: {cause}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
}

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// [`OpenError`].
pub async fn database(settings: &Settings) -> Result<(Database, DatabaseUrl), OpenError> {
    let url: DatabaseUrl = settings
        .database_url
        .expose()
        .parse()
        .map_err(|e| SettingError::of("database_url", format!("{e}")))?;
    let database = Database::open(&url).await?;
    database.migrate().await?;
    Ok((database, url))
}

/// Opens everything and starts the engine.
///
/// # Errors
/// [`OpenError`].
pub async fn engine(settings: &Settings, public_url: &PublicUrl) -> Result<(Engine, Tasks), OpenError> {
    let (database, url) = database(settings).await?;
    let sources = Sources::system();
    let master = master_key(&settings.master_key, &url, &sources)?;
    let check = master.check_value().to_text();
    if database.value_or_insert(CHECK, &check).await? != check {
        let problem = "is not the key that sealed this database; restore the right one";
        return Err(SettingError::of("master_key", problem.to_owned()).into());
    }
    let bootstrap = settings
        .bootstrap_key
        .as_ref()
        .map(|key| ApiKey::parse_chosen(key.expose()).map(|key| key.digest()))
        .transpose()
        .map_err(|error| SettingError::of("bootstrap_key", error.to_string()))?;
    let installation = Installation {
        public_url: public_url.as_str().to_owned(),
        trust_domain: settings.trust_domain(public_url)?,
        bootstrap,
    };
    let outbound = Outbound::new(settings.outbound_rules()?)
        .map_err(|error| SettingError::of("outbound_ca", error.to_string()))?;
    Ok(Engine::start(database, master, installation, sources, Arc::new(outbound)))
}

fn master_key(
    source: &MasterKeySource,
    url: &DatabaseUrl,
    sources: &Sources,
) -> Result<MasterKey, OpenError> {
    match (source, url) {
        (MasterKeySource::Given(bytes), _) => Ok(MasterKey::from_bytes(bytes)?),
        (MasterKeySource::File(path), _) => Ok(MasterKey::from_text(&read(path)?)?),
        (MasterKeySource::BesideDatabase, DatabaseUrl::Sqlite(file)) => {
            let mut path = file.clone().into_os_string();
            path.push(".key");
            beside(Path::new(&path), sources)
        }
        (MasterKeySource::BesideDatabase, DatabaseUrl::Postgres(_)) => {
            Err(SettingError::of("master_key_file", "is required with PostgreSQL".to_owned()).into())
        }
    }
}

/// The key file beside a SQLite database, made when it is missing, readable by its owner alone.
fn beside(path: &Path, sources: &Sources) -> Result<MasterKey, OpenError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let failed = |cause| OpenError::KeyFile { path: path.to_owned(), cause };
    let text = MasterKey::generate_text(&*sources.random)?;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            writeln!(file, "{}", text.as_str()).and_then(|()| file.sync_all()).map_err(failed)?;
            Ok(MasterKey::from_text(&text)?)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Ok(MasterKey::from_text(&read(path)?)?)
        }
        Err(error) => Err(failed(error)),
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, OpenError> {
    let text = std::fs::read_to_string(path);
    text.map(Zeroizing::new).map_err(|cause| OpenError::KeyFile { path: path.to_owned(), cause })
}
