//! The pages about identity providers and workloads, tried as they stand: every command in `sh`, every entry in
//! `json`, the manifest and the workflow in `yaml`.
//!
//! A reader's provider is not here, so a page is tried twice. Once with the issuers that it names, as far as that
//! asks nobody: an entry for the real product is accepted. Once whole, with an issuer of the test's in their place
//! that signs tokens as the product does.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use deputy_tests::issuer::{Behaviour, JWKS, SPIFFE_BUNDLE, TOKEN};
use deputy_tests::{Client, Database, Issuer, Server, Tenant, setup};
use serde_json::{Value, json};

/// The issuers that the pages name.
const NAMED: [&str; 7] = [
    "https://id.example.com/realms/acme",
    "https://acme.okta.com/oauth2/default",
    "https://login.microsoftonline.com/8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b/v2.0",
    "https://accounts.google.com",
    "https://ci.example.com",
    "https://cluster.example.com",
    "https://token.actions.githubusercontent.com",
];
/// Where a pod finds its token.
const TOKEN_FILE: &str = "/var/run/secrets/deputy/token";

/// Pages about people, each with the audience of its tokens.
const PEOPLE: [(&str, &str); 6] = [
    ("51-identity-providers.md", "api://agents"),
    ("51-trust-entra.md", "5b1c0f7e-1d7a-4d55-8a53-0f0f6e6f9a10"),
    ("51-trust-google.md", "1234-abc.apps.googleusercontent.com"),
    ("51-trust-okta.md", "0oa1example"),
    ("51-trust-openid.md", "api://agents"),
    ("52-on-behalf.md", "api://agents"),
];

type Sign = fn(&Issuer, &str) -> String;

/// Pages about workloads, each with a token of the workload that it is about.
const WORKLOADS: [(&str, Sign); 4] = [
    ("53-workloads.md", |issuer, aud| {
        let claims = json!({"environment": "production", "runner": {"id": 7}});
        issuer.token("project:crm", aud).claims(claims).seal()
    }),
    ("54-workloads-github.md", |issuer, aud| {
        issuer.github_environment("octo-org/octo-repo", "production", aud).seal()
    }),
    ("54-workloads-kubernetes.md", |issuer, aud| issuer.service_account("crm", "assistant", aud).seal()),
    ("54-workloads-spiffe.md", |issuer, aud| {
        issuer.jwt_svid("spiffe://prod.example.com/ns/crm/sa/assistant", aud).seal()
    }),
];

fn page(file: &str) -> String {
    std::fs::read_to_string(setup::root().join("web/docs").join(file)).expect("the page is there")
}

