//! The Enterprise User extension (RFC 7643 section 4.3).

use crate::schema::{Attribute, Schema};

const MANAGER: &[Attribute] = &[
    Attribute::string("value", "The id of the manager.").exact(),
    Attribute::reference("$ref", "The URI of the manager.", &["User"]),
    Attribute::string("displayName", "The manager's name.").read_only(),
];

pub(super) static SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name: "EnterpriseUser",
    description: "A person's place in an organisation.",
    aliases: &[],
    attributes: &[
        Attribute::string("employeeNumber", "The number of the employee."),
        Attribute::string("costCenter", "The cost centre."),
        Attribute::string("organization", "The organisation."),
        Attribute::string("division", "The division."),
        Attribute::string("department", "The department."),
        Attribute::complex("manager", "The person's manager, to whom agents may be handed over.", MANAGER),
    ],
};
