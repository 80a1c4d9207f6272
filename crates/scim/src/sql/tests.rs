//! The text that filters compile to, and what is refused.

use super::*;
use crate::filter::Filter;
use crate::list::{Sort, SortKey};
use crate::path::Path;
use crate::schema::{GROUP, USER};

struct Users;

impl Columns for Users {
    fn place(&self, path: &Path) -> Option<Place> {
        Some(match path.key() {
            ("", "id", "") => Place::Column(Column::required("u.id")),
            ("", "userName", "") => Place::Column(Column::required("u.user_folded")),
            ("", "active", "") => Place::Column(Column::required("u.active")),
            ("", "externalId", "") => Place::Column(Column::optional("u.external_id")),
            ("", "meta", "lastModified") => Place::Column(Column::required("u.updated_at")),
            ("", "title", "") => Place::Column(Column::optional("u.title_folded")),
            ("", "photos", "") => return None,
            _ => Place::Json("u.search"),
        })
    }
}

struct Groups;

impl Columns for Groups {
    fn place(&self, path: &Path) -> Option<Place> {
        const MEMBER: Column = Column::required("m.member").prefixed(&["user:", "group:", "agent:"]);
        let rows = Rows {
            from: "group_members m",
            scope: "m.tenant = ?",
            key: "m.group_id",
            owner: "g.id",
            columns: &[("value", MEMBER)],
        };
        match path.key() {
            ("", "members", _) => Some(Place::Rows(rows)),
            ("", "displayName", "") => Some(Place::Column(Column::required("g.name_folded"))),
            _ => None,
        }
    }

    fn scope(&self) -> Vec<Bind> {
        vec![text("t")]
    }
}

fn sql(filter: &str, dialect: Dialect) -> (String, Vec<Bind>) {
    let condition = compile(&Filter::parse(filter, &USER).unwrap(), &Users, dialect).unwrap();
    assert_eq!(condition.text.matches('?').count(), condition.binds.len(), "{}", condition.text);
    (condition.text, condition.binds)
}

fn sqlite(filter: &str) -> String {
    sql(filter, Dialect::Sqlite).0
}

fn text(value: &str) -> Bind {
    Bind::Text(value.to_owned())
}

