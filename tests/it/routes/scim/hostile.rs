//! Requests that nobody means: whatever comes, nothing is a fault of the server, and every refusal is SCIM's own.
//!
//! They are generated from a fixed seed, by breaking what is well-formed, so that a failure comes again.

use std::time::{Duration, Instant};

use deputy_tests::{Api, on_both_databases};
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use super::{AGENT, ENTERPRISE, GROUP, PATCH, SEARCH, USER, agent, encoded, group, made, user};

/// How many requests are sent at most, and for how long.
const REQUESTS: usize = 4_000;
const PATIENCE: Duration = Duration::from_secs(10);

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.roll(of.len())]
    }

    fn text(&mut self) -> String {
        match self.roll(16) {
            0 => "x".repeat(70_000),
            1 => "\u{1f600}\u{202e}\u{200b}".to_owned(),
            2 => "a\0b".to_owned(),
            3 => String::new(),
            4 => self.expression(),
            _ => self.one(&WORDS).to_owned(),
        }
    }

    /// Something like a filter or a path.
    fn expression(&mut self) -> String {
        (0..self.roll(12)).map(|_| self.one(&WORDS)).collect::<Vec<_>>().join(self.one(&["", " ", "."]))
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.roll(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.roll(2) == 0),
            2 => json!(-7),
            3 => json!(1e300),
            4 | 5 => json!(self.text()),
            6 => (0..self.roll(4)).map(|_| self.value(depth - 1)).collect(),
            _ => (0..self.roll(4)).map(|_| (self.one(&WORDS).to_owned(), self.value(depth - 1))).collect(),
        }
    }

    /// Puts something else where a part of a body was.
    fn break_part(&mut self, body: &mut Value) {
        let parts = match body {
            Value::Object(members) => members.values_mut().collect::<Vec<_>>(),
            Value::Array(all) => all.iter_mut().collect(),
            _ => Vec::new(),
        };
        let count = parts.len();
        match parts.into_iter().nth(self.roll(count.max(1))) {
            Some(part) if self.roll(3) > 0 => self.break_part(part),
            Some(part) => *part = self.value(3),
            None => *body = self.value(3),
        }
        if let Value::Object(members) = body
            && self.roll(4) == 0
        {
            members.insert(self.one(&WORDS).to_owned(), self.value(3));
        }
    }

    fn body(&mut self, ids: &[&str]) -> Vec<u8> {
        let id = self.one(ids);
        let operations: Vec<Value> = (0..1 + self.roll(3))
            .map(|_| {
                let path =
                    if self.roll(3) == 0 { self.expression() } else { self.one(&PATHS).replace("{id}", id) };
                json!({"op": self.one(&OPS), "path": path, "value": self.value(2)})
            })
            .collect();
        let mut body = match self.roll(7) {
            0 => {
                json!({"schemas": [USER, ENTERPRISE], "userName": self.text(), "emails": [{"value": "a", "type": "work"}],
                "name": {"givenName": "A"}, ENTERPRISE: {"manager": {"value": id}}, "active": true})
            }
            1 => json!({"schemas": [GROUP], "displayName": self.text(), "members": [{"value": id}]}),
            2 => {
                json!({"schemas": [AGENT], "agentUserName": self.text(), "owners": [{"value": id}], "parent": {"value": id}})
            }
            3 => {
                json!({"schemas": [SEARCH], "filter": self.expression(), "count": 3, "sortBy": self.one(&PATHS)})
            }
            _ => json!({"schemas": [PATCH], "Operations": operations}),
        };
        if self.roll(3) > 0 {
            self.break_part(&mut body);
        }
        let mut bytes = body.to_string().into_bytes();
        match self.roll(12) {
            0 => bytes.truncate(self.roll(bytes.len() + 1)),
            1 => {
                let at = self.roll(bytes.len());
                bytes[at] = u8::try_from(self.roll(256)).unwrap();
            }
            2 => {
                let at = self.roll(bytes.len() + 1);
                let some = self.one(&RAW);
                bytes.splice(at..at, some.iter().copied());
            }
            3 => bytes = [&b"{\"schemas\":"[..], &b"[".repeat(30_000)].concat(),
            4 => bytes = [br#"{"a":"#.repeat(20_000), b"1".to_vec(), b"}".repeat(20_000)].concat(),
            _ => {}
        }
        bytes
    }

    fn path(&mut self, ids: &[&str]) -> String {
        let mut path = self
            .one(&["/Users", "/Groups", "/Agents", "/Schemas", "/ResourceTypes", "", "/Me", "/Bulk"])
            .to_owned();
        match self.roll(8) {
            0 | 1 => {}
            2 => path += "/.search",
            3 => {
                path += &format!(
                    "/{}",
                    self.one(&[
                        "%00",
                        "%ff%fe",
                        "..",
                        "%2e%2e%2f",
                        "%2F",
                        "x%0d%0ay",
                        "'%20OR%201=1",
                        "%F0%9F%98%80"
                    ])
                )
            }
            4 => path += &format!("/{}", encoded(&self.text().chars().take(3_000).collect::<String>())),
            _ => path += &format!("/{}", self.one(ids)),
        }
        for at in 0..self.roll(4) {
            let name = self.one(&[
                "filter",
                "sortBy",
                "sortOrder",
                "startIndex",
                "count",
                "cursor",
                "attributes",
                "excludedAttributes",
                "%ff",
            ]);
            let value = match self.roll(4) {
                0 => self
                    .one(&["-1", "0", "99999999999999999999999", "1e3", "%", "%zz", "%00", "%ff", ""])
                    .to_owned(),
                1 => encoded(self.one(&PATHS)),
                _ => encoded(&self.expression().chars().take(2_000).collect::<String>()),
            };
            path += &format!("{}{name}={value}", if at == 0 { '?' } else { '&' });
        }
        path
    }
}

