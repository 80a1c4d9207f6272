//! What can go wrong with a database, by what the caller can do about it.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is locked for too long or is out of space: try again later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A unique name is in use.
    #[error("a unique name is in use: {0}")]
    Taken(String),
    /// A stored row cannot be read as what it should be.
    #[error("stored {what} `{id}` cannot be read: {cause}")]
    Corrupt {
        /// Which kind of row.
        what: &'static str,
        /// Its id.
        id: String,
        /// The decoder's words.
        cause: String,
    },
    /// Anything else that the database said.
    #[error("database: {0}")]
    Database(DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(what)) = error.sql_err() {
            return Self::Taken(what);
        }
        match &error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Self::Unavailable(error.to_string()),
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))
                if is_outage(inner) =>
            {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Database(error),
        }
    }
}

/// True for what goes away by itself once the database is back.
fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // PostgreSQL class 08 (connection), 57P (shutdown), 53 (resources); SQLite 5 (busy), 13 (full).
        sqlx::Error::Database(db) => db.code().is_some_and(|code| {
            code.starts_with("08")
                || code.starts_with("57P")
                || code.starts_with("53")
                || code == "5"
                || code == "13"
        }),
        _ => false,
    }
}
