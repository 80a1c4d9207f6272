//! A later block: one delegation, made offline. An absent member inherits.

use std::borrow::Cow;
use std::collections::BTreeSet;

use deputy_mandate::jcs::ObjectWriter;
use deputy_mandate::{CanonicalError, CanonicalReader, Instant, Narrowing, Outline, Scope, Stated};

use crate::access::canonical::{cnf, instant, maybe};
use crate::access::wire::INSTANTS;
use crate::access::{Cnf, is_segment};
use crate::base64url;

/// What one delegation states.
#[derive(Debug, Clone)]
pub(super) struct Block<'a> {
    pub(super) name: Cow<'a, str>,
    /// In normal form, and in whole seconds; of a block that was read, without tools and limits.
    pub(super) narrowing: Cow<'a, Narrowing>,
    /// The tools and limits of a block that was read.
    pub(super) stated: Stated<'a>,
    pub(super) cnf: Option<Cow<'a, Cnf>>,
}

type Reader<'a> = CanonicalReader<'a>;

/// A text that is not the canonical one of a block that may be sealed.
#[derive(Debug)]
pub(super) struct Malformed;

impl From<CanonicalError> for Malformed {
    fn from(_: CanonicalError) -> Self {
        Self
    }
}

impl<'a> Block<'a> {
    /// Reads the canonical text of a block into normal form. Its tools and limits are read beside those of the
    /// outline.
    pub(super) fn read(text: &'a str, outline: &Outline<'a>) -> Result<Self, Malformed> {
        let mut stated = Stated::default();
        let mut whole = CanonicalReader::new(text);
        let reader = &mut whole;
        reader.open()?;
        let binding = maybe(reader, "binding", Reader::binding)?;
        let blocked_tools = maybe(reader, "blocked_tools", Reader::names)?;
        let cnf = maybe(reader, "cnf", cnf)?;
        let exp = maybe(reader, "exp", Reader::integer)?;
        maybe(reader, "limits", |reader| stated.read_limits(reader, outline))?;
        let max_depth = maybe(reader, "max_depth", Reader::depth)?;
        let may_delegate = maybe(reader, "may_delegate", Reader::flag)?;
        reader.need("name")?;
        let name = reader.string()?;
        let nbf = maybe(reader, "nbf", Reader::integer)?;
        reader.need("nonce")?;
        let nonce = reader.string()?;
        let scope = maybe(reader, "scope", Reader::string)?;
        maybe(reader, "tools", |reader| stated.read_tools(reader, outline))?;
        let uses = maybe(reader, "uses", Reader::integer)?;
        reader.close()?;
        whole.finish()?;

        let block = Self {
            name,
            narrowing: Cow::Owned(Narrowing {
                scopes: scopes(scope.as_deref())?,
                tools: None,
                blocked_tools,
                limits: None,
                binding,
                not_before: seconds(nbf)?,
                expires_at: seconds(exp)?,
                max_depth,
                may_delegate,
                uses,
            }),
            stated,
            cnf: cnf.map(Cow::Owned),
        };
        // The reader bounds the instants and the uses, and `stated` is in normal form.
        let is_sealable = base64url::is_of(16, &nonce)
            && block.is_well_named()
            && block.stated.verify_bounds(outline).is_ok();
        if is_sealable { Ok(block) } else { Err(Malformed) }
    }

    fn is_well_named(&self) -> bool {
        is_segment(&self.name) && self.cnf.as_ref().is_none_or(|cnf| base64url::is_of(32, &cnf.jkt))
    }

    /// Whether the name, the key, the instants and the bounds are such as a block may state; the instants are
    /// whole seconds and the constraints in normal form.
    pub(super) fn has_sealed_form(&self) -> bool {
        let Narrowing { not_before, expires_at, .. } = *self.narrowing;
        self.is_well_named()
            && [not_before, expires_at].into_iter().flatten().all(|at| INSTANTS.contains(&at.as_secs_floor()))
            && self.narrowing.verify_bounds().is_ok()
    }

    /// The canonical text of a block that has one and was not read.
    pub(super) fn write(&self, nonce: [u8; 16]) -> String {
        let Self { name, narrowing: stated, cnf, .. } = self;
        let mut text = String::with_capacity(512);
        let mut block = ObjectWriter::open(&mut text);
        if let Some(binding) = &stated.binding {
            block.binding("binding", binding);
        }
        if let Some(blocked) = &stated.blocked_tools {
            block.names("blocked_tools", blocked);
        }
        if let Some(cnf) = cnf {
            block.member("cnf", |out| {
                let mut object = ObjectWriter::open(out);
                object.text("jkt", &cnf.jkt);
                object.close();
            });
        }
        if let Some(expiry) = stated.expires_at {
            block.integer("exp", written(expiry.as_secs_floor()));
        }
        if let Some(limits) = &stated.limits {
            block.limits("limits", limits);
        }
        if let Some(depth) = stated.max_depth {
            block.integer("max_depth", u64::from(depth));
        }
        if let Some(flag) = stated.may_delegate {
            block.flag("may_delegate", flag);
        }
        block.text("name", name);
        if let Some(start) = stated.not_before {
            block.integer("nbf", written(start.as_secs_ceil()));
        }
        block.text("nonce", &base64url::encode(nonce));
        if let Some(scopes) = &stated.scopes {
            block.text("scope", &Scope::write_list(scopes));
        }
        if let Some(tools) = &stated.tools {
            block.tools("tools", tools);
        }
        if let Some(uses) = stated.uses {
            block.integer("uses", uses);
        }
        block.close();
        text
    }
}

/// None is before the epoch.
fn written(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(u64::MAX)
}

/// A stated second is one that can be kept.
fn seconds(stated: Option<u64>) -> Result<Option<Instant>, Malformed> {
    stated.map(|seconds| instant(seconds).ok_or(Malformed)).transpose()
}

fn scopes(stated: Option<&str>) -> Result<Option<BTreeSet<Scope>>, Malformed> {
    stated.map(|list| Scope::parse_sealed(list).map_err(|_| Malformed)).transpose()
}
