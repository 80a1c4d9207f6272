//! One migration tree for SQLite and PostgreSQL.
