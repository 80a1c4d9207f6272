//! Where the attributes that filters and orders name stand in the tables.

use deputy_scim::{
    Path,
    sql::{Bind, Column, Columns, Dialect, Place, Rows},
};

/// The columns of `users u`.
#[derive(Debug, Clone, Copy)]
pub struct UserColumns<'t> {
    tenant: &'t str,
    dialect: Dialect,
}

/// The columns of `groups g`.
#[derive(Debug, Clone, Copy)]
pub struct GroupColumns<'t> {
    tenant: &'t str,
}

impl<'t> UserColumns<'t> {
    pub(crate) const fn new(tenant: &'t str, dialect: Dialect) -> Self {
        Self { tenant, dialect }
    }

    /// A member of the search document to sort by.
    const fn document(&self, sqlite: &'static str, postgres: &'static str) -> Column {
        Column::optional(match self.dialect {
            Dialect::Sqlite => sqlite,
            Dialect::Postgres => postgres,
        })
    }
}

impl<'t> GroupColumns<'t> {
    pub(crate) const fn new(tenant: &'t str) -> Self {
        Self { tenant }
    }
}

const EMAILS: Rows = Rows {
    from: "user_emails e",
    scope: "e.tenant = ?",
    key: "e.user_id",
    owner: "u.id",
    columns: &[
        ("value", Column::optional("e.value_folded")),
        ("type", Column::optional("e.type_folded")),
        ("display", Column::optional("e.display_folded")),
        ("primary", Column::optional("e.is_primary")),
    ],
};

const GROUPS_OF_USER: Rows = Rows {
    from: "group_members m JOIN groups g ON g.tenant = m.tenant AND g.id = m.group_id",
    scope: "m.tenant = ? AND substr(m.member, 1, 5) = 'user:'",
    key: "substr(m.member, 6)",
    owner: "u.id",
    columns: &[("value", Column::required("m.group_id")), ("display", Column::required("g.name_folded"))],
};

const MEMBERS: Rows = Rows {
    from: "group_members m",
    scope: "m.tenant = ?",
    key: "m.group_id",
    owner: "g.id",
    columns: &[("value", Column::required("m.member").prefixed(&["user:", "group:", "agent:"]))],
};

impl Columns for UserColumns<'_> {
    fn place(&self, path: &Path) -> Option<Place> {
        let column = match path.key() {
            ("", "id", "") => Column::required("u.id"),
            ("", "externalId", "") => Column::optional("u.external_id"),
            ("", "userName", "") => Column::required("u.user_folded"),
            ("", "active", "") => Column::required("u.active"),
            ("", "meta", "created") => Column::required("u.created_at"),
            ("", "meta", "lastModified") => Column::required("u.updated_at"),
            ("", "meta" | "schemas", _) => return None,
            ("", "emails", _) => return Some(Place::Rows(EMAILS)),
            ("", "groups", _) => return Some(Place::Rows(GROUPS_OF_USER)),
            _ => return Some(Place::Json("u.search")),
        };
        Some(Place::Column(column))
    }

    fn sort_column(&self, path: &Path) -> Option<Column> {
        Some(match path.key() {
            ("", "displayName", "") => self.document(
                r#"json_extract(u.search, '$."displayName"')"#,
                "((u.search)::jsonb ->> 'displayName')",
            ),
            ("", "title", "") => {
                self.document(r#"json_extract(u.search, '$."title"')"#, "((u.search)::jsonb ->> 'title')")
            }
            ("", "name", "familyName") => self.document(
                r#"json_extract(u.search, '$."name"."familyName"')"#,
                "((u.search)::jsonb -> 'name' ->> 'familyName')",
            ),
            ("", "name", "givenName") => self.document(
                r#"json_extract(u.search, '$."name"."givenName"')"#,
                "((u.search)::jsonb -> 'name' ->> 'givenName')",
            ),
            ("", "emails", "value") => Column::optional("u.email_folded"),
            _ => match self.place(path)? {
                Place::Column(column) => column,
                Place::Rows(_) | Place::Json(_) => return None,
            },
        })
    }

    fn scope(&self) -> Vec<Bind> {
        vec![Bind::Text(self.tenant.to_owned())]
    }
}

impl Columns for GroupColumns<'_> {
    fn place(&self, path: &Path) -> Option<Place> {
        let column = match path.key() {
            ("", "id", "") => Column::required("g.id"),
            ("", "externalId", "") => Column::optional("g.external_id"),
            ("", "displayName", "") => Column::required("g.name_folded"),
            ("", "meta", "created") => Column::required("g.created_at"),
            ("", "meta", "lastModified") => Column::required("g.updated_at"),
            ("", "members", _) => return Some(Place::Rows(MEMBERS)),
            _ => return None,
        };
        Some(Place::Column(column))
    }

    fn scope(&self) -> Vec<Bind> {
        vec![Bind::Text(self.tenant.to_owned())]
    }
}
