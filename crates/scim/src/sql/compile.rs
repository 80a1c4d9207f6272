//! From a filter to a condition.

use super::operand::{Operand, Text, json_path, postgres_member};
use super::{Column, Columns, Dialect, Place, Rows, SqlCondition, SqlError};
use crate::filter::{Comparison, Filter, Op};
use crate::path::Path;
use crate::schema::Type;

/// The condition that selects what the filter matches.
///
/// # Errors
/// [`SqlError`] when an attribute has no place, or none where it can be compared so.
pub fn compile(filter: &Filter, columns: &dyn Columns, dialect: Dialect) -> Result<SqlCondition, SqlError> {
    let mut writer = Writer { text: Text::default(), columns, dialect };
    writer.node(filter, false, Scope::Resource)?;
    let Text { sql, binds } = writer.text;
    Ok(SqlCondition { text: sql, binds })
}

/// Where paths look: in the resource's row, or in one entry.
#[derive(Clone, Copy)]
enum Scope {
    Resource,
    Row(&'static [(&'static str, Column)]),
    /// In `e.value`, an entry of an array in a search document.
    Element,
}

struct Writer<'a> {
    text: Text,
    columns: &'a dyn Columns,
    dialect: Dialect,
}

impl Writer<'_> {
    /// Recurses as deep as the filter's brackets.
    fn node(&mut self, filter: &Filter, negated: bool, scope: Scope) -> Result<(), SqlError> {
        match (filter, negated) {
            (Filter::Not(inner), _) => self.node(inner, !negated, scope),
            (Filter::Constant(value), _) => {
                self.text.push(if *value == negated { "1 = 0" } else { "1 = 1" });
                Ok(())
            }
            // De Morgan: a negated conjunction is a disjunction of negations.
            (Filter::All(filters), false) | (Filter::Any(filters), true) => {
                self.list(filters, " AND ", negated, scope)
            }
            (Filter::All(filters), true) | (Filter::Any(filters), false) => {
                self.list(filters, " OR ", negated, scope)
            }
            (Filter::Present(path), _) => self.present(path, negated, scope),
            (Filter::Compare(comparison), _) => self.compare(comparison, negated, scope),
            (Filter::Entry { path, filter }, _) => {
                self.exists(path, negated, |writer, scope| writer.node(filter, false, scope))
            }
        }
    }

    fn list(&mut self, filters: &[Filter], join: &str, negated: bool, scope: Scope) -> Result<(), SqlError> {
        self.text.push("(");
        for (i, filter) in filters.iter().enumerate() {
            if i > 0 {
                self.text.push(join);
            }
            self.node(filter, negated, scope)?;
        }
        self.text.push(")");
        Ok(())
    }

    /// Writes that some entry of a multi-valued attribute is as `inner` says, or that none is.
    fn exists(
        &mut self,
        path: &Path,
        negated: bool,
        inner: impl FnOnce(&mut Self, Scope) -> Result<(), SqlError>,
    ) -> Result<(), SqlError> {
        let whole = path.with(None);
        let not = if negated { "NOT " } else { "" };
        match self.columns.place(&whole) {
            Some(Place::Rows(Rows { from, scope, key, owner, columns })) => {
                self.text.push(&format!("{owner} {not}IN (SELECT {key} FROM {from} WHERE {scope} AND "));
                self.text.binds.extend(self.columns.scope());
                inner(self, Scope::Row(columns))?;
            }
            Some(Place::Json(document)) => {
                let elements = self.elements(document, &whole);
                self.text.push(&format!("{not}EXISTS (SELECT 1 FROM {elements} WHERE "));
                inner(self, Scope::Element)?;
            }
            Some(Place::Column(_)) | None => return Err(SqlError::Unplaced(whole.to_string())),
        }
        self.text.push(")");
        Ok(())
    }

    fn elements(&self, document: &str, path: &Path) -> String {
        let names = names(path);
        match self.dialect {
            Dialect::Sqlite => format!("json_each({document}, '{}') e", json_path(&names)),
            Dialect::Postgres => {
                let array = postgres_member(document, &names, "->");
                format!("jsonb_array_elements({array}) AS e(value)")
            }
        }
    }

    fn present(&mut self, path: &Path, negated: bool, scope: Scope) -> Result<(), SqlError> {
        let attribute = path.attribute;
        if let (Scope::Resource, true) = (scope, attribute.multi_valued) {
            return self.exists(path, negated, |writer, scope| match path.sub {
                Some(_) => writer.present(path, false, scope),
                // Every row, and every element of a search document, is assigned.
                None => {
                    writer.text.push("1 = 1");
                    Ok(())
                }
            });
        }
        if let (Scope::Resource, Type::Complex, None) = (scope, attribute.kind, path.sub) {
            return self.present_complex(path, negated);
        }
        let operand = self.operand(path, scope)?;
        operand.presence(path.leaf(), negated, &mut self.text);
        Ok(())
    }

    /// An object is assigned when a part of it is.
    fn present_complex(&mut self, path: &Path, negated: bool) -> Result<(), SqlError> {
        let parts: Vec<Filter> =
            path.attribute.sub_attributes.iter().map(|sub| Filter::Present(path.with(Some(sub)))).collect();
        self.node(&Filter::Any(parts), negated, Scope::Resource)
    }

    fn compare(&mut self, comparison: &Comparison, negated: bool, scope: Scope) -> Result<(), SqlError> {
        let path = &comparison.path;
        if !path.attribute.multi_valued || !matches!(scope, Scope::Resource) {
            let operand = self.operand(path, scope)?;
            return operand.comparison(comparison, negated, self.dialect, &mut self.text);
        }
        if comparison.op == Op::Ne {
            return self.differs(comparison, negated);
        }
        self.exists(path, negated, |writer, scope| writer.compare(comparison, false, scope))
    }

    /// `ne` on a multi-valued attribute: some value differs, or there is none.
    fn differs(&mut self, comparison: &Comparison, negated: bool) -> Result<(), SqlError> {
        let path = &comparison.path;
        self.text.push("(");
        self.present(path, !negated, Scope::Resource)?;
        self.text.push(if negated { " AND " } else { " OR " });
        self.exists(path, negated, |writer, scope| {
            let operand = writer.operand(path, scope)?;
            operand.differs(comparison, &mut writer.text)
        })?;
        self.text.push(")");
        Ok(())
    }

    /// The expression of one value of the scope.
    fn operand(&self, path: &Path, scope: Scope) -> Result<Operand, SqlError> {
        let unplaced = || SqlError::Unplaced(path.to_string());
        match scope {
            Scope::Element => Ok(match path.sub {
                Some(sub) => Operand::of_json("e.value", &[sub.name], sub, self.dialect),
                None => Operand::of_element(path.attribute, self.dialect),
            }),
            Scope::Row(columns) => {
                let name = path.sub.map_or("", |sub| sub.name);
                let column = columns.iter().find(|(known, _)| *known == name);
                column.map(|(_, column)| Operand::of_column(*column)).ok_or_else(unplaced)
            }
            Scope::Resource => match self.columns.place(path) {
                Some(Place::Column(column)) => Ok(Operand::of_column(column)),
                Some(Place::Json(document)) => {
                    let mut names = names(path);
                    names.extend(path.sub.map(|sub| sub.name));
                    Ok(Operand::of_json(document, &names, path.leaf(), self.dialect))
                }
                Some(Place::Rows(_)) | None => Err(unplaced()),
            },
        }
    }
}

/// The members that lead to the attribute in a search document.
fn names(path: &Path) -> Vec<&'static str> {
    path.extension.map(|schema| schema.id).into_iter().chain([path.attribute.name]).collect()
}
