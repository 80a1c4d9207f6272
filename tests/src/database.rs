//! A database per test, copied from one that was migrated once.
//!
//! SQLite is a file, never `:memory:`; PostgreSQL is the private cluster of `cargo xtask test`. The template
//! holds the schema and one platform key, and is made by the binary under test itself.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::setup::{self, Tool};
use crate::{Server, Starting};

/// The master key of every test database: 32 bytes in base64.
pub(crate) const MASTER_KEY: &str = "ZGVwdXR5LXRlc3RzLWRlcHV0eS10ZXN0cy1kZXB1dHk=";

/// Which of the two databases a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    Sqlite,
    /// A database in a private PostgreSQL cluster.
    Postgres,
}

impl Database {
    /// Whether PostgreSQL can be tested; if not, a note is left (or the run fails, see [`setup::required`]).
    pub fn has_postgres() -> bool {
        Tool::Postgres.find().is_some()
    }

    /// A server with default settings on a fresh, migrated database.
    pub fn server(self) -> Server {
        self.starting().start()
    }

    /// A server on a fresh, migrated database, still to be given settings.
    pub fn starting(self) -> Starting {
        Starting::on(Store::copied(self))
    }

    /// A database with nothing in it, not even a schema (`serve` makes it).
    pub fn empty(self) -> Store {
        Store::empty(self)
    }
}

/// One test's database; removed with this value.
#[derive(Debug)]
pub struct Store {
    kind: Database,
    url: String,
    name: String,
    home: TempDir,
    platform_key: Option<&'static str>,
}

impl Store {
    fn copied(kind: Database) -> Self {
        let mut store = Self::named(kind);
        match kind {
            Database::Sqlite => {
                let template = sqlite_template();
                for (suffix, bytes) in &template.files {
                    let path = store.home.path().join(format!("{}{suffix}", store.name));
                    std::fs::write(path, bytes).expect("the temporary directory is writable");
                }
                store.platform_key = Some(&template.platform_key);
            }
            Database::Postgres => {
                let template = postgres_template();
                create(&store.name, Some(&template.name));
                store.platform_key = Some(&template.platform_key);
            }
        }
        store
    }

    fn empty(kind: Database) -> Self {
        let store = Self::named(kind);
        if kind == Database::Postgres {
            create(&store.name, None);
        }
        store
    }

    fn named(kind: Database) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let home = tempfile::Builder::new().prefix("deputy-test-").tempdir().expect("a temporary directory");
        let (name, url) = match kind {
            Database::Sqlite => {
                let name = "deputy.db".to_owned();
                let url = format!("sqlite://{}", home.path().join(&name).display());
                (name, url)
            }
            Database::Postgres => {
                let name = format!("deputy_test_{}_{count}", std::process::id());
                let url = url_of(&name);
                (name, url)
            }
        };
        Self { kind, url, name, home, platform_key: None }
    }

    /// Which database it is.
    pub fn kind(&self) -> Database {
        self.kind
    }

    /// The value for `--database-url`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A directory of this test's own (the SQLite file, logs, whatever a test puts there).
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The platform key in the database; none when it started empty.
    pub fn platform_key(&self) -> Option<&'static str> {
        self.platform_key
    }

    /// A command of the binary under test, pointed at this database, with no other `DEPUTY_…` setting.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(setup::binary());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("DEPUTY_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.home.path())
            .env("DEPUTY_DATABASE_URL", &self.url)
            .env("DEPUTY_MASTER_KEY", MASTER_KEY)
            .args(arguments);
        command
    }

    /// Runs one statement on this database, for what no route does yet. A running server does not hear of it.
    pub async fn execute(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        let done = match self.kind {
            Database::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.expect("a connection");
                sqlx::raw_sql(statement).execute(&mut connection).await.map(drop)
            }
            Database::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.expect("a connection");
                sqlx::raw_sql(statement).execute(&mut connection).await.map(drop)
            }
        };
        done.expect("the statement runs");
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the binary runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`deputy {}` failed\n{error}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    }

    /// Migrates, and makes the platform key that every copy will hold.
    fn furnish(&self) -> String {
        self.run(&["migrate"]);
        let key = self.run(&["key", "create", "--platform"]);
        assert!(key.starts_with("dpy_"), "`key create` printed {key:?}");
        key
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.kind == Database::Postgres {
            let name = std::mem::take(&mut self.name);
            // Nobody waits for it: the cluster goes at the end of the run anyway.
            std::thread::spawn(move || {
                administer(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"))
            });
        }
    }
}

struct SqliteTemplate {
    files: Vec<(&'static str, Vec<u8>)>,
    platform_key: String,
}

fn sqlite_template() -> &'static SqliteTemplate {
    static TEMPLATE: OnceLock<SqliteTemplate> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let store = Store::empty(Database::Sqlite);
        let platform_key = store.furnish();
        let path = |suffix| store.home().join(format!("deputy.db{suffix}"));
        let files =
            ["", "-wal"].into_iter().filter_map(|s| Some((s, std::fs::read(path(s)).ok()?))).collect();
        SqliteTemplate { files, platform_key }
    })
}

struct PostgresTemplate {
    name: String,
    platform_key: String,
}

fn postgres_template() -> &'static PostgresTemplate {
    static TEMPLATE: OnceLock<PostgresTemplate> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let mut store = Store::empty(Database::Postgres);
        let platform_key = store.furnish();
        let name = std::mem::take(&mut store.name);
        // An empty name: dropping `store` must leave the template alone.
        PostgresTemplate { name, platform_key }
    })
}

fn admin_url() -> String {
    Tool::Postgres.find().expect("a test on PostgreSQL asks `Database::has_postgres` first")
}

fn url_of(name: &str) -> String {
    let admin = admin_url();
    let (server, _) = admin.rsplit_once('/').expect("the admin URL names a database");
    format!("{server}/{name}")
}

fn create(name: &str, template: Option<&str>) {
    let template = template.unwrap_or("template0");
    administer(&format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\""))
        .expect("the database is created");
}

/// Runs one statement on the admin database, from a thread of its own because the caller may be on a runtime.
fn administer(statement: &str) -> Result<(), sqlx::Error> {
    let admin = admin_url();
    let statement = statement.to_owned();
    let work = async move {
        let mut connection = PgConnection::connect(&admin).await?;
        let mut tries = 0;
        loop {
            match sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut connection).await {
                // 55006: the template's last session has ended for us, but not yet for the server.
                Err(sqlx::Error::Database(error))
                    if error.code().as_deref() == Some("55006") && tries < 50 =>
                {
                    tries += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                other => return other.map(|_| ()),
            }
        }
    };
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
    })
    .join()
    .expect("the thread ends")
}
