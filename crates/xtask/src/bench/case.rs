//! What is measured: an import, tokens, introspections, decisions.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};

use super::http::{Auth, Connection, Request};
use super::load::{Load, measure};
use super::report::Report;
use super::server::Server;
use crate::failure::Failure;
use crate::shell::step;

/// So many clients and tokens take turns in the load.
const CLIENTS: usize = 64;

pub(super) async fn all(
    server: &Server,
    agents: usize,
    load: Load,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut connection = Connection::open(&server.address).await?;
    let platform = Auth::Bearer(&server.platform_key);
    let tenant = Request::json("/api/v1/tenants", &platform, &json!({"slug": "bench", "name": "Bench"}));
    let tenant = connection.ask_json(&tenant).await?;
    let admin = text(&tenant, "admin_key")?;
    let admin = Auth::Bearer(&admin);

    step(&format!("importing {agents} agents"));
    let import = "/t/bench/api/v1/imports?create_owners=true";
    let import = Request::post(import, &admin, "application/yaml", &fleet(agents));
    let begin = Instant::now();
    let imported = connection.ask_json(&import).await?;
    report.import(agents, begin.elapsed(), server.resident_mib()?);

    let credentials = imported.get("credentials").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut token_requests = Vec::new();
    for credential in credentials.iter().take(CLIENTS) {
        let (id, secret) = (text(credential, "client_id")?, text(credential, "client_secret")?);
        let auth = Auth::Basic { id: &id, secret: &secret };
        let form = "grant_type=client_credentials&scope=read:docs%20write:drafts";
        token_requests.push(Request::form("/t/bench/oauth/token", &auth, form));
    }
    let mut tokens = Vec::new();
    for request in &token_requests {
        tokens.push(text(&connection.ask_json(request).await?, "access_token")?);
    }

    step("token endpoint");
    report.tokens(&measure(server, &token_requests, load).await?);
    step("introspection");
    let requests: Vec<Request> = tokens
        .iter()
        .map(|token| Request::form("/t/bench/oauth/introspect", &admin, &format!("token={token}")))
        .collect();
    report.introspection(&measure(server, &requests, load).await?);
    step("decisions");
    let requests: Vec<Request> = tokens
        .iter()
        .map(|token| Request::json("/t/bench/access/v1/evaluation", &admin, &decision(token)))
        .collect();
    report.decisions(&measure(server, &requests, load).await?);
    report.resident(server.resident_mib()?);
    Ok(())
}

fn text(value: &Value, member: &str) -> Result<String, Failure> {
    let text = value.get(member).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| Failure::Http(format!("no `{member}` in {value}")))
}

/// A scope that the token has.
fn decision(token: &str) -> Value {
    json!({
        "subject": {"type": "agent", "id": "bench", "properties": {"token": token}},
        "action": {"name": "read"},
        "resource": {"type": "docs", "id": "1"},
        "context": {"scope": "read:docs"},
    })
}

fn fleet(agents: usize) -> String {
    let mut yaml = String::from(
        "apiVersion: deputy/v1\nkind: Fleet\nroles:\n  - name: researcher\n    scopes: [read:docs, write:drafts]\n\
         \u{20}   tools: {search: {}, transfer: {amount: {max: 500}}}\n    blocked_tools: [shell]\nagents:\n",
    );
    for number in 0..agents {
        // Writing to a string does not fail.
        let _ = write!(
            yaml,
            "  - name: agent-{number}\n    owner: user:owner-{}@example.com\n    \
             allowed_scopes: [read:docs, write:drafts]\n    roles: [researcher]\n    credentials: [secret]\n",
            number % 500
        );
    }
    yaml
}
