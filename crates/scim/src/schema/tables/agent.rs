//! The Agent schema (draft-wzdk-scim-agent-resource, with attributes of draft-abbey-scim-agent-extension), and
//! Deputy's read-only extension of it.
//!
//! An agent's name is in its tokens and is never reused, so it is set once.

use super::{GROUPS, LABELLED};
use crate::schema::{Attribute, Schema};

const OWNERS: &[Attribute] = &[
    Attribute::string("value", "The id of the owner.").exact().immutable(),
    Attribute::reference("$ref", "The URI of the owner.", &["User", "Group"]).immutable(),
    Attribute::string("display", "The owner's name.").immutable(),
    Attribute::string("type", "What the owner is.").immutable().canonical(&["User", "Group"]),
];

const PARENT: &[Attribute] = &[
    Attribute::string("value", "The id of the parent.").exact(),
    Attribute::reference("$ref", "The URI of the parent.", &["Agent"]),
    Attribute::string("display", "The parent's name.").read_only(),
];

pub(super) static SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Agent",
    name: "Agent",
    description: "An AI agent.",
    aliases: &[("name", "agentUserName")],
    attributes: &[
        Attribute::string("agentUserName", "The name of the agent, unique for ever; `name` is its alias.")
            .required()
            .immutable()
            .unique(),
        Attribute::string("displayName", "The name for people."),
        Attribute::string("description", "What the agent is for."),
        Attribute::boolean("active", "Whether it may work; true does not lift a suspension."),
        Attribute::string("agentType", "What kind of agent it is."),
        Attribute::complex("owners", "The people and groups who answer for it.", OWNERS).many().by_value(),
        Attribute::complex("parent", "The agent that it is a child of.", PARENT),
        GROUPS,
        Attribute::complex("entitlements", "Entitlements; they grant only what the tenant maps.", LABELLED)
            .many(),
        Attribute::complex("roles", "Roles; they grant only what the tenant maps.", LABELLED).many(),
        Attribute::string("subject", "The `sub` of the agent's own tokens at its home provider.").exact(),
    ],
};

pub(super) static EXTENSION: Schema = Schema {
    id: "urn:deputy:scim:schemas:extension:2.0:Agent",
    name: "DeputyAgent",
    description: "What Deputy knows of an agent.",
    aliases: &[],
    attributes: &[
        Attribute::string("lifecycle", "The state of the agent.").exact().read_only(),
        Attribute::date_time("orphanedSince", "Since when it has had no live owner.").read_only(),
        Attribute::string("runtimeFingerprint", "The fingerprint of its registered runtime.")
            .exact()
            .read_only(),
        Attribute::string("allowedScopes", "The cap on its scopes.").many().exact().read_only(),
    ],
};
