//! Opening a database: one writing connection and a pool of readers, on either backend.
//!
//! SQLite: WAL and `synchronous=FULL`, one writer whose transactions begin IMMEDIATE (a deferred
//! upgrade fails with BUSY_SNAPSHOT whatever the timeout), readers that are `query_only`.
//! PostgreSQL: a small pool for writing and one for reading; serialisation is by advisory locks.

use std::time::Duration;

use deputy_migrations::Migrator;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database as SeaOrm, DatabaseConnection, DatabaseTransaction,
    DbBackend, IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::{StoreError, sql};

/// Key of the advisory lock that migrations hold on PostgreSQL.
const MIGRATION_LOCK: i64 = 0x6465_7075_7479;

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, created when it is missing.
    Sqlite(std::path::PathBuf),
    /// A server, by its URL.
    Postgres(String),
}

/// A database URL of another kind.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The scheme is neither of the two.
    #[error("expected `sqlite://FILE` or `postgres://…`")]
    Scheme,
    /// An embedded database must be a file, because every connection must see the same data.
    #[error("an in-memory database cannot be used: name a file")]
    Memory,
}

impl std::str::FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let file = text
            .strip_prefix("sqlite://")
            .or_else(|| text.strip_prefix("sqlite:"))
            .ok_or(UrlError::Scheme)?;
        let file = file.split_once('?').map_or(file, |(file, _)| file);
        if file.is_empty() || file.contains(":memory:") {
            return Err(UrlError::Memory);
        }
        Ok(Self::Sqlite(file.into()))
    }
}

/// An open database.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) write: DatabaseConnection,
    pub(crate) read: DatabaseConnection,
    pub(crate) backend: DbBackend,
}

impl Database {
    /// Connects, creating a SQLite file when it is missing.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        match url {
            DatabaseUrl::Sqlite(file) => Self::open_sqlite(file).await,
            DatabaseUrl::Postgres(url) => Self::open_postgres(url).await,
        }
    }

    async fn open_sqlite(file: &std::path::Path) -> Result<Self, StoreError> {
        use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
        let options = |readers: u32| {
            let file = file.to_owned();
            let mut options = quiet(ConnectOptions::new("sqlite://deputy.db?mode=rwc"));
            options.max_connections(if readers == 0 { 1 } else { readers }).min_connections(1);
            options.map_sqlx_sqlite_opts(move |_| {
                let options = SqliteConnectOptions::new()
                    .filename(&file)
                    .create_if_missing(readers == 0)
                    .busy_timeout(Duration::from_secs(5))
                    .foreign_keys(true)
                    .pragma("temp_store", "memory")
                    .pragma("cache_size", "-16000");
                let options = sqlx::ConnectOptions::disable_statement_logging(options);
                if readers == 0 {
                    options
                        .journal_mode(SqliteJournalMode::Wal)
                        .synchronous(SqliteSynchronous::Full)
                        .pragma("wal_autocheckpoint", "4000")
                } else {
                    options.pragma("query_only", "ON")
                }
            });
            options
        };
        let write = connect(options(0)).await?;
        let read = connect(options(4)).await?;
        Ok(Self { write, read, backend: DbBackend::Sqlite })
    }

    async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        let options = |connections: u32| {
            let mut options = quiet(ConnectOptions::new(url.to_owned()));
            options
                .max_connections(connections)
                .min_connections(1)
                .statement_timeout(Duration::from_secs(30))
                // A plan made for any list of ids compares each of them with each row; one made for this list
                // hashes it or seeks it.
                .map_sqlx_postgres_opts(|options| {
                    options.options([("plan_cache_mode", "force_custom_plan")])
                });
            options
        };
        let write = connect(options(2)).await?;
        let read = connect(options(6)).await?;
        Ok(Self { write, read, backend: DbBackend::Postgres })
    }

    /// Brings the schema up to date; safe when several servers start at once.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match self.backend {
            DbBackend::Postgres => {
                let lock = self.begin_write().await?;
                let text = "SELECT pg_advisory_xact_lock(?)";
                lock.query_one_raw(sql::statement(self.backend, text, vec![MIGRATION_LOCK.into()])).await?;
                Migrator::up(&self.read, None).await?;
                lock.commit().await?;
            }
            _ => Migrator::up(&self.write, None).await?,
        }
        Ok(())
    }

    /// A transaction that may write; on SQLite it holds the write lock from its start.
    pub(crate) async fn begin_write(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = match self.backend {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            },
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::ReadCommitted),
                ..TransactionOptions::default()
            },
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// A read-only transaction over one snapshot of the data.
    pub(crate) async fn begin_read(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = match self.backend {
            DbBackend::Sqlite => TransactionOptions::default(),
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        Ok(self.read.begin_with_options(options).await?)
    }

    /// True while the database answers.
    pub async fn is_up(&self) -> bool {
        self.read.query_one_raw(sql::statement(self.backend, "SELECT 1", vec![])).await.is_ok()
    }

    /// Closes every connection; SQLite folds its write-ahead log into the file.
    pub async fn close(self) -> Result<(), StoreError> {
        self.read.close().await?;
        self.write.close().await?;
        Ok(())
    }
}

/// Connects; boxed, because the driver's future is large.
async fn connect(options: ConnectOptions) -> Result<DatabaseConnection, StoreError> {
    Box::pin(SeaOrm::connect(options)).await.map_err(as_unavailable)
}

/// Settings that both backends share; the pool neither logs statements nor pings before each use.
fn quiet(mut options: ConnectOptions) -> ConnectOptions {
    options
        .sqlx_logging(false)
        .test_before_acquire(false)
        .connect_timeout(Duration::from_secs(5))
        .acquire_timeout(Duration::from_secs(5));
    options
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function for `map_err`")]
fn as_unavailable(error: sea_orm::DbErr) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_file_or_a_server() {
        assert_eq!("sqlite://deputy.db".parse(), Ok(DatabaseUrl::Sqlite("deputy.db".into())));
        assert_eq!(
            "sqlite:///var/lib/d.db?mode=rwc".parse(),
            Ok(DatabaseUrl::Sqlite("/var/lib/d.db".into()))
        );
        assert_eq!("postgres://h/d".parse(), Ok(DatabaseUrl::Postgres("postgres://h/d".into())));
        assert_eq!("sqlite::memory:".parse::<DatabaseUrl>(), Err(UrlError::Memory));
        assert_eq!("mysql://h/d".parse::<DatabaseUrl>(), Err(UrlError::Scheme));
    }
}
