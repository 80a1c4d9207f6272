//! One value of a row, and the comparisons of it, in positive and negative form.

use super::{Bind, Column, Dialect, SqlError};
use crate::filter::{Comparison, Literal, Op};
use crate::path::Path;
use crate::schema::{Attribute, Type};

/// An expression that gives one value; `nullable` says whether it may be NULL.
pub(super) struct Operand {
    pub(super) sql: String,
    nullable: bool,
    prefixes: &'static [&'static str],
}

/// Text and binds, written from left to right.
#[derive(Default)]
pub(super) struct Text {
    pub(super) sql: String,
    pub(super) binds: Vec<Bind>,
}

impl Text {
    pub(super) fn push(&mut self, part: &str) {
        self.sql.push_str(part);
    }

    fn bind(&mut self, value: Bind) {
        self.sql.push('?');
        self.binds.push(value);
    }
}

const fn is_number(kind: Type) -> bool {
    matches!(kind, Type::Boolean | Type::Integer | Type::DateTime)
}

impl Operand {
    pub(super) fn of_column(column: Column) -> Self {
        Self { sql: column.expression.to_owned(), nullable: column.nullable, prefixes: column.prefixes }
    }

    /// A member of a search document: `document` is an expression, `names` lead to the value.
    pub(super) fn of_json(
        document: &str,
        names: &[&'static str],
        leaf: &Attribute,
        dialect: Dialect,
    ) -> Self {
        let sql = match dialect {
            Dialect::Sqlite => format!("json_extract({document}, '{}')", json_path(names)),
            Dialect::Postgres => {
                let text = postgres_member(document, names, "->>");
                if is_number(leaf.kind) { format!("({text})::bigint") } else { format!("({text})") }
            }
        };
        Self { sql, nullable: true, prefixes: &[] }
    }

    /// An entry of an array of plain values, which stands in `e.value`.
    pub(super) fn of_element(leaf: &Attribute, dialect: Dialect) -> Self {
        let sql = match dialect {
            Dialect::Sqlite => "e.value".to_owned(),
            Dialect::Postgres if is_number(leaf.kind) => "(e.value #>> '{}')::bigint".to_owned(),
            Dialect::Postgres => "(e.value #>> '{}')".to_owned(),
        };
        Self { sql, nullable: true, prefixes: &[] }
    }

    /// Writes that the value is assigned, or that it is not.
    pub(super) fn presence(&self, leaf: &Attribute, negated: bool, text: &mut Text) {
        let x = &self.sql;
        let sql = match (is_number(leaf.kind), self.nullable, negated) {
            (true, true, false) => format!("{x} IS NOT NULL"),
            (true, true, true) => format!("{x} IS NULL"),
            (true, false, false) => "1 = 1".to_owned(),
            (true, false, true) => "1 = 0".to_owned(),
            // NULL <> '' is not true, so the positive form needs no test for NULL.
            (false, _, false) => format!("{x} <> ''"),
            (false, true, true) => format!("({x} IS NULL OR {x} = '')"),
            (false, false, true) => format!("{x} = ''"),
        };
        text.push(&sql);
    }

    /// Writes a comparison, `ne` as the negation of `eq`.
    pub(super) fn comparison(
        &self,
        comparison: &Comparison,
        negated: bool,
        dialect: Dialect,
        text: &mut Text,
    ) -> Result<(), SqlError> {
        let (op, negated) = match comparison.op {
            Op::Ne => (Op::Eq, !negated),
            op => (op, negated),
        };
        if !negated {
            return self.positive(op, comparison, dialect, text);
        }
        match self.nullable {
            true => text.push(&format!("({} IS NULL OR NOT (", self.sql)),
            false => text.push("NOT ("),
        }
        self.positive(op, comparison, dialect, text)?;
        text.push(if self.nullable { "))" } else { ")" });
        Ok(())
    }

    /// Writes that the value is assigned and is another one than the literal.
    pub(super) fn differs(&self, comparison: &Comparison, text: &mut Text) -> Result<(), SqlError> {
        let leaf = comparison.path.leaf();
        self.presence(leaf, false, text);
        text.push(" AND NOT (");
        self.equals(&comparison.literal, &comparison.path, text)?;
        text.push(")");
        Ok(())
    }

    fn equals(&self, literal: &Literal, path: &Path, text: &mut Text) -> Result<(), SqlError> {
        let value = bound(literal, path)?;
        text.push(&self.sql);
        match (&value, self.prefixes) {
            (_, []) => {
                text.push(" = ");
                text.bind(value);
            }
            (Bind::Text(value), prefixes) => {
                for (i, prefix) in prefixes.iter().enumerate() {
                    text.push(if i == 0 { " IN (" } else { ", " });
                    text.bind(Bind::Text(format!("{prefix}{value}")));
                }
                text.push(")");
            }
            (Bind::Int(_), _) => return Err(SqlError::Comparison(path.to_string())),
        }
        Ok(())
    }

    fn positive(
        &self,
        op: Op,
        Comparison { path, literal, .. }: &Comparison,
        dialect: Dialect,
        text: &mut Text,
    ) -> Result<(), SqlError> {
        if op == Op::Eq {
            return self.equals(literal, path, text);
        }
        if !self.prefixes.is_empty() {
            return Err(SqlError::Comparison(path.to_string()));
        }
        let value = bound(literal, path)?;
        match (op, value) {
            (Op::Co, Bind::Text(value)) => self.contains(&value, path.leaf().case_exact, text),
            (Op::Sw, Bind::Text(value)) => self.starts(&value, dialect, text),
            (Op::Ew, Bind::Text(value)) => self.ends(&value, path.leaf().case_exact, text),
            (op, value) => self.ordered(op, value, dialect, text),
        }
        Ok(())
    }

    fn ordered(&self, op: Op, value: Bind, dialect: Dialect, text: &mut Text) {
        let x = &self.sql;
        let sign = match op {
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Lt => "<",
            _ => "<=",
        };
        if matches!(value, Bind::Int(_)) {
            text.push(&format!("{x} {sign} "));
            text.bind(value);
            return;
        }
        // The empty string is unassigned, so it is not less than anything.
        let low = matches!(op, Op::Lt | Op::Le);
        let x = collated(x, dialect);
        text.push(&if low { format!("({x} <> '' AND {x} {sign} ") } else { format!("({x} {sign} ") });
        text.bind(value);
        text.push(")");
    }

    /// A range, which an index answers: what starts with `ab` is from `ab` up to `ac`.
    fn starts(&self, value: &str, dialect: Dialect, text: &mut Text) {
        let x = collated(&self.sql, dialect);
        text.push(&format!("({x} >= "));
        text.bind(Bind::Text(value.to_owned()));
        if let Some(end) = after_prefix(value) {
            text.push(&format!(" AND {x} < "));
            text.bind(Bind::Text(end));
        }
        text.push(")");
    }

    fn contains(&self, value: &str, exact: bool, text: &mut Text) {
        let x = &self.sql;
        text.push(&format!("({x} LIKE "));
        text.bind(Bind::Text(format!("%{}%", escaped(value))));
        text.push(" ESCAPE '!'");
        if exact {
            // LIKE ignores the case of ASCII on SQLite; taking the text out of the value does not.
            text.push(&format!(" AND replace({x}, "));
            text.bind(Bind::Text(value.to_owned()));
            text.push(&format!(", '') <> {x}"));
        }
        text.push(")");
    }

    fn ends(&self, value: &str, exact: bool, text: &mut Text) {
        let x = &self.sql;
        text.push(&format!("({x} LIKE "));
        text.bind(Bind::Text(format!("%{}", escaped(value))));
        text.push(" ESCAPE '!'");
        if exact {
            // What LIKE let through is at least as long, so the start of the tail is in the value.
            let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
            text.push(&format!(" AND substr({x}, length({x}) + 1 - CAST("));
            text.bind(Bind::Int(length));
            text.push(" AS integer)) = ");
            text.bind(Bind::Text(value.to_owned()));
        }
        text.push(")");
    }
}

/// Text compares by bytes, whatever the collation of the database.
pub(super) fn collated(expression: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => expression.to_owned(),
        Dialect::Postgres => format!("{expression} COLLATE \"C\""),
    }
}

