//! What a patch does to the members of a group, without the members.
//!
//! The law: for any members, the ids that [`Patch::apply`](super::Patch::apply) leaves are those that the delta
//! leaves. It is tested on generated groups and patches.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::target::Target;
use super::{Operation, Patch, PatchError, PatchFault, Verb};
use crate::filter::{Comparison, Filter, Literal, Op};
use crate::resource::{Leniency, attribute_value};
use crate::schema::Attribute;

/// A change of a set of members: first everything goes if `replaced`, then `remove`, then `add` comes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MemberDelta {
    /// Whether the members that there were are gone.
    pub replaced: bool,
    /// Ids that go; who is not there stays away.
    pub remove: BTreeSet<String>,
    /// Members that come, by id, in the normal form; who is there stays.
    pub add: BTreeMap<String, Value>,
}

/// A patch in two parts that do not touch each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// What happens to the members.
    pub members: MemberDelta,
    /// Everything else; it may be applied to the resource without its members.
    pub rest: Patch,
}

impl MemberDelta {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.replaced && self.remove.is_empty() && self.add.is_empty()
    }

    /// The ids that are left of a set of ids.
    #[must_use]
    pub fn apply(&self, ids: &BTreeSet<String>) -> BTreeSet<String> {
        let stay = ids.iter().filter(|id| !self.replaced && !self.remove.contains(*id));
        stay.chain(self.add.keys()).cloned().collect()
    }

    fn add(&mut self, members: Vec<Value>) {
        for member in members {
            let Some(id) = id_of(&member) else { continue };
            self.add.insert(id, member);
        }
    }

    fn remove(&mut self, ids: impl IntoIterator<Item = String>) {
        for id in ids {
            self.add.remove(&id);
            if !self.replaced {
                self.remove.insert(id);
            }
        }
    }

    fn clear(&mut self) {
        *self = Self { replaced: true, ..Self::default() };
    }
}

impl Patch {
    /// What the patch does to members, apart from the rest; `None` when that depends on more of the members than
    /// their ids (`members[type eq "Group"]`), so that they must be loaded and [`Patch::apply`] be used.
    ///
    /// # Errors
    /// [`PatchError`], when the members that are sent are not members.
    pub fn split_members(&self) -> Result<Option<Split>, PatchError> {
        let mut members = MemberDelta::default();
        let mut rest = Vec::new();
        for operation in &self.operations {
            let Some(attribute) = operation.target.attribute().filter(|attribute| attribute.unbounded) else {
                rest.push(operation.clone());
                continue;
            };
            let known = self
                .change(operation, attribute, &mut members)
                .map_err(|fault| PatchError::Operation { number: operation.number, fault })?;
            if !known {
                return Ok(None);
            }
        }
        Ok(Some(Split { members, rest: Self { operations: rest, ..self.clone() } }))
    }

    /// Adds one operation to the delta; false when it has no such form.
    fn change(
        &self,
        Operation { verb, target, value, .. }: &Operation,
        attribute: &Attribute,
        delta: &mut MemberDelta,
    ) -> Result<bool, PatchFault> {
        if let Target::Entries { filter, sub: None, .. } = target
            && *verb == Verb::Remove
        {
            let mut ids = BTreeSet::new();
            let known = collect_ids(filter, &mut ids);
            if known {
                delta.remove(ids);
            }
            return Ok(known);
        }
        if !matches!(target, Target::Attribute(path) if path.sub.is_none()) {
            return Ok(false);
        }
        let sent = match value {
            Some(value) => attribute_value(attribute, value, Leniency::Patch, self.unknown)?,
            None => None,
        };
        let sent = match sent {
            Some(Value::Array(entries)) => entries,
            _ => Vec::new(),
        };
        match (verb, value) {
            (Verb::Add, _) => delta.add(sent),
            (Verb::Remove, Some(_)) => delta.remove(sent.iter().filter_map(id_of)),
            (Verb::Remove, None) => delta.clear(),
            (Verb::Replace, _) => {
                delta.clear();
                delta.add(sent);
            }
        }
        Ok(true)
    }
}

fn id_of(member: &Value) -> Option<String> {
    member.get("value")?.as_str().map(str::to_owned)
}

/// The ids of `value eq "a" or value eq "b" …`; false for any other filter.
fn collect_ids(filter: &Filter, ids: &mut BTreeSet<String>) -> bool {
    match filter {
        Filter::Any(filters) => filters.iter().all(|filter| collect_ids(filter, ids)),
        Filter::Compare(Comparison { path, op: Op::Eq, literal: Literal::Text(id) }) => {
            let by_id = path.sub.is_some_and(|sub| sub.name == "value");
            ids.insert(id.clone());
            by_id
        }
        _ => false,
    }
}
