//! Members of a mandate out of canonical text, in one pass.
//!
//! They mean what the strict reader of `wire.rs` reads, and refuse what it refuses; a test holds the two against
//! each other. Most constraints are read without a tree; whatever is not plain goes through one.

use std::collections::BTreeSet;

use super::{Binding, LimitMap, Mandate, MandateError, NameMap, Outline, ToolMap};
use crate::constraint::{Constraint, Range};
use crate::details::DETAILS_TYPE;
use crate::instant::Instant;
use crate::json::{CanonicalError, CanonicalReader, Value};

const TYPE: &str = "constraint_type";

impl<'a> CanonicalReader<'a> {
    /// The sealed `authorization_details`: an array of one `deputy_mandate` entry, every member explicit. What
    /// other claims hold (`scopes`, `audience` and both instants) is left empty for the caller to fill in.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn details(&mut self) -> Result<Mandate, CanonicalError> {
        let (mut mandate, outline) = self.outline()?;
        outline.restore(&mut mandate);
        Ok(mandate)
    }

    /// As [`CanonicalReader::details`], for a chain to narrow: tools and limits are only outlined, and the mandate
    /// is left without them.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn outline(&mut self) -> Result<(Mandate, Outline<'a>), CanonicalError> {
        self.only_entry(Self::name_map)
    }

    /// As [`CanonicalReader::outline`], and refuses the same, for a holder who follows nothing: the mandate is also
    /// left without the names that no step can narrow.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn bare_outline(&mut self) -> Result<(Mandate, Outline<'a>), CanonicalError> {
        self.only_entry(|reader| {
            reader.members(|reader, _| reader.items(|reader| reader.string().map(drop)))?;
            Ok(NameMap::new())
        })
    }

    fn only_entry(
        &mut self,
        name_map: impl Fn(&mut Self) -> Result<NameMap, CanonicalError>,
    ) -> Result<(Mandate, Outline<'a>), CanonicalError> {
        self.only_item(|reader| reader.entry(&name_map))
    }

    fn entry(
        &mut self,
        name_map: impl Fn(&mut Self) -> Result<NameMap, CanonicalError>,
    ) -> Result<(Mandate, Outline<'a>), CanonicalError> {
        self.open()?;
        self.need("binding")?;
        let binding = self.binding()?;
        self.need("blocked_tools")?;
        let blocked_tools = self.names()?;
        self.need("declared")?;
        let declared = name_map(self)?;
        self.need("limit_required")?;
        let limit_required = name_map(self)?;
        self.need("limits")?;
        let limits = self.entries(Self::constraint)?;
        self.need("max_depth")?;
        let max_depth = self.depth()?;
        self.need("may_delegate")?;
        let may_delegate = self.flag()?;
        self.need("tools")?;
        let tools = self.entries(|reader, _| reader.arguments())?;
        self.need("type")?;
        if self.string()? != DETAILS_TYPE {
            return self.refuse();
        }
        let uses = if self.find("uses") { Some(self.integer()?) } else { None };
        self.close()?;
        let mut rest = Mandate {
            scopes: BTreeSet::new(),
            tools: ToolMap::new(),
            blocked_tools,
            limits: LimitMap::new(),
            declared,
            limit_required,
            audience: BTreeSet::new(),
            binding,
            not_before: Instant(0),
            expires_at: Instant(0),
            max_depth,
            may_delegate,
            uses,
        };
        let mut outline = Outline { tools, limits };
        outline.normalize(&mut rest).map_err(|error| Box::new(MandateError::from(error)))?;
        Ok((rest, outline))
    }

    /// A ceiling of delegations.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn depth(&mut self) -> Result<u8, CanonicalError> {
        let depth = self.integer()?;
        u8::try_from(depth).or_else(|_| self.refuse())
    }

    /// A set of names, in any order.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn names(&mut self) -> Result<BTreeSet<String>, CanonicalError> {
        let mut names = BTreeSet::new();
        self.items(|reader| {
            names.insert(reader.text()?);
            Ok::<_, CanonicalError>(())
        })?;
        Ok(names)
    }

    fn name_map(&mut self) -> Result<NameMap, CanonicalError> {
        let mut map = NameMap::new();
        self.members(|reader, tool| {
            map.insert(tool.into_owned(), reader.names()?);
            Ok::<_, CanonicalError>(())
        })?;
        Ok(map)
    }

    /// Tools with their arguments, as they are written: the caller brings them into normal form.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn tools(&mut self) -> Result<ToolMap, CanonicalError> {
        let mut tools = ToolMap::new();
        self.members(|reader, tool| {
            tools.insert(tool.into_owned(), reader.limits()?);
            Ok::<_, CanonicalError>(())
        })?;
        Ok(tools)
    }

    /// Constraints by name, in the same way: limits, or the arguments of a tool.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn limits(&mut self) -> Result<LimitMap, CanonicalError> {
        let mut limits = LimitMap::new();
        self.members(|reader, name| {
            let constraint = reader.constraint(&name)?;
            limits.insert(name.into_owned(), constraint);
            Ok::<_, CanonicalError>(())
        })?;
        Ok(limits)
    }

    /// A constraint, as it is written: the caller brings it into normal form.
    pub(super) fn constraint(&mut self, name: &str) -> Result<Constraint, CanonicalError> {
        if let Some(plain) = self.plain_constraint() {
            return Ok(plain);
        }
        Constraint::try_from(self.value()?)
            .map_err(|source| Box::new(MandateError::Constraint { name: name.to_owned(), source }).into())
    }

    /// A binding.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn binding(&mut self) -> Result<Binding, CanonicalError> {
        self.open()?;
        let contract = if self.find("contract") { Some(self.text()?) } else { None };
        let session = if self.find("session") { Some(self.text()?) } else { None };
        let task = if self.find("task") { Some(self.text()?) } else { None };
        self.close()?;
        Ok(Binding { task, contract, session })
    }

    /// A constraint of the everyday types; `None`, without having moved, for everything else.
    fn plain_constraint(&mut self) -> Option<Constraint> {
        let mut ahead = self.clone();
        let constraint = ahead.everyday()?;
        *self = ahead;
        Some(constraint)
    }

    fn everyday(&mut self) -> Option<Constraint> {
        self.open().ok()?;
        self.need(TYPE).ok()?;
        let constraint = match &*self.string().ok()? {
            "wildcard" => Constraint::Wildcard,
            "range" => Constraint::Range(self.range()?),
            "exact" => {
                self.need("value").ok()?;
                Constraint::Exact(self.value().ok().filter(Value::is_scalar)?)
            }
            "one_of" => {
                self.need("values").ok()?;
                Constraint::OneOf(self.values().ok()?)
            }
            "all" => Constraint::All(self.clauses()?),
            "any" => Constraint::Any(self.clauses()?),
            _ => return None,
        };
        self.close().ok()?;
        Some(constraint)
    }

    fn clauses(&mut self) -> Option<Vec<Constraint>> {
        self.need("constraints").ok()?;
        let mut clauses = Vec::new();
        self.items(|reader| {
            clauses.push(reader.everyday().map_or_else(|| reader.refuse(), Ok)?);
            Ok::<_, CanonicalError>(())
        })
        .ok()?;
        (!clauses.is_empty()).then_some(clauses)
    }

    fn range(&mut self) -> Option<Range> {
        // Each name is written out where it is asked for, so that it is compared as a constant.
        let max = if self.find("max") { Some(self.number().ok()?) } else { None };
        let max_inclusive = if self.find("max_inclusive") { self.flag().ok()? } else { true };
        let min = if self.find("min") { Some(self.number().ok()?) } else { None };
        let min_inclusive = if self.find("min_inclusive") { self.flag().ok()? } else { true };
        Some(Range { min, max, min_inclusive, max_inclusive })
    }
}

