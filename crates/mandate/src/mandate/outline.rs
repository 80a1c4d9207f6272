//! The tools and limits of a sealed mandate while a chain is followed: read whole and strictly, kept under borrowed
//! names.
//!
//! Each step states most of them again and drops the rest, so nothing is owned before the end of the chain.
//! Invariant: this is how every sealed mandate is read, so it refuses what it refuses; and a step is judged, and
//! followed, as by [`Mandate::narrow`], to which laws hold it.

use std::borrow::Cow;

use super::stated::{Line, Stated};
use super::{ArgumentMap, BoundError, LimitMap, Mandate, Narrowing, ToolMap, Widening, bounds, tools};
use crate::constraint::Constraint;
use crate::json::{CanonicalError, CanonicalReader, name_order};

/// A tool or a limit, with the text that stated it last.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a, T> {
    pub(super) name: Cow<'a, str>,
    pub(super) text: &'a str,
    pub(super) value: T,
}

/// Entries, ascending by the UTF-16 code units of their names, as in their text.
pub(super) type Entries<'a, T> = Vec<Entry<'a, T>>;
/// A tool's arguments, in the same order.
pub(super) type Arguments<'a> = Vec<(Cow<'a, str>, Constraint)>;

/// The tools and the limits of a mandate, in normal form.
#[derive(Debug, Clone, Default)]
pub struct Outline<'a> {
    pub(super) tools: Entries<'a, Arguments<'a>>,
    pub(super) limits: Entries<'a, Constraint>,
}

impl<'a> Outline<'a> {
    /// As [`Mandate::verify_narrowing`] of the whole mandate, of which `rest` is what is not outlined.
    ///
    /// # Errors
    /// [`Widening`].
    pub fn verify_narrowing(&self, rest: &Mandate, stated: &Narrowing) -> Result<(), Widening> {
        rest.verify_members(
            stated,
            || stated.tools.as_ref().is_none_or(|own| self.tools_are_above(own)),
            || stated.limits.as_ref().is_none_or(|own| self.limits_are_above(own)),
        )
    }

    fn tools_are_above(&self, stated: &ToolMap) -> bool {
        stated.iter().all(|(tool, own)| {
            let outer = find(&self.tools, |entry| &entry.name, tool);
            outer.is_some_and(|Entry { value: outer, .. }| {
                let find = |name: &str| find(outer, |(name, _)| name, name).map(|(_, constraint)| constraint);
                tools::arguments_are_below(own, outer.len(), find, Constraint::is_below)
            })
        })
    }

    fn limits_are_above(&self, stated: &LimitMap) -> bool {
        self.limits.iter().all(|limit| stated.get(&*limit.name).is_some_and(|own| own.is_below(&limit.value)))
    }

    /// As [`Mandate::narrow`] of the whole mandate; the step's tools and limits are those `beside` it.
    ///
    /// # Errors
    /// [`Widening`]; then nothing has changed.
    pub fn narrow(
        &mut self,
        rest: &mut Mandate,
        stated: Narrowing,
        beside: Stated<'a>,
    ) -> Result<(), Widening> {
        rest.verify_members(
            &stated,
            || beside.tools.as_ref().is_none_or(|own| own.iter().all(|line| self.tool_is_above(line))),
            || beside.limits.as_ref().is_none_or(|own| self.limits_are_kept(own)),
        )?;
        let blocks = stated.blocked_tools.is_some();
        rest.become_narrower(stated);
        follow(&mut self.tools, beside.tools);
        follow(&mut self.limits, beside.limits);
        if blocks {
            self.tools.retain(|tool| !rest.blocked_tools.contains(&*tool.name));
        }
        Ok(())
    }

    fn tool_is_above(&self, line: &Line<'a, Arguments<'a>>) -> bool {
        let below = |own: &Arguments<'_>, outer: &Arguments<'_>| {
            // Both ascend, so equal names stand at equal places.
            let mut pairs = own.iter().zip(outer);
            outer.is_empty()
                || own.len() == outer.len()
                    && pairs.all(|((name, own), (other, outer))| name == other && own.is_below(outer))
        };
        line.is_below(&self.tools, below)
    }

