//! Who may call what: the golden table (`table.txt`), actor by route, checked on the running server.
//!
//! Every route that `/openapi.json` lists must have a row, and every row must be a route: a new route does not
//! land without somebody saying who may call it. `ok` means that authority is not what stops the call (the
//! body is empty and the ids are nobody's, so it may well be a 400 or a 404); a number is the exact status.

use std::collections::BTreeSet;

use deputy_tests::{Api, Client, Server, Tenant, on_both_databases};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const TABLE: &str = include_str!("table.txt");

struct Row {
    method: String,
    path: String,
    /// For each actor, in the order of [`Actor::of`].
    expected: Vec<String>,
}

/// The names in the first line, and the rows.
fn table() -> (Vec<String>, Vec<Row>) {
    let mut lines = TABLE.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let actors = words(lines.next().expect("a first line"))[2..].to_vec();
    let rows = lines.map(|line| {
        let mut words = words(line).into_iter();
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let expected: Vec<String> = words.collect();
        assert_eq!(expected.len(), actors.len(), "{line}");
        Row { method, path, expected }
    });
    (actors.clone(), rows.collect())
}

/// Somebody who calls.
struct Actor {
    name: &'static str,
    api: Api,
    /// An agent authenticates as a client instead of with a key.
    client: Option<Client>,
}

impl Actor {
    /// One of each, all of `tenant` but the second, which is another tenant's admin.
    async fn of(server: &Server, tenant: &Tenant) -> Vec<Self> {
        let open = server.anonymous();
        let foreign = server.tenant().await;
        let agent = tenant.agent("caller", &["read:docs"]).await;
        let verifier = tenant.key("verifier", json!({"audiences": [tenant.issuer]})).await;
        let key = async |role: &str| open.with_key(&tenant.key(role, json!({})).await);
        let plain = |name, api| Self { name, api, client: None };
        vec![
            plain("anonymous", open.clone()),
            plain("foreign", open.with_key(foreign.admin_key())),
            plain("platform", open.with_key(server.platform().key().unwrap())),
            plain("admin", open.with_key(tenant.admin_key())),
            plain("auditor", key("auditor").await),
            plain("scim", key("scim").await),
            plain("importer", key("importer").await),
            plain("verifier", open.with_key(&verifier)),
            Self { name: "agent", api: open.clone(), client: Some(agent) },
        ]
    }

    async fn call(&self, row: &Row, tenant: &Tenant) -> u16 {
        let path = filled(&row.path, tenant);
        let method = Method::from_bytes(row.method.as_bytes()).unwrap();
        let request = self.api.request(method.clone(), &path);
        let request = match &self.client {
            Some(client) => request.basic_auth(&client.id, Some(&client.secret)),
            None => request,
        };
        // Only the head counts: a stream never ends.
        body(request, &method, &path).send().await.expect(&path).status().as_u16()
    }
}

/// A body of the right kind with nothing in it.
fn body(request: RequestBuilder, method: &Method, path: &str) -> RequestBuilder {
    if *method == Method::GET || *method == Method::DELETE {
        request
    } else if path.contains("/oauth/") {
        request.form(&[("token", "nobody")])
    } else if path.ends_with("/imports") {
        request.header("content-type", "application/yaml").body("")
    } else if path.ends_with("/uses") {
        request.header("content-type", "application/x-ndjson").body("")
    } else {
        request.json(&json!({}))
    }
}

/// The path with this tenant, and with ids of nothing.
fn filled(path: &str, tenant: &Tenant) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{tenant}" => tenant.slug.as_str(),
        "{slug}" => "no-such-tenant",
        segment if segment.starts_with('{') => "no-such-thing",
        segment => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

on_both_databases!(everybody_may_call_what_the_table_says, async |db| {
    let server = db.server();
    let (names, rows) = table();
    let tenant = server.tenant().await;
    let actors = Actor::of(&server, &tenant).await;
    assert_eq!(names, actors.iter().map(|actor| actor.name).collect::<Vec<_>>());
    let mut wrong = Vec::new();
    for row in &rows {
        for (actor, expected) in actors.iter().zip(&row.expected) {
            let status = actor.call(row, &tenant).await;
            let holds = match expected.as_str() {
                "ok" => !matches!(status, 401 | 403 | 405 | 500..),
                number => status.to_string() == number,
            };
            if !holds {
                wrong
                    .push(format!("{} {} as {}: {status}, not {expected}", row.method, row.path, actor.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
});

#[tokio::test]
async fn every_route_has_a_row_and_every_row_a_route() {
    let server = deputy_tests::Database::Sqlite.server();
    let document = server.anonymous().get("/openapi.json").await.is(200);
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            if item.get(method).is_some() {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    let (_, rows) = table();
    let listed: BTreeSet<String> = rows.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    let (new, gone): (Vec<_>, Vec<_>) =
        (routes.difference(&listed).collect(), listed.difference(&routes).collect());
    assert!(new.is_empty(), "routes without a row: {new:#?}");
    assert!(gone.is_empty(), "rows without a route: {gone:#?}");
}
