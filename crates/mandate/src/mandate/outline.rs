//! A sealed mandate as its holder needs it to hand on less: read whole and strictly, kept under borrowed names.
//!
//! Who only makes a step, and does not follow it, needs no mandate of his own. Invariant: whatever the reader of the
//! mandate refuses is refused here, because it is the same one; and a step is judged as by
//! [`Mandate::verify_narrowing`], to which a law holds this.

use std::borrow::Cow;

use super::sealed::Maps;
use super::{LimitMap, Mandate, Narrowing, ToolMap, Widening, bounds, tools};
use crate::constraint::Constraint;
use crate::json::{CanonicalError, CanonicalReader};

/// Constraints, ascending by the bytes of their names.
type Named<'a> = Vec<(Cow<'a, str>, Constraint)>;

/// The tools and the limits of a mandate, in normal form.
#[derive(Debug, Clone, Default)]
pub struct Outline<'a> {
    tools: Vec<(Cow<'a, str>, Named<'a>)>,
    limits: Named<'a>,
}

impl Outline<'_> {
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
            find(&self.tools, tool).is_some_and(|outer| {
                let find = |name: &str| find(outer, name);
                tools::arguments_are_below(own, outer.len(), find, Constraint::is_below)
            })
        })
    }

    fn limits_are_above(&self, stated: &LimitMap) -> bool {
        self.limits.iter().all(|(name, limit)| stated.get(&**name).is_some_and(|own| own.is_below(limit)))
    }
}

impl<'a> Maps<'a> for Outline<'a> {
    type Beside = Self;

    fn declared(&mut self, reader: &mut CanonicalReader<'a>) -> Result<(), CanonicalError> {
        pass_name_map(reader)
    }

    fn limit_required(&mut self, reader: &mut CanonicalReader<'a>) -> Result<(), CanonicalError> {
        pass_name_map(reader)
    }

    fn limits(&mut self, reader: &mut CanonicalReader<'a>) -> Result<(), CanonicalError> {
        self.limits = named(reader)?;
        Ok(())
    }

    fn tools(&mut self, reader: &mut CanonicalReader<'a>) -> Result<(), CanonicalError> {
        self.tools.reserve_exact(4);
        reader.members(|reader, tool| {
            self.tools.push((tool, named(reader)?));
            Ok::<_, CanonicalError>(())
        })
    }

    fn finish(mut self, mut rest: Mandate) -> Result<(Mandate, Self), bounds::BoundError> {
        let arguments = self.tools.iter().map(|(tool, named)| (&**tool, entries(named)));
        bounds::verify_entries(arguments, entries(&self.limits), 0, 0)?;
        self.tools.retain(|(tool, _)| !rest.blocked_tools.contains(&**tool));
        let arguments = self.tools.iter_mut().map(|(_, named)| named);
        arguments
            .chain([&mut self.limits])
            .flatten()
            .for_each(|(_, constraint)| tools::normalize_constraint(constraint));
        sort(&mut self.tools);
        sort(&mut self.limits);
        self.tools.iter_mut().for_each(|(_, named)| sort(named));
        rest.normalize();
        Ok((rest, self))
    }
}

fn pass_name_map(reader: &mut CanonicalReader<'_>) -> Result<(), CanonicalError> {
    reader.members(|reader, _| reader.items(|reader| reader.string().map(drop)))
}

fn named<'a>(reader: &mut CanonicalReader<'a>) -> Result<Named<'a>, CanonicalError> {
    let mut named = Vec::new();
    reader.members(|reader, name| {
        let constraint = reader.constraint(&name)?;
        named.push((name, constraint));
        Ok::<_, CanonicalError>(())
    })?;
    Ok(named)
}

fn entries<'m>(named: &'m Named<'_>) -> impl Iterator<Item = (&'m str, &'m Constraint)> + Clone {
    named.iter().map(|(name, constraint)| (&**name, constraint))
}

/// They came in the order of their UTF-16 code units, which is nearly always the same.
fn sort<T>(entries: &mut [(Cow<'_, str>, T)]) {
    if !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
        entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    }
}

fn find<'m, T>(entries: &'m [(Cow<'_, str>, T)], name: &str) -> Option<&'m T> {
    let at = entries.binary_search_by(|(own, _)| (**own).cmp(name)).ok()?;
    entries.get(at).map(|(_, value)| value)
}
