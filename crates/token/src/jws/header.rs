//! The protected header: which members are read, which are refused.
//!
//! Refused: a member twice (RFC 7515 section 4); `jwk`, `jku`, `x5u`, `x5c`, with which a sender would choose
//! the key that judges him (RFC 8725 section 3.10); `crit` and `b64`, whose extensions are not implemented
//! (RFC 7515 section 4.1.11, RFC 7797). Other unknown members are ignored, as RFC 7515 demands. Only a DPoP
//! proof, whose very point is its `jwk` (RFC 9449 section 4.2), is read with [`Header::parse_with_key`].

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::keys::VerifyAlg;

/// More members than this are no header.
const MAX_MEMBERS: usize = 16;

/// Why a header is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not a JSON object of at most 16 members, a member twice, or a member of the wrong type.
    #[error("the header is malformed")]
    Malformed,
    /// A member that chooses the key, or changes the rules.
    #[error("the header carries `{0}`")]
    Forbidden(&'static str),
    /// `alg` is absent, or none of the accepted algorithms.
    #[error("the header's `alg` is not accepted")]
    Alg,
}

const FORBIDDEN: [&str; 5] = ["jku", "x5u", "x5c", "crit", "b64"];

/// The members of a header that matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) alg: VerifyAlg,
    pub(super) typ: Option<String>,
    pub(super) kid: Option<String>,
}

impl Header {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        match Self::parse_with_key(bytes)? {
            (header, None) => Ok(header),
            (_, Some(_)) => Err(HeaderError::Forbidden("jwk")),
        }
    }

    /// Also gives the text of the `jwk` member, which proves nothing but who signed.
    pub(super) fn parse_with_key(bytes: &[u8]) -> Result<(Self, Option<Box<RawValue>>), HeaderError> {
        let read: Members = serde_json::from_slice(bytes).map_err(|_| HeaderError::Malformed)?;
        if let Some(name) = read.forbidden {
            return Err(HeaderError::Forbidden(name));
        }
        let alg = read.alg.as_deref().and_then(VerifyAlg::from_name).ok_or(HeaderError::Alg)?;
        Ok((Self { alg, typ: read.typ, kid: read.kid }, read.jwk))
    }
}

#[derive(Default)]
struct Members {
    alg: Option<String>,
    typ: Option<String>,
    kid: Option<String>,
    jwk: Option<Box<RawValue>>,
    forbidden: Option<&'static str>,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        let mut others: Vec<String> = Vec::new();
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            let known = match name.as_ref() {
                "alg" => Some(&mut members.alg),
                "typ" => Some(&mut members.typ),
                "kid" => Some(&mut members.kid),
                _ => None,
            };
            if let Some(member) = known {
                if member.replace(map.next_value()?).is_some() {
                    return Err(A::Error::custom("a member twice"));
                }
                continue;
            }
            if name == "jwk" {
                if members.jwk.replace(map.next_value()?).is_some() {
                    return Err(A::Error::custom("a member twice"));
                }
                continue;
            }
            map.next_value::<IgnoredAny>()?;
            if others.iter().any(|seen| *seen == name) || others.len() == MAX_MEMBERS {
                return Err(A::Error::custom("a member twice, or too many"));
            }
            members.forbidden =
                members.forbidden.or_else(|| FORBIDDEN.into_iter().find(|each| *each == name));
            others.push(name.into_owned());
        }
        Ok(members)
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
