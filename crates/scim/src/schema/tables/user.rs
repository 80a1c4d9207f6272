//! The core User schema (RFC 7643 section 4.1).

use super::{GROUPS, LABELLED};
use crate::schema::{Attribute, Schema};

const NAME: &[Attribute] = &[
    Attribute::string("formatted", "The whole name, as it is displayed."),
    Attribute::string("familyName", "The family name."),
    Attribute::string("givenName", "The given name."),
    Attribute::string("middleName", "The middle names."),
    Attribute::string("honorificPrefix", "A title before the name."),
    Attribute::string("honorificSuffix", "A title after the name."),
];

const EMAILS: &[Attribute] = &[
    Attribute::string("value", "The address."),
    Attribute::string("display", "A name for people."),
    Attribute::string("type", "What the address is for.").canonical(&["work", "home", "other"]),
    Attribute::boolean("primary", "Whether it is the preferred one; at most one is."),
];

const PHONES: &[Attribute] = &[
    Attribute::string("value", "The number."),
    Attribute::string("display", "A name for people."),
    Attribute::string("type", "What the number is for.")
        .canonical(&["work", "home", "mobile", "fax", "pager", "other"]),
    Attribute::boolean("primary", "Whether it is the preferred one; at most one is."),
];

const IMS: &[Attribute] = &[
    Attribute::string("value", "The address."),
    Attribute::string("display", "A name for people."),
    Attribute::string("type", "The service.")
        .canonical(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
    Attribute::boolean("primary", "Whether it is the preferred one; at most one is."),
];

const PHOTOS: &[Attribute] = &[
    Attribute::reference("value", "The URI of the picture.", &["external"]),
    Attribute::string("display", "A name for people."),
    Attribute::string("type", "What the picture is for.").canonical(&["photo", "thumbnail"]),
    Attribute::boolean("primary", "Whether it is the preferred one; at most one is."),
];

const ADDRESSES: &[Attribute] = &[
    Attribute::string("formatted", "The whole address, as it is displayed."),
    Attribute::string("streetAddress", "Street and number."),
    Attribute::string("locality", "The city."),
    Attribute::string("region", "The state or region."),
    Attribute::string("postalCode", "The postal code."),
    Attribute::string("country", "The country."),
    Attribute::string("type", "What the address is for.").canonical(&["work", "home", "other"]),
    Attribute::boolean("primary", "Whether it is the preferred one; at most one is."),
];

const CERTIFICATES: &[Attribute] = &[
    Attribute::binary("value", "A DER certificate in base64."),
    Attribute::string("display", "A name for people."),
    Attribute::string("type", "What the certificate is for."),
    Attribute::boolean("primary", "Whether it is the preferred one; at most one is."),
];

pub(super) static SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    description: "A person.",
    aliases: &[],
    attributes: &[
        Attribute::string("userName", "The name that the person is known by to the identity provider.")
            .required()
            .unique(),
        Attribute::complex("name", "The parts of the person's name.", NAME),
        Attribute::string("displayName", "The name for people."),
        Attribute::string("nickName", "The casual name."),
        Attribute::reference("profileUrl", "The person's page.", &["external"]),
        Attribute::string("title", "The title, such as Vice President."),
        Attribute::string("userType", "The relation to the organisation."),
        Attribute::string("preferredLanguage", "Preferred languages."),
        Attribute::string("locale", "The locale for dates and numbers."),
        Attribute::string("timezone", "The time zone by its Olson name."),
        Attribute::boolean("active", "Whether the person may act; false deactivates."),
        Attribute::string("password", "Taken and forgotten: people sign in at their identity provider.")
            .secret(),
        Attribute::complex("emails", "E-mail addresses.", EMAILS).many(),
        Attribute::complex("phoneNumbers", "Telephone numbers.", PHONES).many(),
        Attribute::complex("ims", "Instant messaging addresses.", IMS).many(),
        Attribute::complex("photos", "Pictures.", PHOTOS).many(),
        Attribute::complex("addresses", "Postal addresses.", ADDRESSES).many(),
        GROUPS,
        Attribute::complex("entitlements", "Entitlements; they grant only what the tenant maps.", LABELLED)
            .many(),
        Attribute::complex("roles", "Roles; they grant only what the tenant maps.", LABELLED).many(),
        Attribute::complex("x509Certificates", "Certificates.", CERTIFICATES).many(),
    ],
};