#[cfg(test)]
mod tests {
    use super::{CanonicalReader, Mandate};
    use crate::{Instant, MandateClaims, Value};

    const ENTRY: &str = r#"{"binding":{"task":"t"},"blocked_tools":["shell"],"declared":{"transfer":["amount"]},"limit_required":{"transfer":["amount"]},"limits":{"amount":{"constraint_type":"range","max":500,"max_inclusive":false}},"max_depth":3,"may_delegate":true,"tools":{"search":{},"transfer":{"a":{"constraint_type":"exact","value":"EUR"},"b":{"constraint_type":"one_of","values":["a",2]},"c":{"constraint_type":"wildcard"},"d":{"allowed":[1],"constraint_type":"subset"},"e":{"constraint_type":"any","constraints":[{"constraint_type":"wildcard"},{"constraint_type":"regex","pattern":"x"}]}}},"type":"deputy_mandate","uses":5}"#;

    fn strict(entry: &str) -> Option<Mandate> {
        let details = format!("[{entry}]");
        Value::parse(&details).ok().filter(|value| value.to_canonical() == details)?;
        let claims = MandateClaims {
            scope: String::new(),
            audience: [].into(),
            not_before: 0,
            expires_at: 0,
            authorization_details: details,
        };
        let mandate = Mandate::from_claims(&claims).ok()?;
        Some(Mandate { not_before: Instant(0), ..mandate })
    }

    fn canonical(entry: &str) -> Option<Mandate> {
        let details = format!("[{entry}]");
        let mut reader = CanonicalReader::new(&details);
        let mandate = reader.details().ok()?;
        reader.finish().ok().map(|()| mandate)
    }

    #[test]
    fn reads_what_the_strict_reader_reads() {
        assert!(canonical(ENTRY).is_some());
        assert_eq!(canonical(ENTRY), strict(ENTRY));
        for (from, to) in [
            (r#","uses":5"#, ""),
            (r#""uses":5"#, r#""uses":-5"#),
            (r#""uses":5"#, r#""uses":"5""#),
            (r#""uses":5"#, r#""used":5"#),
            (r#""max_depth":3"#, r#""max_depth":256"#),
            (r#""max_depth":3,"#, ""),
            ("deputy_mandate", "deputy"),
            (r#""task":"t""#, r#""tasks":"t""#),
            (r#""max":500"#, r#""max":"500""#),
            (r#""max":500"#, r#""max":500,"maximum":1"#),
            (r#""max":500"#, r#""max":500.0"#),
            (r#""max":500"#, r#""max":500.5"#),
            ("\"max_inclusive\":false", "\"max_inclusive\":0"),
            (r#""value":"EUR""#, r#""value":["EUR"]"#),
            (r#""value":"EUR""#, r#""value":null"#),
            (r#""values":["a",2]"#, r#""values":[]"#),
            (r#""values":["a",2]"#, r#""values":["a"]"#),
            (r#""values":["a",2]"#, r#""values":{}"#),
            (r#"["shell"]"#, r#"["shell","deploy","shell"]"#),
            (r#"["shell"]"#, r#"["transfer"]"#),
            (r#"["shell"]"#, r#"[1]"#),
            (r#""search":{}"#, r#""search":[]"#),
            ("\"wildcard\"}", "\"wildcard\",\"x\":1}"),
        ] {
            let changed = ENTRY.replacen(from, to, 1);
            assert_ne!(changed, ENTRY);
            assert_eq!(canonical(&changed), strict(&changed), "{to}");
        }
        for whole in ["", "{}", "1"] {
            assert_eq!(canonical(whole), None);
        }
        assert_eq!(canonical(&format!("{ENTRY},{ENTRY}")), None);
    }
}
