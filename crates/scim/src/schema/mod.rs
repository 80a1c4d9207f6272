//! The schemas and resource types of RFC 7643, as static tables.
//!
//! [`USER`], [`GROUP`] and [`AGENT`] are what Deputy serves. The invariant: a name that a client sends is only ever
//! looked up here, in any case; what is used from then on is the table's own spelling.

mod attribute;
mod document;
mod provider;
mod tables;

pub use attribute::{Attribute, Mutability, Returned, Type, Uniqueness};
pub use document::{
    RESOURCE_TYPE_URN, SCHEMA_URN, resource_type_document, resource_type_documents, schema_document,
    schema_documents,
};
pub use provider::{PROVIDER_URN, ProviderConfig};
pub use tables::{AGENT, GROUP, RESOURCE_TYPES, USER};

/// A set of attributes under one URN.
#[derive(Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its URN.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// One sentence for people.
    pub description: &'static str,
    /// Its attributes.
    pub attributes: &'static [Attribute],
    /// Other names that clients may use: (alias, attribute).
    pub aliases: &'static [(&'static str, &'static str)],
}

impl Schema {
    /// The attribute of this name or alias, in any case.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Attribute> {
        let alias = self.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name));
        let name = alias.map_or(name, |(_, attribute)| attribute);
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

/// A kind of resource and where it is served (RFC 7643 section 6).
#[derive(Debug)]
pub struct ResourceType {
    /// `User`, `Group` or `Agent`.
    pub name: &'static str,
    /// Relative to the base of the service, with a slash before it.
    pub endpoint: &'static str,
    /// One sentence for people.
    pub description: &'static str,
    /// Its core schema.
    pub schema: &'static Schema,
    /// Extensions, none of them required.
    pub extensions: &'static [&'static Schema],
    /// `id`, `externalId`, `meta` and `schemas`, which every type has.
    pub shared: &'static [Attribute],
}

impl PartialEq for ResourceType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ResourceType {}

impl ResourceType {
    /// The resource type of this name, `User` say, in any case.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        RESOURCE_TYPES.iter().copied().find(|one| one.name.eq_ignore_ascii_case(name))
    }

    /// An attribute of the core schema, or one that every type has.
    #[must_use]
    pub fn find_core(&self, name: &str) -> Option<&'static Attribute> {
        let shared = || self.shared.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name));
        self.schema.find(name).or_else(shared)
    }

    /// The extension with this URN, in any case.
    #[must_use]
    pub fn find_extension(&self, urn: &str) -> Option<&'static Schema> {
        self.extensions.iter().copied().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The core schema, then the extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &'static Schema> {
        std::iter::once(self.schema).chain(self.extensions.iter().copied())
    }

    /// Every attribute with the extension that it stands in, shared ones first.
    pub(crate) fn attributes(
        &self,
    ) -> impl Iterator<Item = (Option<&'static Schema>, &'static Attribute)> + use<> {
        let core = self.shared.iter().chain(self.schema.attributes).map(|one| (None, one));
        let extended = self
            .extensions
            .iter()
            .flat_map(|schema| schema.attributes.iter().map(|one| (Some(*schema), one)));
        core.chain(extended)
    }
}

#[cfg(test)]
mod tests;
