//! The core Group schema (RFC 7643 section 4.2).
//!
//! Members are kept in a table of their own, because a group may have a hundred thousand of them.

use crate::schema::{Attribute, Schema};

const MEMBERS: &[Attribute] = &[
    Attribute::string("value", "The id of the member.").exact().immutable(),
    Attribute::reference("$ref", "The URI of the member.", &["User", "Group", "Agent"]).immutable(),
    Attribute::string("display", "The member's name.").immutable(),
    Attribute::string("type", "What the member is.").immutable().canonical(&["User", "Group", "Agent"]),
];

pub(super) static SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    description: "A team.",
    aliases: &[],
    attributes: &[
        Attribute::string("displayName", "The name of the group.").required().unique(),
        Attribute::complex("members", "Who is in the group.", MEMBERS).many().by_value().unbounded(),
    ],
};
