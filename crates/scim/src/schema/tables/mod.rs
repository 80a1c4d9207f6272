//! The resource types that are served, and the attributes that all of them have (RFC 7643 section 3.1).

mod agent;
mod enterprise;
mod group;
mod user;

use super::{Attribute, ResourceType};

/// People.
pub static USER: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    description: "A person.",
    schema: &user::SCHEMA,
    extensions: &[&enterprise::SCHEMA],
    shared: SHARED,
};

/// Teams.
pub static GROUP: ResourceType = ResourceType {
    name: "Group",
    endpoint: "/Groups",
    description: "A team of people, agents and other teams.",
    schema: &group::SCHEMA,
    extensions: &[],
    shared: SHARED,
};

/// AI agents.
pub static AGENT: ResourceType = ResourceType {
    name: "Agent",
    endpoint: "/Agents",
    description: "An AI agent with an identity of its own.",
    schema: &agent::SCHEMA,
    extensions: &[&agent::EXTENSION],
    shared: SHARED,
};

/// Every resource type, in the order of `/ResourceTypes`.
pub static RESOURCE_TYPES: &[&ResourceType] = &[&USER, &GROUP, &AGENT];

const SHARED: &[Attribute] = &[
    Attribute::reference("schemas", "The URNs of the schemas in use.", &["uri"]).many().always().read_only(),
    Attribute::string("id", "The server's identifier, which never changes.")
        .exact()
        .read_only()
        .always()
        .unique(),
    Attribute::string("externalId", "The client's identifier.").exact(),
    Attribute::complex("meta", "About the resource.", META).read_only(),
];

const META: &[Attribute] = &[
    Attribute::string("resourceType", "The name of the resource type.").exact().read_only(),
    Attribute::date_time("created", "When the resource was made.").read_only(),
    Attribute::date_time("lastModified", "When the resource was last changed.").read_only(),
    Attribute::reference("location", "The URI of the resource.", &["uri"]).read_only(),
    Attribute::string("version", "The entity tag of the resource.").exact().read_only(),
];

/// `value`, `display`, `type` and `primary`, as most multi-valued attributes have them.
pub(super) const LABELLED: &[Attribute] = &[
    Attribute::string("value", "The value."),
    Attribute::string("display", "A name for people."),
    Attribute::string("type", "What the value is for."),
    Attribute::boolean("primary", "Whether it is the preferred one; at most one is."),
];

/// Membership in groups, which the server computes.
pub(super) const GROUPS: Attribute = Attribute::complex(
    "groups",
    "The groups that it belongs to.",
    &[
        Attribute::string("value", "The id of the group.").exact().read_only(),
        Attribute::reference("$ref", "The URI of the group.", &["Group"]).read_only(),
        Attribute::string("display", "The name of the group.").read_only(),
        Attribute::string("type", "Direct or indirect.").read_only().canonical(&["direct", "indirect"]),
    ],
)
.many()
.read_only()
.by_value();
