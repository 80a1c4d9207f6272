//! One SQL text for both databases: `?` marks a value, and becomes `$n` for PostgreSQL.

use sea_orm::{DbBackend, Statement, Value};

/// Most values that one statement may bind (SQLite 32,766, PostgreSQL 65,535), with room to spare.
const MOST_VALUES: usize = 30_000;

/// A statement from text with `?` marks; the text must hold no literal question mark.
pub(crate) fn statement(backend: DbBackend, text: &str, values: Vec<Value>) -> Statement {
    if backend != DbBackend::Postgres {
        return Statement::from_sql_and_values(backend, text, values);
    }
    let mut numbered = String::with_capacity(text.len() + values.len() * 3);
    let mut number = 0_usize;
    for part in text.split_inclusive('?') {
        match part.strip_suffix('?') {
            Some(before) => {
                number += 1;
                numbered.push_str(before);
                numbered.push('$');
                numbered.push_str(&number.to_string());
            }
            None => numbered.push_str(part),
        }
    }
    Statement::from_sql_and_values(backend, numbered, values)
}

/// `(?, ?, ?)` for `n` values.
pub(crate) fn marks(n: usize) -> String {
    let mut text = String::with_capacity(n * 3 + 2);
    text.push('(');
    for i in 0..n {
        text.push_str(if i == 0 { "?" } else { ", ?" });
    }
    text.push(')');
    text
}

/// Multi-row inserts of `rows`, each `width` values wide, within the bind limits of both databases.
pub(crate) fn inserts(
    backend: DbBackend,
    head: &str,
    tail: &str,
    width: usize,
    values: Vec<Value>,
) -> Vec<Statement> {
    let per_statement = (MOST_VALUES / width).max(1) * width;
    let mut statements = Vec::new();
    let mut rest = values;
    while !rest.is_empty() {
        let next = rest.split_off(rest.len().min(per_statement));
        let rows = rest.len() / width;
        let one = marks(width);
        let mut text = String::with_capacity(head.len() + tail.len() + rows * (one.len() + 2) + 16);
        text.push_str(head);
        text.push_str(" VALUES ");
        for row in 0..rows {
            if row > 0 {
                text.push_str(", ");
            }
            text.push_str(&one);
        }
        text.push_str(tail);
        statements.push(statement(backend, &text, rest));
        rest = next;
    }
    statements
}

/// The statements as one where the database takes several at once: on SQLite each costs two turns between threads.
pub(crate) fn together(backend: DbBackend, statements: Vec<Statement>) -> Vec<Statement> {
    if backend != DbBackend::Sqlite || statements.len() < 2 {
        return statements;
    }
    let (mut text, mut values) = (String::new(), Vec::new());
    for statement in statements {
        text.push_str(&statement.sql);
        text.push(';');
        values.extend(statement.values.into_iter().flat_map(|bound| bound.0));
    }
    vec![Statement::from_sql_and_values(backend, text, values)]
}

/// How many ids one `IN (…)` list takes at a time.
pub(crate) const IN_CHUNK: usize = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_numbers_on_postgres_only() {
        let values = || vec![Value::from("a"), Value::from(1_i64)];
        assert_eq!(statement(DbBackend::Postgres, "x = ? AND y = ?", values()).sql, "x = $1 AND y = $2");
        assert_eq!(statement(DbBackend::Sqlite, "x = ? AND y = ?", values()).sql, "x = ? AND y = ?");
    }

    #[test]
    fn statements_go_together_where_they_can() {
        let two = |backend| {
            let one = |text, value: i64| statement(backend, text, vec![Value::from(value)]);
            together(backend, vec![one("INSERT INTO a VALUES (?)", 1), one("INSERT INTO b VALUES (?)", 2)])
        };
        assert_eq!(two(DbBackend::Postgres).len(), 2);
        let [one] = two(DbBackend::Sqlite).try_into().unwrap();
        assert_eq!(one.sql, "INSERT INTO a VALUES (?);INSERT INTO b VALUES (?);");
        assert_eq!(one.values.unwrap().0, [Value::from(1_i64), Value::from(2_i64)]);
    }

    #[test]
    fn inserts_are_chunked_by_bound_values() {
        let values: Vec<Value> = (0..60_002_i64).map(Value::from).collect();
        let statements = inserts(DbBackend::Sqlite, "INSERT INTO t (a, b)", "", 2, values);
        assert_eq!(statements.len(), 3);
        let bound: usize = statements.iter().map(|s| s.values.as_ref().map_or(0, |v| v.0.len())).sum();
        assert_eq!(bound, 60_002);
    }
}
