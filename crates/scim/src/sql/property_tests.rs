//! The law of the compiler: a condition selects on a real database what the evaluator matches.
//!
//! The mapping is like the one of the store: columns for what is indexed, rows of another table for groups, and the
//! search document for everything else.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};

use super::*;
use crate::filter::Filter;
use crate::list::{Sort, SortKey};
use crate::path::Path;
use crate::resource::Resource;
use crate::schema::USER;
use crate::text::fold;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

struct Mapping;

impl Columns for Mapping {
    fn place(&self, path: &Path) -> Option<Place> {
        const COLUMNS: &[(&str, Column)] = &[
            ("value", Column::required("m.group_id").prefixed(&["group:"])),
            ("display", Column::optional("m.name_folded")),
        ];
        let groups = Rows {
            from: "members m",
            scope: "m.tenant = ?",
            key: "m.user_id",
            owner: "u.id",
            columns: COLUMNS,
        };
        Some(match path.key() {
            ("", "id", "") => Place::Column(Column::required("u.id")),
            ("", "userName", "") => Place::Column(Column::required("u.user_folded")),
            ("", "externalId", "") => Place::Column(Column::optional("u.external_id")),
            ("", "title", "") => Place::Column(Column::optional("u.title_folded")),
            ("", "active", "") => Place::Column(Column::optional("u.active")),
            ("", "meta", "created") => Place::Column(Column::optional("u.created_at")),
            ("", "groups", "") => Place::Rows(groups),
            _ => Place::Json("u.search"),
        })
    }

    fn scope(&self) -> Vec<Bind> {
        vec![Bind::Int(1)]
    }
}

fn text() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        "a",
        "A",
        "b",
        "ab",
        "Ab",
        "aB",
        "ä",
        "Ä",
        "%",
        "_",
        "a_b",
        "!",
        "",
        "b%",
        "'",
        "ß",
        "\u{10ffff}",
    ])
    .prop_map(Value::from)
}

fn maybe(strategy: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 3 => strategy]
}

fn instant() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        "2011-05-13T04:42:34Z",
        "2011-05-13T04:42:34.001Z",
        "2011-05-13T05:42:34+01:00",
        "2012-01-01T00:00:00Z",
    ])
    .prop_map(Value::from)
}

fn flag() -> impl Strategy<Value = Value> {
    any::<bool>().prop_map(Value::from)
}

fn user() -> impl Strategy<Value = Resource> {
    let email = (maybe(text()), maybe(text()), maybe(flag()))
        .prop_map(|(value, kind, primary)| json!({"value": value, "type": kind, "primary": primary}));
    let group =
        (text(), maybe(text())).prop_map(|(value, display)| json!({"value": value, "display": display}));
    let plain = (text(), maybe(text()), maybe(text()), maybe(flag()), maybe(instant()), maybe(text()));
    let lists = (
        prop::collection::vec(email, 0..3),
        prop::collection::vec(group, 0..3),
        maybe(text()),
        maybe(text()),
    );
    (plain, lists).prop_map(|((name, external, title, active, created, nick), (emails, groups, family, manager))| {
        let mut value = json!({
            "userName": name, "externalId": external, "title": title, "active": active, "nickName": nick,
            "meta": {"created": created}, "name": {"familyName": family}, "emails": emails, "groups": groups,
            (ENTERPRISE): {"manager": {"value": manager}},
        });
        strip(&mut value);
        Resource::from_stored(&USER, value.as_object().unwrap().clone())
    })
}

/// Null parts and empty objects are not in the normal form.
fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(strip);
            members.retain(|_, value| {
                !value.is_null() && value.as_object().is_none_or(|object| !object.is_empty())
            });
        }
        Value::Array(entries) => {
            entries.iter_mut().for_each(strip);
            entries.retain(|entry| entry.as_object().is_none_or(|object| !object.is_empty()));
        }
        _ => {}
    }
}