#[test]
fn an_indexed_column_is_compared_as_it_is() {
    let (condition, binds) = sql(r#"userName eq "BJensen""#, Dialect::Sqlite);
    assert_eq!((condition.as_str(), binds), ("u.user_folded = ?", vec![text("bjensen")]));
    let (condition, binds) = sql(r#"userName sw "b""#, Dialect::Postgres);
    assert_eq!(condition, r#"(u.user_folded COLLATE "C" >= ? AND u.user_folded COLLATE "C" < ?)"#);
    assert_eq!(binds, [text("b"), text("c")]);
    let (condition, binds) =
        sql(r#"meta.lastModified gt "1970-01-01T00:00:01Z" and active eq true"#, Dialect::Sqlite);
    assert_eq!(condition, "(u.updated_at > ? AND u.active = ?)");
    assert_eq!(binds, [Bind::Int(1000), Bind::Int(1)]);
}

#[test]
fn negation_ends_at_the_comparisons() {
    assert_eq!(
        sqlite(r#"not (userName eq "a" and not (externalId eq "b"))"#),
        "(NOT (u.user_folded = ?) OR u.external_id = ?)"
    );
    assert_eq!(sqlite(r#"externalId ne "b""#), "(u.external_id IS NULL OR NOT (u.external_id = ?))");
    assert_eq!(sqlite("not (title pr)"), "(u.title_folded IS NULL OR u.title_folded = '')");
}

#[test]
fn wildcards_are_text() {
    let (condition, binds) = sql(r#"userName co "50%_!""#, Dialect::Sqlite);
    assert_eq!(condition, "(u.user_folded LIKE ? ESCAPE '!')");
    assert_eq!(binds, [text("%50!%!_!!%")]);
    let (condition, binds) = sql(r#"externalId co "A""#, Dialect::Sqlite);
    assert_eq!(
        condition,
        "(u.external_id LIKE ? ESCAPE '!' AND replace(u.external_id, ?, '') <> u.external_id)"
    );
    assert_eq!(binds, [text("%A%"), text("A")]);
}

#[test]
fn a_document_is_searched_where_there_is_no_column() {
    assert_eq!(sqlite(r#"name.familyName eq "x""#), r#"json_extract(u.search, '$."name"."familyName"') = ?"#);
    assert_eq!(
        sql(r#"manager eq "x""#, Dialect::Postgres).0,
        "((u.search)::jsonb -> 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User' \
         -> 'manager' ->> 'value') = ?"
    );
    assert_eq!(
        sqlite(r#"emails[type eq "work"].value eq "x""#),
        r#"EXISTS (SELECT 1 FROM json_each(u.search, '$."emails"') e WHERE (json_extract(e.value, '$."type"') = ? AND json_extract(e.value, '$."value"') = ?))"#
    );
    assert_eq!(
        sql("emails[primary eq true]", Dialect::Postgres).0,
        "EXISTS (SELECT 1 FROM jsonb_array_elements((u.search)::jsonb -> 'emails') AS e(value) \
         WHERE ((e.value)::jsonb ->> 'primary')::bigint = ?)"
    );
}

#[test]
fn rows_of_another_table_are_joined() {
    let filter = Filter::parse(r#"members[value eq "7"] and displayName eq "Sales""#, &GROUP).unwrap();
    let condition = compile(&filter, &Groups, Dialect::Sqlite).unwrap();
    assert_eq!(
        condition.text,
        "(g.id IN (SELECT m.group_id FROM group_members m WHERE m.tenant = ? \
         AND m.member IN (?, ?, ?)) AND g.name_folded = ?)"
    );
    assert_eq!(condition.binds, [text("t"), text("user:7"), text("group:7"), text("agent:7"), text("sales")]);
}

#[test]
fn what_has_no_place_is_refused() {
    let refused = |filter: &str| compile(&Filter::parse(filter, &USER).unwrap(), &Users, Dialect::Sqlite);
    assert_eq!(refused("photos pr"), Err(SqlError::Unplaced("photos".to_owned())));
    assert_eq!(
        refused(r#"title pr and not (photos.value eq "x")"#),
        Err(SqlError::Unplaced("photos".to_owned()))
    );
    let members = |filter: &str| compile(&Filter::parse(filter, &GROUP).unwrap(), &Groups, Dialect::Sqlite);
    assert_eq!(members(r#"members.value sw "7""#), Err(SqlError::Comparison("members.value".to_owned())));
    assert_eq!(members(r#"members.type eq "User""#), Err(SqlError::Unplaced("members.type".to_owned())));
    assert_eq!(members(r#"externalId eq "x""#), Err(SqlError::Unplaced("externalId".to_owned())));
}

#[test]
fn nothing_of_a_request_is_in_the_text() {
    let hostile = r#"userName co "'; DROP TABLE users; --" or title eq "?" or emails.value ew "') OR 1=1""#;
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let (condition, _) = sql(hostile, dialect);
        assert!(!condition.contains("DROP") && !condition.contains("1=1"), "{condition}");
    }
}

#[test]
fn orders_end_with_the_id() {
    let order = |by: &str, descending, dialect| {
        let sort = Sort::parse(by, descending, &USER).unwrap();
        compile_order(Some(&sort), &Users, "u.id", dialect)
    };
    assert_eq!(order("userName", false, Dialect::Sqlite).unwrap().by, "u.user_folded, u.id");
    let by_title = order("title", true, Dialect::Postgres).unwrap();
    assert_eq!(
        by_title.by,
        r#"CASE WHEN u.title_folded IS NULL THEN 1 ELSE 0 END DESC, u.title_folded COLLATE "C" DESC, u.id COLLATE "C""#
    );
    let after =
        order("title", false, Dialect::Sqlite).unwrap().after(Some(&SortKey::Text("x".to_owned())), "7");
    assert_eq!(
        after.text,
        "(u.title_folded > ? OR (u.title_folded = ? AND u.id > ?) OR u.title_folded IS NULL)"
    );
    assert_eq!(after.binds, [text("x"), text("x"), text("7")]);
    assert_eq!(
        compile_order(None, &Users, "u.id", Dialect::Sqlite).unwrap().after(None, "7").text,
        "u.id > ?"
    );
    assert_eq!(
        order("name.familyName", false, Dialect::Sqlite),
        Err(SqlError::Order("name.familyName".to_owned()))
    );
}