    /// Each of these is there, as tight or tighter; others may be new.
    fn limits_are_kept(&self, stated: &[Line<'a, Constraint>]) -> bool {
        let kept = stated.iter().filter(|line| line.place().is_some());
        kept.clone().count() == self.limits.len()
            && kept.into_iter().all(|line| line.is_below(&self.limits, Constraint::is_below))
    }

    /// Puts everything that is outlined into the mandate whose rest this is.
    pub fn restore(self, rest: &mut Mandate) {
        // A few entries in their order: to insert each costs less than to sort and build.
        for Entry { name, value: arguments, .. } in self.tools {
            let mut owned = ArgumentMap::new();
            for (name, constraint) in arguments {
                owned.insert(name.into_owned(), constraint);
            }
            rest.tools.insert(name.into_owned(), owned);
        }
        for Entry { name, value: limit, .. } in self.limits {
            rest.limits.insert(name.into_owned(), limit);
        }
    }

    /// Verifies the bounds of what was read, and brings it and the rest into normal form.
    pub(super) fn normalize(&mut self, rest: &mut Mandate) -> Result<(), BoundError> {
        bounds::verify_entries(
            self.tools.iter().map(Entry::arguments),
            self.limits.iter().map(Entry::limit),
        )?;
        if !rest.blocked_tools.is_empty() {
            self.tools.retain(|tool| !rest.blocked_tools.contains(&*tool.name));
        }
        self.tools.iter_mut().for_each(|tool| normalize_arguments(&mut tool.value));
        self.limits.iter_mut().for_each(|limit| tools::normalize_constraint(&mut limit.value));
        rest.normalize();
        Ok(())
    }
}

impl<'a> Entry<'a, Arguments<'a>> {
    /// For the bounds.
    pub(super) fn arguments(&self) -> (&str, impl Iterator<Item = (&str, &Constraint)> + Clone) {
        (&self.name, self.value.iter().map(|(name, constraint)| (&**name, constraint)))
    }
}

impl Entry<'_, Constraint> {
    /// For the bounds.
    pub(super) fn limit(&self) -> (&str, &Constraint) {
        (&self.name, &self.value)
    }
}

impl<'a> CanonicalReader<'a> {
    pub(super) fn entries<T>(
        &mut self,
        read: impl Fn(&mut Self, &str) -> Result<T, CanonicalError>,
    ) -> Result<Entries<'a, T>, CanonicalError> {
        let mut entries = Vec::with_capacity(4);
        self.members(|reader, name| {
            entries.push(reader.named(name, &read)?);
            Ok::<_, CanonicalError>(())
        })?;
        Ok(entries)
    }

    /// The entry whose name was read.
    #[inline]
    pub(super) fn named<T>(
        &mut self,
        name: Cow<'a, str>,
        read: impl Fn(&mut Self, &str) -> Result<T, CanonicalError>,
    ) -> Result<Entry<'a, T>, CanonicalError> {
        let start = self.position();
        let value = read(self, &name)?;
        Ok(Entry { name, text: self.since(start), value })
    }

    pub(super) fn arguments(&mut self) -> Result<Arguments<'a>, CanonicalError> {
        let mut arguments = Vec::new();
        self.members(|reader, name| {
            let constraint = reader.constraint(&name)?;
            arguments.push((name, constraint));
            Ok::<_, CanonicalError>(())
        })?;
        Ok(arguments)
    }
}

pub(super) fn normalize_arguments(arguments: &mut Arguments<'_>) {
    arguments.iter_mut().for_each(|(_, constraint)| tools::normalize_constraint(constraint));
}

/// Becomes what the lines say; they name entries in the order in which these stand.
fn follow<'a, T>(entries: &mut Entries<'a, T>, stated: Option<Vec<Line<'a, T>>>) {
    let Some(stated) = stated else { return };
    let mut above = std::mem::take(entries).into_iter();
    let mut passed = 0;
    entries.reserve_exact(stated.len());
    entries.extend(stated.into_iter().filter_map(|line| match line {
        Line::Other(_, entry) => Some(entry),
        Line::Same(place) => {
            let same = above.nth(place.checked_sub(passed)?);
            passed = place + 1;
            same
        }
    }));
}

fn find<'m, E>(entries: &'m [E], name_of: impl Fn(&E) -> &Cow<'_, str>, name: &str) -> Option<&'m E> {
    let at = entries.binary_search_by(|entry| name_order(name_of(entry), name));
    entries.get(at.ok()?)
}