/// What stands between fences of a language.
fn fenced(markdown: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in markdown.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(found)) => open = Some((found == language, String::new())),
            (None, None) => {}
            (Some(_), Some("")) => {
                blocks.extend(open.take().filter(|(wanted, _)| *wanted).map(|(_, text)| text));
            }
            (Some((_, text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    assert!(open.is_none(), "a block without an end");
    blocks
}

/// An issuer in a path.
fn encoded(issuer: &str) -> String {
    issuer.replace(':', "%3A").replace('/', "%2F")
}

fn registers(command: &str) -> bool {
    ["/api/v1/identity-providers\" ", "/api/v1/trusted-issuers\" "].iter().any(|call| command.contains(call))
}

/// Somebody who follows a page, in a tenant where Ada owns the agent `assistant`.
struct Reader {
    issuer: Issuer,
    tenant: Tenant,
    agent: Client,
    home: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Reader {
    async fn new(server: &Server) -> Self {
        let (issuer, tenant) = (Issuer::start().await, server.tenant().await);
        let scim = tenant.scim_as("scim").await;
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "ada@example.com", "externalId": "00u1",
        });
        let ada = scim.post("/Users", user).await.is(201).text_of("id");
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "sales", "members": [{"value": ada}],
        });
        scim.post("/Groups", group).await.is(201);
        tenant.api.post("/resources", json!({"uri": "https://crm.example.com/"})).await.is(201);
        tenant.role("crm-researcher", &["read:docs"]).await;
        tenant.role("crm-writer", &["write:crm"]).await;
        let owners = json!({"owners": ["user:ada@example.com"]});
        let agent = tenant.agent_with("assistant", &["read:docs", "write:crm"], owners, json!({})).await;
        tenant.bind("crm-researcher", "user:ada@example.com").await;
        let home = tempfile::tempdir().expect("a folder");
        let keys = server.http().get(issuer.at(JWKS)).send().await.unwrap().text().await.unwrap();
        std::fs::write(home.path().join("jwks.json"), keys).unwrap();
        let encoded = encoded(&issuer.url());
        let variables = vec![
            ("DEPUTY_ISSUER", tenant.issuer.clone()),
            ("DEPUTY_KEY", tenant.admin_key().to_owned()),
            ("AGENT_ID", agent.id.clone()),
            ("AGENT_SECRET", agent.secret.clone()),
            // An issuer serves as an id.
            ("PROVIDER_ID", encoded.clone()),
            ("TRUSTED_ID", encoded),
        ];
        Self { issuer, tenant, agent, home, variables }
    }

    /// The same text, about this test's issuer.
    fn here(&self, text: &str) -> String {
        let text = NAMED.iter().fold(text.to_owned(), |text, named| text.replace(named, &self.issuer.url()));
        let text = text.replace("https://spire.example.com/bundle", &self.issuer.at(SPIFFE_BUNDLE));
        text.replace(TOKEN_FILE, &self.file("token").display().to_string())
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.home.path()).join(name)
    }

    /// Runs commands; an answer that is an error fails them.
    fn shell(&self, commands: &str) -> String {
        let script = format!("curl() {{ command curl --fail-with-body \"$@\"; }}\n{commands}");
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script])
            .current_dir(self.home.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("NO_PROXY", "127.0.0.1")
            .stdin(Stdio::null())
            .output()
            .expect("bash runs");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{commands}\n--- stdout\n{out}\n--- stderr\n{err}");
        out.into_owned()
    }

    /// Runs every command of a page, and compares the answers that it shows with those that came.
    fn follow(&self, markdown: &str) {
        let mut answers = Vec::new();
        for command in fenced(markdown, "sh") {
            let answer = self.shell(&self.here(&command));
            let answer: Value =
                serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{command}\n{answer}"));
            if command.contains("/test\"") {
                assert_eq!(answer["ok"], true, "{command}\n{answer}");
            }
            if command.contains("/oauth/token\"") {
                assert!(answer["access_token"].is_string(), "{command}\n{answer}");
            }
            answers.push(answer);
        }
        assert!(!answers.is_empty(), "a page has commands");
        for shown in shown(markdown).filter(is_answer) {
            let has_all = |answer: &&Value| {
                let mut members = shown.as_object().unwrap().keys();
                members.all(|member| answer.get(member).is_some())
            };
            assert!(answers.iter().any(|answer| has_all(&answer)), "no answer is like {shown}");
        }
    }

    /// Every entry that a page shows by itself, as a change of the provider.
    async fn change(&self, markdown: &str) {
        let path = format!("/identity-providers/{}", encoded(&self.issuer.url()));
        for entry in shown(markdown).filter(|shown| !is_answer(shown)) {
            self.tenant.api.patch(&path, entry).await.is(200);
        }
    }
}

fn shown(markdown: &str) -> impl Iterator<Item = Value> {
    let parse = |text: String| serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    fenced(markdown, "json").into_iter().map(parse)
}

fn is_answer(shown: &Value) -> bool {
    shown.get("ok").is_some() || shown.get("access_token").is_some()
}

fn server() -> Server {
    Database::Sqlite.starting().with("OUTBOUND_ALLOW", "127.0.0.0/8").start()
}

/// The entries of a page, for the issuers that it names.
async fn register_as_written(server: &Server, markdown: &str) {
    let reader = Reader::new(server).await;
    for command in fenced(markdown, "sh").iter().filter(|command| registers(command)) {
        let made: Value = serde_json::from_str(&reader.shell(command)).unwrap();
        assert!(made["id"].is_string(), "{command}\n{made}");
    }
}

