//! Sort orders (RFC 7644 section 3.4.2.3) and the place after which a page continues.
//!
//! What is unassigned comes last, in descending order first; what is equal is ordered by id, so that pages are
//! stable and a cursor can name its place.

use super::operand::collated;
use super::{Bind, Column, Columns, Dialect, SqlCondition, SqlError};
use crate::list::{Sort, SortKey};
use crate::schema::Type;

/// An order in SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlOrder {
    /// What stands after ORDER BY.
    pub by: String,
    key: Option<(String, bool)>,
    id: String,
}

/// The order of `sort`, or of `id` alone without one; `id` is the column of the resource's id.
///
/// # Errors
/// [`SqlError::Order`] when the caller has no column for it.
pub fn compile_order(
    sort: Option<&Sort>,
    columns: &dyn Columns,
    id: &'static str,
    dialect: Dialect,
) -> Result<SqlOrder, SqlError> {
    let id = collated(id, dialect);
    let Some(sort) = sort else { return Ok(SqlOrder { by: id.clone(), key: None, id }) };
    let missing = || SqlError::Order(sort.path.to_string());
    let Column { expression, nullable, .. } = columns.sort_column(&sort.path).ok_or_else(missing)?;
    let number = matches!(sort.path.leaf().kind, Type::Boolean | Type::Integer | Type::DateTime);
    let key = if number { expression.to_owned() } else { collated(expression, dialect) };
    let way = if sort.descending { " DESC" } else { "" };
    let by = if nullable {
        format!("CASE WHEN {expression} IS NULL THEN 1 ELSE 0 END{way}, {key}{way}, {id}")
    } else {
        format!("{key}{way}, {id}")
    };
    Ok(SqlOrder { by, key: Some((key, sort.descending)), id })
}

impl SqlOrder {
    /// The condition of what comes after a resource with this sort key and id.
    #[must_use]
    pub fn after(&self, key: Option<&SortKey>, id: &str) -> SqlCondition {
        let id_bind = Bind::Text(id.to_owned());
        let by_id = format!("{} > ?", self.id);
        let Some((column, descending)) = &self.key else {
            return SqlCondition { text: by_id, binds: vec![id_bind] };
        };
        let Some(key) = key else {
            let null = format!("({column} IS NULL AND {by_id})");
            let text = if *descending { format!("({null} OR {column} IS NOT NULL)") } else { null };
            return SqlCondition { text, binds: vec![id_bind] };
        };
        let bind = match key {
            SortKey::Number(number) => Bind::Int(*number),
            SortKey::Text(text) => Bind::Text(text.clone()),
        };
        let (sign, nulls) = if *descending { ("<", "") } else { (">", " OR ") };
        let nulls = if *descending { String::new() } else { format!("{nulls}{column} IS NULL") };
        let text = format!("({column} {sign} ? OR ({column} = ? AND {by_id}){nulls})");
        SqlCondition { text, binds: vec![bind.clone(), bind, id_bind] }
    }
}
