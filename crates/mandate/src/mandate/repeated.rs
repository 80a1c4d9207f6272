//! What a sealed step repeats of the step before it, byte for byte, is named and not read again.
//!
//! A step that drops one tool states all the others, so most of its text stands in its parent's as well. Equal
//! canonical text is the same value, and every value is below itself, so nothing of it is left to check: neither
//! its form, nor its bounds, nor the order. Invariant: what is [`Repeated`] is taken from the mandate that is
//! narrowed, never from elsewhere, so no repetition can widen, whatever it is applied to.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{ArgumentMap, LimitMap, ToolMap};
use crate::constraint::Constraint;
use crate::json::{CanonicalError, CanonicalReader, ascends};

/// Names, ascending, each with the text of its value.
type Entries<'a> = Vec<(Cow<'a, str>, &'a str)>;

/// The tools and limits that hold at one step of a chain, as the text that stated them last wrote them.
#[derive(Debug, Clone, Default)]
pub struct Written<'a> {
    pub(super) tools: Entries<'a>,
    pub(super) limits: Entries<'a>,
}

/// The names of the tools and limits that a step states with the very text of its parent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repeated {
    pub(super) tools: Names,
    pub(super) limits: Names,
}

/// A few names, ascending by their bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.binary_search_by(|own| own.as_str().cmp(name)).is_ok()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, String> {
        self.0.iter()
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Repeated {
    /// Whether nothing is repeated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty() && self.limits.is_empty()
    }
}

impl<'a> CanonicalReader<'a> {
    /// Tools with their arguments, as they are written: the caller brings them into normal form. Those that were
    /// `written` before are only named; afterwards `written` is what stands here.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn tools(
        &mut self,
        written: &mut Written<'a>,
        repeated: &mut Repeated,
    ) -> Result<ToolMap, CanonicalError> {
        let before = std::mem::take(&mut written.tools);
        self.entries(
            before,
            &mut written.tools,
            &mut repeated.tools,
            |reader, _| reader.arguments(),
            |_| true,
        )
    }

    /// Limits by name, in the same way. One with clauses is always read: the bound on all limits together counts
    /// them.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn limits(
        &mut self,
        written: &mut Written<'a>,
        repeated: &mut Repeated,
    ) -> Result<LimitMap, CanonicalError> {
        let before = std::mem::take(&mut written.limits);
        let counts_once = |limit: &Constraint| limit.clauses().is_empty();
        self.entries(before, &mut written.limits, &mut repeated.limits, Self::constraint, counts_once)
    }

    fn arguments(&mut self) -> Result<ArgumentMap, CanonicalError> {
        let mut arguments = ArgumentMap::new();
        self.members(|reader, name| {
            let constraint = reader.constraint(&name)?;
            arguments.insert(name.into_owned(), constraint);
            Ok::<_, CanonicalError>(())
        })?;
        Ok(arguments)
    }

    /// An object by its entries: what stands in `before` as well goes into `repeated`, the rest is read. `here` is
    /// what the next step may repeat.
    #[inline]
    fn entries<T>(
        &mut self,
        before: Entries<'a>,
        here: &mut Entries<'a>,
        repeated: &mut Names,
        read: impl Fn(&mut Self, &str) -> Result<T, CanonicalError>,
        may_stand_for: impl Fn(&T) -> bool,
    ) -> Result<BTreeMap<String, T>, CanonicalError> {
        let mut own = BTreeMap::new();
        here.reserve(before.len().max(4));
        let mut before = before.into_iter().peekable();
        self.members(|reader, name| {
            // Both sides ascend, so one walk over them finds every name that they share.
            while before.next_if(|(other, _)| *other != name && ascends(other, &name)).is_some() {}
            if let Some(same) = before.next_if(|(other, text)| *other == name && reader.pass_object(text)) {
                here.push(same);
                if repeated.0.is_empty() {
                    repeated.0.reserve_exact(before.len() + 1);
                }
                repeated.0.push(name.into_owned());
                return Ok(());
            }
            let start = reader.position();
            let value = read(reader, &name)?;
            if may_stand_for(&value) {
                here.push((name.clone(), reader.since(start)));
            }
            own.insert(name.into_owned(), value);
            Ok::<_, CanonicalError>(())
        })?;
        // They came in the order of their UTF-16 code units, which is nearly always the same.
        if !repeated.0.is_sorted() {
            repeated.0.sort_unstable();
        }
        Ok(own)
    }
}
