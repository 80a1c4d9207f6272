//! The payload of a token, taken apart in one pass.
//!
//! Invariant: no member stands twice, at any depth; integers are written without fraction or exponent; nothing
//! is skipped unread. `cnf`, `authorization_details` and the members that the draft does not know come back as
//! they stand.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use deputy_mandate::Value;
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// More members than this are no claims.
const MAX_MEMBERS: usize = 64;

/// The members that the draft gives a meaning, with `nbf` (RFC 7519) and Deputy's `name`.
pub(super) struct Claims<'a> {
    pub(super) jti: String,
    pub(super) iss: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) nbf: Option<i64>,
    pub(super) cnf: &'a RawValue,
    pub(super) aud: Option<Audience>,
    pub(super) del_depth: u8,
    pub(super) del_max_depth: u8,
    pub(super) par_hash: Option<String>,
    pub(super) name: Option<String>,
    pub(super) authorization_details: &'a RawValue,
}

/// The other members, by name; each name once.
pub(super) struct Others<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Others<'a> {
    /// Takes a member out and reads it.
    pub(super) fn take<T: Deserialize<'a>>(&mut self, name: &str) -> Result<Option<T>, serde_json::Error> {
        let Some(at) = self.0.iter().position(|(each, _)| each == name) else { return Ok(None) };
        let (_, raw) = self.0.swap_remove(at);
        serde_json::from_str(raw.get()).map(Some)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether they are JSON that can be read strictly: what is ignored is not unread.
    pub(super) fn are_strict(&self) -> bool {
        self.0.iter().all(|(_, raw)| Value::parse(raw.get()).is_ok())
    }
}

/// One audience is a string, several an array (RFC 7519 section 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(BTreeSet<String>),
}

impl From<Audience> for BTreeSet<String> {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::One(one) => Self::from([one]),
            Audience::Several(several) => several,
        }
    }
}

impl<'a> Claims<'a> {
    pub(super) fn read(payload: &'a [u8]) -> Option<(Self, Others<'a>)> {
        let read: Read<'a> = serde_json::from_slice(payload).ok()?;
        let claims = Self {
            jti: read.jti?,
            iss: read.iss?,
            iat: read.iat?,
            exp: read.exp?,
            nbf: read.nbf,
            cnf: read.cnf?,
            aud: read.aud,
            del_depth: read.del_depth?,
            del_max_depth: read.del_max_depth?,
            par_hash: read.par_hash,
            name: read.name,
            authorization_details: read.authorization_details?,
        };
        Some((claims, Others(read.others)))
    }
}

#[derive(Default)]
struct Read<'a> {
    jti: Option<String>,
    iss: Option<String>,
    iat: Option<i64>,
    exp: Option<i64>,
    nbf: Option<i64>,
    cnf: Option<&'a RawValue>,
    aud: Option<Audience>,
    del_depth: Option<u8>,
    del_max_depth: Option<u8>,
    par_hash: Option<String>,
    name: Option<String>,
    authorization_details: Option<&'a RawValue>,
    others: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'de> Deserialize<'de> for Read<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadVisitor)
    }
}

struct ReadVisitor;

impl<'de> Visitor<'de> for ReadVisitor {
    type Value = Read<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims of a token")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read<'de>, A::Error> {
        let mut read = Read::default();
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            match name.as_ref() {
                "jti" => once(&mut read.jti, &mut map)?,
                "iss" => once(&mut read.iss, &mut map)?,
                "iat" => once(&mut read.iat, &mut map)?,
                "exp" => once(&mut read.exp, &mut map)?,
                "nbf" => once(&mut read.nbf, &mut map)?,
                "cnf" => once(&mut read.cnf, &mut map)?,
                "aud" => once(&mut read.aud, &mut map)?,
                "del_depth" => once(&mut read.del_depth, &mut map)?,
                "del_max_depth" => once(&mut read.del_max_depth, &mut map)?,
                "par_hash" => once(&mut read.par_hash, &mut map)?,
                "name" => once(&mut read.name, &mut map)?,
                "authorization_details" => once(&mut read.authorization_details, &mut map)?,
                _ => {
                    let twice = read.others.iter().any(|(each, _)| *each == name);
                    if twice || read.others.len() == MAX_MEMBERS {
                        return Err(A::Error::custom("a member twice, or too many"));
                    }
                    read.others.push((name, map.next_value()?));
                }
            }
        }
        Ok(read)
    }
}

fn once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    member: &mut Option<T>,
    map: &mut A,
) -> Result<(), A::Error> {
    match member.replace(map.next_value()?) {
        None => Ok(()),
        Some(_) => Err(A::Error::custom("a member twice")),
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
