//! What identity providers provision, as SCIM asks for it: whole people and groups, found by compiled filters, page
//! by page.
//!
//! Memory holds little of this ([`crate::User`], [`crate::Group`]); a million people are read from here alone.

mod columns;
mod groups;
mod members;
mod people;
mod person;
mod syncs;

pub use columns::{GroupColumns, UserColumns};
pub use groups::Team;
pub use members::Membership;
pub use person::Person;
pub use syncs::Sync;

use deputy_scim::{
    Cursor,
    sql::{Bind, SqlCondition, SqlOrder},
};
use sea_orm::Value;

/// Which resources to read: those that match, in this order, from this place on.
#[derive(Debug, Clone)]
pub struct Page<'q> {
    /// What must be true of them.
    pub condition: &'q SqlCondition,
    /// Their order.
    pub order: &'q SqlOrder,
    /// The place after which the page begins.
    pub after: Option<&'q Cursor>,
    /// How many more to leave out.
    pub skip: u64,
    /// Most resources.
    pub limit: usize,
}

impl Page<'_> {
    /// What follows `FROM table WHERE tenant = ? AND`, and its values after the tenant.
    fn tail(&self) -> (String, Vec<Value>) {
        let mut text = self.condition.text.clone();
        let mut values: Vec<Value> = self.condition.binds.iter().map(value).collect();
        if let Some(cursor) = self.after {
            let after = self.order.after(cursor.key.as_ref(), &cursor.id);
            text.push_str(" AND ");
            text.push_str(&after.text);
            values.extend(after.binds.iter().map(value));
        }
        text.push_str(&format!(" ORDER BY {} LIMIT ?", self.order.by));
        values.push(i64::try_from(self.limit).unwrap_or(i64::MAX).into());
        if self.skip > 0 {
            text.push_str(" OFFSET ?");
            values.push(i64::try_from(self.skip).unwrap_or(i64::MAX).into());
        }
        (text, values)
    }
}

fn value(bind: &Bind) -> Value {
    match bind {
        Bind::Text(text) => text.as_str().into(),
        Bind::Int(number) => (*number).into(),
    }
}