const WORDS: [&str; 48] = [
    "userName",
    "emails",
    "members",
    "value",
    "type",
    "active",
    "displayName",
    "externalId",
    "owners",
    "parent",
    "agentUserName",
    "manager",
    "meta",
    "created",
    "schemas",
    "Operations",
    "id",
    "$ref",
    "groups",
    "roles",
    "password",
    "eq",
    "ne",
    "co",
    "sw",
    "ew",
    "gt",
    "le",
    "pr",
    "and",
    "or",
    "not",
    "(",
    ")",
    "[",
    "]",
    "\"work\"",
    "\"",
    "\\",
    "true",
    "null",
    "1e999",
    "urn:ietf:params:scim:schemas:core:2.0:User:",
    ENTERPRISE,
    ":",
    "%",
    "é",
    "2026-01-01T00:00:00Z",
];
const PATHS: [&str; 16] = [
    "emails[type eq \"work\"].value",
    "members",
    "members[value eq \"{id}\"]",
    "members[display pr]",
    "name.givenName",
    "active",
    "userName",
    "displayName",
    "externalId",
    "owners",
    "parent",
    "parent.value",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "x509Certificates[value eq \"AA==\"].display",
    "meta.created",
    "roles[primary eq \"True\"]",
];
const OPS: [&str; 7] = ["add", "Replace", "REMOVE", "add", "replace", "remove", "move"];
const RAW: [&[u8]; 9] = [
    b"\0",
    b"\xff\xfe",
    b"\"\\ud800\"",
    b"\\ud800",
    b"1e999999",
    b"\"userName\":1,\"userName\":2,",
    b"123456789012345678901234567890123456789012345678901234567890",
    b"//",
    b"\xef\xbb\xbf",
];

/// What the answer is lacking, if it lacks something.
fn fault(status: u16, kind: &str, text: &str, is_head: bool) -> Option<String> {
    if status >= 500 && status != 501 {
        return Some("a fault of the server".to_owned());
    }
    if status < 400 || is_head {
        return None;
    }
    let body: Value = serde_json::from_str(text).unwrap_or_default();
    let is_error = body["schemas"] == json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
        && body["status"].as_str().and_then(|said| said.parse().ok()) == Some(status)
        && body["scimType"].as_str().is_none_or(|one| !one.is_empty())
        && body["detail"].is_string();
    (!is_error || kind != "application/scim+json").then(|| format!("no SCIM error: {kind}"))
}

async fn services(tenant: &deputy_tests::Tenant) -> Vec<Api> {
    // Several keys, because one client may not write as fast as this.
    let mut services = Vec::new();
    for _ in 0..10 {
        services.push(tenant.scim_as("scim").await);
    }
    services
}

on_both_databases!(whatever_comes_is_answered_in_order, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let services = services(&tenant).await;
    let service = &services[0];
    let person = made(service, "/Users", user("alice@example.com")).await;
    let team = made(service, "/Groups", group("crm", &[&person])).await;
    let bot = made(service, "/Agents", agent("crawler")).await;
    let ids = [&*person, &*team, &*bot, "nobody"];
    let methods = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::PATCH,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::from_bytes(b"BREW").unwrap(),
    ];
    let tags = ["*", "W/\"1\"", "\"", "W/", "\"a\", \"b", ",,,", "\u{e9}"];
    let (mut dice, began) = (Dice(7_644), Instant::now());
    let (mut done, mut refused) = (0, 0);
    for number in 0..REQUESTS {
        if began.elapsed() > PATIENCE {
            break;
        }
        let method = methods[dice.roll(methods.len())].clone();
        // What is there to be asked for is not removed for good.
        let ids = if method == Method::DELETE { &ids[3..] } else { &ids[..] };
        let path = dice.path(ids);
        let body = dice.body(ids);
        let mut request = services[number % services.len()].request(method.clone(), &path);
        let kind = dice.one(&[
            "application/scim+json",
            "application/json",
            "application/scim+json; charset=utf-8",
            "text/plain",
        ]);
        if dice.roll(8) > 0 {
            request =
                request.header("content-type", if dice.roll(8) > 0 { "application/scim+json" } else { kind });
        }
        for name in ["if-match", "if-none-match"] {
            if dice.roll(8) == 0 {
                request = request.header(name, HeaderValue::from_bytes(dice.one(&tags).as_bytes()).unwrap());
            }
        }
        if method != Method::GET && method != Method::HEAD {
            request = request.body(body.clone());
        }
        let answer = service.send(request).await;
        let kind = answer.header("content-type").unwrap_or_default();
        if let Some(fault) = fault(answer.status, &kind, &answer.text, method == Method::HEAD) {
            let body: String = String::from_utf8_lossy(&body).chars().take(2_000).collect();
            panic!("request {number}: {fault}\n{method} {path}\n{body}\n{}: {}", answer.status, answer.text);
        }
        *(if answer.status < 400 { &mut done } else { &mut refused }) += 1;
    }
    assert!(done > 50 && refused > 200, "{done} were done and {refused} refused");
    // It is still there, and so are they.
    for (kind, id) in [("Users", &person), ("Groups", &team), ("Agents", &bot)] {
        service.get(&format!("/{kind}/{id}")).await.is(200);
    }
});