fn term() -> impl Strategy<Value = String> {
    let names = [
        "userName",
        "externalId",
        "title",
        "nickName",
        "name.familyName",
        "emails",
        "emails.value",
        "emails.type",
        "manager",
        "groups.display",
        "emails[type eq \"a\"].value",
    ];
    let texts = (
        prop::sample::select(names.to_vec()),
        prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]),
        text(),
    )
        .prop_map(|(name, op, value)| format!("{name} {op} {value}"));
    let present = prop::sample::select(vec![
        "userName",
        "title",
        "nickName",
        "name",
        "emails",
        "emails.type",
        "manager",
        "active",
        "meta.created",
        "groups",
        "name.familyName",
        "meta",
    ])
    .prop_map(|name| format!("{name} pr"));
    let flags = (
        prop::sample::select(vec!["active", "emails.primary", "emails[value pr].primary"]),
        prop::sample::select(vec!["eq", "ne"]),
        any::<bool>(),
    )
        .prop_map(|(name, op, value)| format!("{name} {op} {value}"));
    let instants = (prop::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"]), instant())
        .prop_map(|(op, value)| format!("meta.created {op} {value}"));
    let prefixed = (prop::sample::select(vec!["eq", "ne"]), text())
        .prop_map(|(op, value)| format!("groups.value {op} {value}"));
    let nothing = (
        prop::sample::select(vec!["title", "emails", "emails.type", "groups.display", "manager"]),
        prop::sample::select(vec!["eq", "ne"]),
    )
        .prop_map(|(name, op)| format!("{name} {op} null"));
    prop_oneof![6 => texts, 2 => present, 2 => flags, 1 => instants, 1 => prefixed, 1 => nothing]
}

fn filter() -> impl Strategy<Value = String> {
    let entry = (prop::sample::select(vec!["and", "or"]), text(), text(), any::<bool>()).prop_map(
        |(join, kind, value, negated)| {
            let negation = if negated { "not " } else { "" };
            format!("emails[type eq {kind} {join} {negation}(value ne {value} or primary pr)]")
        },
    );
    let groups = (text(), text())
        .prop_map(|(value, display)| format!("groups[value ne {value} and display co {display}]"));
    prop_oneof![5 => term(), 1 => entry, 1 => groups].prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("not ({inner})")),
            (inner.clone(), prop::sample::select(vec!["and", "or"]), inner.clone())
                .prop_map(|(a, join, b)| format!("({a}) {join} ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("{a} and {b}")),
        ]
    })
}

fn bind(value: &Bind) -> sea_orm::Value {
    match value {
        Bind::Text(text) => text.as_str().into(),
        Bind::Int(number) => (*number).into(),
    }
}

struct Table(DatabaseConnection);

impl Table {
    async fn new() -> Self {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1).sqlx_logging(false);
        let table = Self(Box::pin(Database::connect(options)).await.unwrap());
        table.run("CREATE TABLE users (id TEXT PRIMARY KEY, user_folded TEXT NOT NULL, external_id TEXT, title_folded TEXT, \
                   active INTEGER, created_at INTEGER, search TEXT NOT NULL)", vec![]).await;
        table
            .run("CREATE TABLE members (tenant INTEGER NOT NULL, user_id TEXT NOT NULL, group_id TEXT NOT NULL, name_folded TEXT)", vec![])
            .await;
        table
    }

    async fn run(&self, sql: &str, values: Vec<sea_orm::Value>) {
        self.0.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await.unwrap();
    }

    async fn insert(&self, user: &Resource) {
        let document = user.search_document();
        let text = |name: &str| user.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
        let number = |value: Option<&Value>| value.and_then(Value::as_i64);
        self.run(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?)",
            vec![
                text("id").into(),
                user.text("userName").map(fold).into(),
                text("externalId").into(),
                text("title").map(|title| fold(&title)).into(),
                number(document.get("active")).into(),
                number(document.get("meta").and_then(|meta| meta.get("created"))).into(),
                Value::Object(document).to_string().into(),
            ],
        )
        .await;
        for group in user.body().get("groups").and_then(Value::as_array).into_iter().flatten() {
            let part = |name: &str| group.get(name).and_then(Value::as_str).map(str::to_owned);
            self.run(
                "INSERT INTO members VALUES (1, ?, ?, ?)",
                vec![
                    text("id").into(),
                    format!("group:{}", part("value").unwrap()).into(),
                    part("display").map(|text| fold(&text)).into(),
                ],
            )
            .await;
        }
    }

    async fn ids(&self, tail: &str, binds: &[Bind]) -> Vec<String> {
        let sql = format!("SELECT u.id AS id FROM users u WHERE {tail}");
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, &sql, binds.iter().map(bind));
        let rows = self.0.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter().map(|row| row.try_get("", "id").unwrap()).collect()
    }
}

