//! Where a caller keeps attributes, and what it gets back.

use crate::path::Path;

/// The database that the text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, whose text compares by bytes.
    Sqlite,
    /// PostgreSQL, whose text compares by the database's collation unless told otherwise.
    Postgres,
}

/// Says where attributes stand. The paths asked for are whole attributes when they are multi-valued, and otherwise
/// the attribute or the part of it that is compared.
pub trait Columns {
    /// The place of an attribute; `None` when it cannot be searched.
    fn place(&self, path: &Path) -> Option<Place>;

    /// The column that `sortBy` orders by, of a multi-valued attribute too; by default that of [`Columns::place`].
    fn sort_column(&self, path: &Path) -> Option<Column> {
        match self.place(path)? {
            Place::Column(column) => Some(column),
            Place::Rows(_) | Place::Json(_) => None,
        }
    }

    /// The values of the question marks in the [`Rows::scope`] of any place: a tenant, say.
    fn scope(&self) -> Vec<Bind> {
        Vec::new()
    }
}

/// Where an attribute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a column of the resource's row; single-valued attributes only.
    Column(Column),
    /// In rows of another table; multi-valued attributes only.
    Rows(Rows),
    /// In the search document that this expression gives as text.
    Json(&'static str),
}

/// An expression of SQL that gives one value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The expression, such as `u.user_folded`.
    pub expression: &'static str,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// When values are stored with a prefix, such as `user:`: every prefix that there is. Only `eq` and `ne` are
    /// compiled then.
    pub prefixes: &'static [&'static str],
}

impl Column {
    /// A column that is never NULL.
    #[must_use]
    pub const fn required(expression: &'static str) -> Self {
        Self { expression, nullable: false, prefixes: &[] }
    }

    /// A column that may be NULL, which is unassigned.
    #[must_use]
    pub const fn optional(expression: &'static str) -> Self {
        Self { expression, nullable: true, prefixes: &[] }
    }

    /// The same column, whose values have one of these prefixes.
    #[must_use]
    pub const fn prefixed(self, prefixes: &'static [&'static str]) -> Self {
        Self { prefixes, ..self }
    }
}

/// The entries of a multi-valued attribute as rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// What stands after FROM, such as `group_members m`.
    pub from: &'static str,
    /// Which rows are looked at, whatever the resource, such as `m.tenant = ?`; so an index on a part answers.
    pub scope: &'static str,
    /// Whose row it is, never NULL, such as `m.group_id`.
    pub key: &'static str,
    /// The resource's own name for that, such as `g.id`.
    pub owner: &'static str,
    /// The column of each part by its name; an empty name is the entry of a simple attribute.
    pub columns: &'static [(&'static str, Column)],
}

/// A value to bind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// Text.
    Text(String),
    /// A 64-bit number.
    Int(i64),
}

/// A condition for WHERE, and the values of its question marks in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SqlCondition {
    /// The text; it may be put beside others with AND as it is.
    pub text: String,
    /// The values.
    pub binds: Vec<Bind>,
}

/// Why a filter or an order has no SQL here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// The caller places the attribute nowhere.
    #[error("`{0}` cannot be searched")]
    Unplaced(String),
    /// The attribute is placed where this comparison has no SQL.
    #[error("`{0}` cannot be compared in this way")]
    Comparison(String),
    /// The attribute has no order.
    #[error("`{0}` cannot be sorted by")]
    Order(String),
}
