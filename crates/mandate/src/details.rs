//! The `deputy_mandate` entry of `authorization_details` (RFC 9396), in both of its uses.
//!
//! In a request ([`Details`]) every member is optional and unknown constraint types are refused. In a sealed
//! access token ([`Mandate::to_claims`]) the entry holds what the claims `scope`, `aud`, `nbf` and `exp` do not,
//! every member explicit; together they are the mandate again ([`Mandate::from_claims`]).

use std::collections::BTreeSet;

use crate::constraint::Constraint;
use crate::instant::Instant;
use crate::json::Value;
use crate::mandate::wire::Reader;
use crate::mandate::{Binding, BoundError, LimitMap, MAX_TEXT, Mandate, MandateError, ToolMap, bounds, text};
use crate::scope::{IDENTITY, Scope};

/// The `type` of the entry.
pub const DETAILS_TYPE: &str = "deputy_mandate";

/// What a request asks for in its `authorization_details`; members that are not named are unstated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Tools; not named is none.
    pub tools: Option<ToolMap>,
    /// Tools to be denied.
    pub blocked_tools: BTreeSet<String>,
    /// Limits across tools.
    pub limits: LimitMap,
    /// What to bind it to.
    pub binding: Binding,
    /// Ceiling of delegations.
    pub max_depth: Option<u8>,
    /// Whether the holder may hand on.
    pub may_delegate: Option<bool>,
    /// Who may act with it (`agent:` references), for the `may_act` claim.
    pub may_act: BTreeSet<String>,
    /// How often it may be exercised.
    pub uses: Option<u64>,
}

/// Why an `authorization_details` value is refused (`invalid_authorization_details`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DetailsError {
    /// Not an array of exactly one entry.
    #[error("authorization_details is an array of one entry")]
    Count,
    /// An entry of another type, or of none.
    #[error("the entry's `type` is not `{DETAILS_TYPE}`")]
    Type,
    /// A member is unknown or malformed.
    #[error(transparent)]
    Entry(#[from] MandateError),
}

impl Details {
    /// Reads the `authorization_details` parameter: a JSON array of one entry of type [`DETAILS_TYPE`].
    ///
    /// # Errors
    /// [`DetailsError`] names the member; an unknown `type`, member or constraint type is refused.
    pub fn parse(text: &str) -> Result<Self, DetailsError> {
        let value = verify_length(text)?;
        let mut entry = entry(value)?;
        let details = Self {
            tools: entry.find("tools", Reader::tools)?,
            blocked_tools: entry.find("blocked_tools", Reader::names)?.unwrap_or_default(),
            limits: entry.find("limits", Reader::limits)?.unwrap_or_default(),
            binding: entry.find("binding", Reader::binding)?.unwrap_or_default(),
            max_depth: entry.find("max_depth", Reader::depth)?,
            may_delegate: entry.find("may_delegate", Reader::flag)?,
            may_act: entry.find("may_act", Reader::names)?.unwrap_or_default(),
            uses: entry.find("uses", Reader::count)?,
        };
        entry.finish()?;
        details.verify()?;
        Ok(details)
    }

    fn verify(&self) -> Result<(), MandateError> {
        let tools = self.tools.as_ref();
        let arguments = tools.into_iter().flat_map(ToolMap::values).flatten();
        if let Some((name, _)) = arguments.chain(&self.limits).find(|(_, c)| Constraint::has_unknown(c)) {
            return Err(MandateError::UnknownConstraint { name: name.clone() });
        }
        bounds::verify(tools.unwrap_or(&ToolMap::new()), &self.limits)?;
        Ok(())
    }
}

fn verify_length(text: &str) -> Result<Value, MandateError> {
    if text.len() > MAX_TEXT {
        return Err(BoundError::Text { bytes: text.len() }.into());
    }
    Ok(Value::parse(text)?)
}

fn entry(value: Value) -> Result<Reader, DetailsError> {
    let Value::Array(entries) = value else { return Err(DetailsError::Count) };
    let [entry] = <[Value; 1]>::try_from(entries).map_err(|_| DetailsError::Count)?;
    let mut reader = Reader::of(entry)?;
    match reader.find("type", Reader::text)? {
        Some(kind) if kind == DETAILS_TYPE => Ok(reader),
        _ => Err(DetailsError::Type),
    }
}

/// A mandate as the claims of an access token (RFC 9068) carry it; instants are whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MandateClaims {
    /// The `scope` claim; empty when only tools are granted.
    pub scope: String,
    /// The `aud` claim.
    pub audience: BTreeSet<String>,
    /// The `nbf` claim, seconds.
    pub not_before: i64,
    /// The `exp` claim, seconds.
    pub expires_at: i64,
    /// The `authorization_details` claim: RFC 8785 text of an array of one entry.
    pub authorization_details: String,
}

impl Mandate {
    /// The claims that carry this mandate; a mandate without scopes and tools says the scope `identity`.
    #[must_use]
    pub fn to_claims(&self) -> MandateClaims {
        let normal = self.clone().normalized();
        let mut authorization_details = "[".to_owned();
        text::write(&normal, text::Form::Entry, &mut authorization_details);
        authorization_details.push(']');
        MandateClaims {
            scope: if normal.is_empty() { IDENTITY.to_owned() } else { Scope::write_list(&normal.scopes) },
            not_before: normal.not_before.as_secs_ceil(),
            expires_at: normal.expires_at.as_secs_floor(),
            audience: normal.audience,
            authorization_details,
        }
    }

    /// The mandate that the claims carry, in normal form. Constraint types that this version does not know are
    /// kept, so that a decision can deny with `unknown_constraint`.
    ///
    /// # Errors
    /// [`DetailsError`] names what is unknown, missing or malformed.
    pub fn from_claims(claims: &MandateClaims) -> Result<Self, DetailsError> {
        let value = verify_length(&claims.authorization_details)?;
        let mut entry = entry(value)?;
        let mandate = Self {
            scopes: Scope::parse_sealed(&claims.scope).map_err(MandateError::from)?,
            audience: claims.audience.clone(),
            not_before: Instant::from_secs(claims.not_before),
            expires_at: Instant::from_secs(claims.expires_at),
            tools: entry.need("tools", Reader::tools)?,
            blocked_tools: entry.need("blocked_tools", Reader::names)?,
            limits: entry.need("limits", Reader::limits)?,
            declared: entry.need("declared", Reader::name_map)?,
            limit_required: entry.need("limit_required", Reader::name_map)?,
            binding: entry.need("binding", Reader::binding)?,
            max_depth: entry.need("max_depth", Reader::depth)?,
            may_delegate: entry.need("may_delegate", Reader::flag)?,
            uses: entry.find("uses", Reader::count)?,
        };
        entry.finish()?;
        mandate.verify_bounds().map_err(MandateError::from)?;
        Ok(mandate.normalized())
    }
}

#[cfg(test)]
#[path = "details_tests.rs"]
mod tests;
