//! Operations on the entries of a multi-valued attribute.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::apply::verify_immutable;
use super::target::plain_equality;
use super::{PatchFault, Verb};
use crate::filter::{Filter, is_assigned, matches_entry};
use crate::resource::{
    Leniency, MAX_ENTRIES, RequestError, Unknown, attribute_value, identity, merge, settle, unique,
};
use crate::schema::{Attribute, Type};
use crate::text::fold;

/// One change of one attribute.
pub(super) struct Change<'a> {
    pub(super) attribute: &'static Attribute,
    pub(super) verb: Verb,
    pub(super) value: Option<&'a Value>,
    pub(super) unknown: Unknown,
}

type Entries = Vec<Value>;

impl Change<'_> {
    /// A change of all entries, or of one part of all.
    pub(super) fn all(
        &self,
        old: Option<Value>,
        sub: Option<&'static Attribute>,
    ) -> Result<Option<Value>, PatchFault> {
        let old = entries_of(old);
        if let Some(sub) = sub {
            let places: Vec<usize> = (0..old.len()).collect();
            if places.is_empty() && self.verb != Verb::Remove {
                return Err(PatchFault::NoTarget(format!("{}.{}", self.attribute.name, sub.name)));
            }
            return self.set_part(old, &places, sub);
        }
        match self.verb {
            Verb::Add => self.add(old),
            Verb::Replace => Ok(Self::close(self.sent()?)),
            Verb::Remove => Ok(Self::close(self.without_sent(old)?)),
        }
    }

    /// A change of the entries that match, or of one part of them.
    pub(super) fn matching(
        &self,
        old: Option<Value>,
        filter: &Filter,
        sub: Option<&'static Attribute>,
    ) -> Result<Option<Value>, PatchFault> {
        let mut old = entries_of(old);
        let matched = old.iter().enumerate().filter(|(_, entry)| matches_entry(filter, entry));
        let mut places: Vec<usize> = matched.map(|(place, _)| place).collect();
        if self.verb == Verb::Remove && sub.is_none() {
            return Ok(Self::close(except(old, &places)));
        }
        let nothing = self.verb == Verb::Remove || self.value.is_none();
        if places.is_empty() && nothing {
            return Ok(Self::close(old));
        }
        if places.is_empty() {
            old.push(self.made(filter)?);
            places.push(old.len() - 1);
        }
        match sub {
            Some(sub) => self.set_part(old, &places, sub),
            None => self.set_entries(old, &places, filter),
        }
    }

    /// The entries that the client sent, in the normal form.
    fn sent(&self) -> Result<Entries, PatchFault> {
        let Some(value) = self.value else { return Ok(Vec::new()) };
        Ok(entries_of(attribute_value(self.attribute, value, Leniency::Patch, self.unknown)?))
    }

    fn add(&self, mut old: Entries) -> Result<Option<Value>, PatchFault> {
        let sent = self.sent()?;
        let primary = sent.iter().find(|entry| is_true(entry.get("primary")));
        let primary = primary.map(|entry| identity(self.attribute, entry));
        old.extend(sent);
        let mut entries = unique(self.attribute, old);
        let is_winner = |entry: &Value| primary.as_deref() == Some(identity(self.attribute, entry).as_str());
        if primary.is_some() {
            let winner = entries.iter().position(is_winner);
            settle(self.attribute, &mut entries, winner)?;
        }
        self.finish(entries)
    }

    /// What is left when the entries that the client sent are removed; all are, when it sent no value.
    fn without_sent(&self, old: Entries) -> Result<Entries, PatchFault> {
        if self.value.is_none() {
            return Ok(Vec::new());
        }
        let sent = self.sent()?;
        if self.attribute.by_value || self.attribute.kind != Type::Complex {
            let gone: BTreeSet<String> = sent.iter().map(|entry| identity(self.attribute, entry)).collect();
            return Ok(old
                .into_iter()
                .filter(|entry| !gone.contains(&identity(self.attribute, entry)))
                .collect());
        }
        let is_sent = |entry: &Value| sent.iter().any(|sent| self.has_parts(entry, sent));
        Ok(old.into_iter().filter(|entry| !is_sent(entry)).collect())
    }

    /// Whether an entry has every part that the client named.
    fn has_parts(&self, entry: &Value, sent: &Value) -> bool {
        let Value::Object(parts) = sent else { return entry == sent };
        parts.iter().all(|(name, part)| match (entry.get(name), part) {
            (Some(Value::String(has)), Value::String(part)) => {
                let exact = self.attribute.find_sub(name).is_some_and(|sub| sub.case_exact);
                has == part || (!exact && fold(has) == fold(part))
            }
            (has, part) => has == Some(part),
        })
    }

    /// The entry that `attr[type eq "x"]` makes when there is none.
    fn made(&self, filter: &Filter) -> Result<Value, PatchFault> {
        match plain_equality(filter) {
            Some((sub, text)) if sub.name == "type" => {
                Ok(Value::Object(Map::from_iter([(sub.name.to_owned(), text.into())])))
            }
            _ => Err(PatchFault::NoTarget(format!("{}[…]", self.attribute.name))),
        }
    }

    /// Sets, or removes, one part of the entries at these places.
    fn set_part(
        &self,
        mut entries: Entries,
        places: &[usize],
        sub: &'static Attribute,
    ) -> Result<Option<Value>, PatchFault> {
        let value = self.value.filter(|_| self.verb != Verb::Remove);
        let part = match value {
            Some(value) => attribute_value(sub, value, Leniency::Patch, self.unknown)?,
            None if self.verb == Verb::Add => return Ok(Self::close(entries)),
            None => None,
        };
        for place in places {
            let Some(Value::Object(members)) = entries.get_mut(*place) else { continue };
            verify_immutable(sub, members.get(sub.name), part.as_ref())?;
            match &part {
                Some(part) => {
                    members.insert(sub.name.to_owned(), part.clone());
                }
                // Without its value an entry is nothing.
                None if sub.name == "value" => members.clear(),
                None => {
                    members.remove(sub.name);
                }
            }
        }
        let winner = (sub.name == "primary" && places.len() == 1).then(|| places.first().copied()).flatten();
        let winner =
            winner.filter(|place| is_true(entries.get(*place).and_then(|entry| entry.get("primary"))));
        settle(self.attribute, &mut entries, winner)?;
        self.finish(unique(self.attribute, entries))
    }

    /// Adds parts to the entries at these places, or replaces them.
    fn set_entries(
        &self,
        mut entries: Entries,
        places: &[usize],
        filter: &Filter,
    ) -> Result<Option<Value>, PatchFault> {
        let mut sent = self.sent()?.into_iter();
        let (Some(sent), None) = (sent.next(), sent.next()) else {
            return match self.verb {
                // Replaced by nothing.
                Verb::Replace => Ok(Self::close(except(entries, places))),
                _ => Ok(Self::close(entries)),
            };
        };
        for place in places {
            let Some(entry) = entries.get_mut(*place) else { continue };
            let mut new = sent.clone();
            for sub in self.attribute.sub_attributes {
                let part = new.get(sub.name);
                verify_immutable(sub, entry.get(sub.name).filter(|_| part.is_some()), part)?;
            }
            if self.verb == Verb::Replace {
                // The part by which it was found stays, unless another one is sent.
                let kept =
                    plain_equality(filter).and_then(|(sub, _)| Some((sub, entry.get(sub.name)?.clone())));
                if let (Some((sub, kept)), Value::Object(new)) = (kept, &mut new) {
                    new.entry(sub.name).or_insert(kept);
                }
                *entry = new;
            } else {
                merge(entry, new);
            }
        }
        let winner = places.first().copied().filter(|_| places.len() == 1 && is_true(sent.get("primary")));
        settle(self.attribute, &mut entries, winner)?;
        self.finish(unique(self.attribute, entries))
    }

    fn finish(&self, entries: Entries) -> Result<Option<Value>, PatchFault> {
        let entries: Entries = entries.into_iter().filter(is_assigned).collect();
        let nameless = |entry: &Value| !entry.get("value").is_some_and(is_assigned);
        if self.attribute.by_value && entries.iter().any(nameless) {
            return Err(RequestError::Missing(format!("{}.value", self.attribute.name)).into());
        }
        if entries.len() > MAX_ENTRIES && !self.attribute.unbounded {
            return Err(RequestError::TooMany(self.attribute.name.to_owned()).into());
        }
        Ok(Self::close(entries))
    }

    fn close(entries: Entries) -> Option<Value> {
        (!entries.is_empty()).then_some(Value::Array(entries))
    }
}

fn entries_of(value: Option<Value>) -> Entries {
    match value {
        Some(Value::Array(entries)) => entries,
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

/// `places` are in rising order.
fn except(entries: Entries, places: &[usize]) -> Entries {
    let kept = entries.into_iter().enumerate().filter(|(place, _)| places.binary_search(place).is_err());
    kept.map(|(_, entry)| entry).collect()
}

fn is_true(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool) == Some(true)
}