fn generated<S: Strategy>(runner: &mut TestRunner, strategy: &S, n: usize) -> Vec<S::Value> {
    (0..n).map(|_| strategy.new_tree(runner).unwrap().current()).collect()
}

/// Users whose group ids have a value: the rows of another table know no others.
fn users(runner: &mut TestRunner, n: usize) -> Vec<Resource> {
    let mut users = generated(runner, &user(), n);
    for (i, user) in users.iter_mut().enumerate() {
        let path = Path::parse("groups", &USER).unwrap();
        let kept: Vec<Value> = user
            .body()
            .get("groups")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|group| group["value"] != "")
            .cloned()
            .collect();
        user.put(&path, kept.into());
        user.set_id(&format!("{i:04}"));
    }
    users
}

#[tokio::test]
async fn conditions_select_what_the_evaluator_matches() {
    let mut runner = TestRunner::new(Config::default());
    let users = users(&mut runner, 250);
    let table = Box::pin(Table::new()).await;
    for user in &users {
        table.insert(user).await;
    }
    let (mut some, mut cases) = (0, 0);
    for text in generated(&mut runner, &filter(), 3_000) {
        let filter = Filter::parse(&text, &USER).unwrap_or_else(|error| panic!("{text}: {error}"));
        let condition = compile(&filter, &Mapping, Dialect::Sqlite).unwrap();
        let expected: Vec<&str> = users
            .iter()
            .filter(|user| filter.matches(user.body()))
            .filter_map(|user| user.text("id"))
            .collect();
        let found = table.ids(&format!("{} ORDER BY u.id", condition.text), &condition.binds).await;
        assert_eq!(found, expected, "{text}\n{}", condition.text);
        cases += 1;
        some += usize::from(!expected.is_empty() && expected.len() < users.len());
    }
    assert!(some * 4 > cases, "most filters must tell users apart: {some} of {cases}");
}

#[tokio::test]
async fn orders_and_cursors_are_those_of_the_evaluator() {
    let mut runner = TestRunner::new(Config::default());
    let users = users(&mut runner, 120);
    let table = Box::pin(Table::new()).await;
    for user in &users {
        table.insert(user).await;
    }
    for (by, descending) in
        [("userName", false), ("title", false), ("title", true), ("meta.created", true), ("active", false)]
    {
        let sort = Sort::parse(by, descending, &USER).unwrap();
        let order = compile_order(Some(&sort), &Mapping, "u.id", Dialect::Sqlite).unwrap();
        let mut sorted: Vec<&Resource> = users.iter().collect();
        sorted.sort_by(|a, b| sort.compare(a, b));
        // An empty userName is a value to its column, and none to the evaluator.
        sorted.retain(|user| user.text("userName") != Some("") || by != "userName");
        let expected: Vec<&str> = sorted.iter().filter_map(|user| user.text("id")).collect();
        let some = if by == "userName" { "u.user_folded <> ''" } else { "1 = 1" };

        let mut paged: Vec<String> = Vec::new();
        let mut after: Option<(Option<SortKey>, String)> = None;
        loop {
            let place = after
                .take()
                .map(|(key, id)| order.after(key.as_ref(), &id))
                .unwrap_or(SqlCondition { text: "1 = 1".to_owned(), binds: vec![] });
            let tail = format!("{some} AND {} ORDER BY {} LIMIT 7", place.text, order.by);
            let page = table.ids(&tail, &place.binds).await;
            let Some(last) = page.last() else { break };
            let user = users.iter().find(|user| user.text("id") == Some(last)).unwrap();
            after = Some((sort.key(user), last.clone()));
            paged.extend(page);
        }
        assert_eq!(paged, expected, "{by} {descending}");
    }
}
