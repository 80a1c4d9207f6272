//! What a sealed step states of tools and limits, line by line beside those of the step before it.
//!
//! A step that drops one tool states all the others, so most of its text stands in its parent's as well. Equal
//! canonical text is the same value, and every value is below itself, so nothing of it is read again: neither its
//! form nor the order is left to check. Invariant: what a step has in common with its parent is taken from the
//! outline that is narrowed, never from elsewhere, so no repetition can widen, whatever it is applied to.

use std::cmp::Ordering;

use super::outline::{Arguments, Entries, Entry, Outline, normalize_arguments};
use super::{BoundError, bounds, tools};
use crate::constraint::Constraint;
use crate::json::{CanonicalError, CanonicalReader, name_order};

/// One entry of a step.
#[derive(Debug, Clone)]
pub(super) enum Line<'a, T> {
    /// The parent's at this place, in the very same text.
    Same(usize),
    /// Its own, and the place of the parent's of that name, if there is one.
    Other(Option<usize>, Entry<'a, T>),
}

impl<'a, T> Line<'a, T> {
    /// Where the parent has that name.
    pub(super) const fn place(&self) -> Option<usize> {
        match self {
            Self::Same(place) => Some(*place),
            Self::Other(place, _) => *place,
        }
    }

    /// What it says, beside the parent's.
    fn entry<'m>(&'m self, above: &'m [Entry<'a, T>]) -> Option<&'m Entry<'a, T>> {
        match self {
            Self::Same(place) => above.get(*place),
            Self::Other(_, entry) => Some(entry),
        }
    }

    /// Whether it is the parent's, or below the parent's of that name.
    pub(super) fn is_below(&self, above: &[Entry<'a, T>], below: impl Fn(&T, &T) -> bool) -> bool {
        let outer = self.place().and_then(|place| above.get(place));
        outer.is_some_and(|outer| match self {
            Self::Same(_) => true,
            Self::Other(_, own) => own.name == outer.name && below(&own.value, &outer.value),
        })
    }
}

/// The tools and limits that a step states, in normal form; absent ones are inherited.
#[derive(Debug, Clone, Default)]
pub struct Stated<'a> {
    pub(super) tools: Option<Vec<Line<'a, Arguments<'a>>>>,
    pub(super) limits: Option<Vec<Line<'a, Constraint>>>,
}

impl<'a> Stated<'a> {
    /// Reads the tools, beside those of the outline.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn read_tools(
        &mut self,
        reader: &mut CanonicalReader<'a>,
        outline: &Outline<'a>,
    ) -> Result<(), CanonicalError> {
        let read = |reader: &mut CanonicalReader<'a>, _: &str| {
            let mut arguments = reader.arguments()?;
            normalize_arguments(&mut arguments);
            Ok(arguments)
        };
        self.tools = Some(lines(reader, &outline.tools, read)?);
        Ok(())
    }

    /// Reads the limits, in the same way.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn read_limits(
        &mut self,
        reader: &mut CanonicalReader<'a>,
        outline: &Outline<'a>,
    ) -> Result<(), CanonicalError> {
        let read = |reader: &mut CanonicalReader<'a>, name: &str| {
            let mut limit = reader.constraint(name)?;
            tools::normalize_constraint(&mut limit);
            Ok(limit)
        };
        self.limits = Some(lines(reader, &outline.limits, read)?);
        Ok(())
    }

    /// Verifies the bounds of what is parsed, beside the outline that it was read beside.
    ///
    /// # Errors
    /// The first [`BoundError`].
    pub fn verify_bounds(&self, outline: &Outline<'a>) -> Result<(), BoundError> {
        let (tools, limits) = (self.tools.as_deref(), self.limits.as_deref());
        let tools = tools.into_iter().flatten().filter_map(|line| line.entry(&outline.tools));
        let limits = limits.into_iter().flatten().filter_map(|line| line.entry(&outline.limits));
        bounds::verify_entries(tools.map(Entry::arguments), limits.map(Entry::limit))
    }

    /// Whether anything is stated in the very text of the parent.
    #[must_use]
    pub fn repeats(&self) -> bool {
        let same_tool = self.tools.iter().flatten().any(|line| matches!(line, Line::Same(_)));
        same_tool || self.limits.iter().flatten().any(|line| matches!(line, Line::Same(_)))
    }
}

/// An object by its entries: what stands in `above` as well is passed, the rest is read.
#[inline]
fn lines<'a, T>(
    reader: &mut CanonicalReader<'a>,
    above: &Entries<'a, T>,
    read: impl Fn(&mut CanonicalReader<'a>, &str) -> Result<T, CanonicalError>,
) -> Result<Vec<Line<'a, T>>, CanonicalError> {
    let mut lines = Vec::with_capacity(above.len());
    let mut above = above.iter().enumerate().peekable();
    reader.members(|reader, name| {
        // Both sides ascend, so one walk over them finds every name that they share.
        let shared = loop {
            match above.peek().map(|(_, other)| name_order(&other.name, &name)) {
                Some(Ordering::Less) => drop(above.next()),
                Some(Ordering::Equal) => break above.next(),
                Some(Ordering::Greater) | None => break None,
            }
        };
        lines.push(match shared {
            Some((place, same)) if reader.pass_object(same.text) => Line::Same(place),
            _ => Line::Other(shared.map(|(place, _)| place), reader.named(name, &read)?),
        });
        Ok::<_, CanonicalError>(())
    })?;
    Ok(lines)
}