/// `document -> 'a' -> 'b'`, the last step with `last`.
pub(super) fn postgres_member(document: &str, names: &[&'static str], last: &str) -> String {
    let mut sql = format!("({document})::jsonb");
    for (i, name) in names.iter().enumerate() {
        let arrow = if i + 1 == names.len() { last } else { "->" };
        sql.push_str(&format!(" {arrow} '{name}'"));
    }
    sql
}

/// `$."a"."b"`; names hold letters, digits, `$`, `:` and `.` alone.
pub(super) fn json_path(names: &[&'static str]) -> String {
    names.iter().fold("$".to_owned(), |path, name| format!("{path}.\"{name}\""))
}

fn bound(literal: &Literal, path: &Path) -> Result<Bind, SqlError> {
    match literal {
        Literal::Text(text) => Ok(Bind::Text(text.clone())),
        Literal::Boolean(value) => Ok(Bind::Int(i64::from(*value))),
        Literal::Integer(value) | Literal::Instant(value) => Ok(Bind::Int(*value)),
        Literal::Decimal(_) => Err(SqlError::Comparison(path.to_string())),
    }
}

fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len() + 2);
    for c in value.chars() {
        if matches!(c, '!' | '%' | '_') {
            escaped.push('!');
        }
        escaped.push(c);
    }
    escaped
}

/// The least text that is greater than everything that starts with `prefix`; none when there is no such text.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The next scalar value; surrogates lie between two of them.
        if let Some(next) = (u32::from(last) + 1..=u32::from(last) + 0x801).find_map(char::from_u32) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}