#[tokio::test]
async fn pages_about_people_say_what_works() {
    let server = server();
    for (file, audience) in PEOPLE {
        let markdown = page(file);
        register_as_written(&server, &markdown).await;
        let mut reader = Reader::new(&server).await;
        if !fenced(&markdown, "sh").iter().any(|command| registers(command)) {
            let provider = json!({"issuer": reader.issuer.url(), "audiences": [audience]});
            reader.tenant.api.post("/identity-providers", provider).await.is(201);
        }
        // For the page's `client` step: a code that was never given out is refused for being none.
        reader.issuer.behave(TOKEN, Behaviour::Text(json!({"error": "invalid_grant"}).to_string()));
        let claims = json!({
            "oid": "00u1", "email": "ada@example.com", "email_verified": true, "hd": "example.com",
            "department": "sales", "realm_access": {"roles": ["crm-admin"]},
        });
        let token = reader.issuer.token("00u1", audience).claims(claims).seal();
        let assertion = reader.issuer.id_jag("00u1", &reader.agent.id, &reader.tenant.issuer);
        reader.variables.push(("PERSON_TOKEN", token));
        reader.variables.push(("ID_JAG", assertion.claim("scope", "read:docs").seal()));
        reader.follow(&markdown);
        reader.change(&markdown).await;
    }
}

#[tokio::test]
async fn pages_about_workloads_say_what_works() {
    let server = server();
    for (file, sign) in WORKLOADS {
        let markdown = page(file);
        register_as_written(&server, &markdown).await;
        let mut reader = Reader::new(&server).await;
        let token = sign(&reader.issuer, &reader.tenant.issuer);
        std::fs::write(reader.file("token"), &token).unwrap();
        let answer = json!({"value": token}).to_string();
        reader.issuer.behave("/actions", Behaviour::Text(answer));
        reader.variables.extend([
            ("WORKLOAD_TOKEN", token),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", reader.issuer.at("/actions?api-version=2.0")),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of the runner".to_owned()),
            ("GITHUB_ENV", reader.file("environment").display().to_string()),
        ]);
        reader.follow(&markdown);
        for yaml in fenced(&markdown, "yaml") {
            if yaml.starts_with("agents:") {
                let manifest = format!("apiVersion: deputy/v1\nkind: Fleet\n{}", reader.here(&yaml));
                let planned = reader.tenant.import(&manifest, "?dry_run=true").await.is(200);
                assert!(planned.text.contains("assistant"), "{}", planned.text);
            }
            if let Some((_, step)) = yaml.split_once("run: |\n") {
                // It asks for failures itself.
                reader.shell(&format!("unset -f curl\n{step}"));
                let set = std::fs::read_to_string(reader.file("environment")).unwrap();
                assert!(set.starts_with("DEPUTY_TOKEN=eyJ"), "{set}");
            }
        }
    }
}

#[tokio::test]
async fn the_dashboard_is_opened_to_a_group_as_its_page_says() {
    let server = server();
    let reader = Reader::new(&server).await;
    reader.follow(&page("25-dashboard.md"));
    let settings = reader.tenant.api.get("/settings").await.is(200);
    assert_eq!(settings["dashboard_roles"], json!({"sales": "auditor"}));
}

#[test]
fn every_page_is_tried() {
    let folder = std::fs::read_dir(setup::root().join("web/docs")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<String> = names.filter(|name| ("51-".."55-").contains(&name.as_str())).collect();
    let people = PEOPLE.iter().map(|(file, _)| (*file).to_owned());
    let tried: BTreeSet<String> =
        people.chain(WORKLOADS.iter().map(|(file, _)| (*file).to_owned())).collect();
    assert_eq!(found, tried);
}

#[test]
fn blocks_are_those_of_their_language() {
    let markdown = "```sh\na\n```\ntext\n   ```\n   b\n   ```\n```json\n{}\n```\n```sh\nc\nd\n```\n";
    assert_eq!(fenced(markdown, "sh"), ["a\n", "c\nd\n"]);
    assert_eq!(fenced(markdown, "json"), ["{}\n"]);
}
