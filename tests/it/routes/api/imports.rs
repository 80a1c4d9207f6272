//! `POST /t/{tenant}/api/v1/imports`: a fleet manifest, all or nothing.

use std::collections::BTreeSet;

use deputy_tests::{Answer, Client, Tenant, jwt, on_both_databases, setup};
use serde_json::{Value, json};

const CRM: &str = "https://crm.example.com/";

fn shipped() -> String {
    std::fs::read_to_string(setup::root().join("manifests/fleet.yaml")).unwrap()
}

/// A role `reader` and agents of these lines.
fn manifest(agents: &[&str]) -> String {
    let agents: String = agents.iter().map(|agent| format!("  - {{{agent}}}\n")).collect();
    format!(
        "apiVersion: deputy/v1\nkind: Fleet\nroles:\n  - {{name: reader, scopes: [read:docs], tools: {{search: {{}}}}}}\nagents:\n{agents}"
    )
}

const ONE: &str = "name: one, owner: user:alice@example.com, allowed_scopes: [read:docs], roles: [reader]";
const TWO: &str = "name: two, owner: group:crm, allowed_scopes: [read:docs], roles: [reader]";

/// The names of one kind in one list of the answer.
fn names<'a>(answer: &'a Answer, list: &str, kind: &str) -> BTreeSet<&'a str> {
    let items = answer[list].as_array().unwrap().iter();
    items.filter(|item| item["kind"] == kind).map(|item| item["name"].as_str().unwrap()).collect()
}

fn count(answer: &Answer, list: &str) -> usize {
    answer[list].as_array().unwrap().len()
}

/// An imported agent as a client.
fn client(tenant: &Tenant, answer: &Answer, agent: &str) -> Client {
    let made = answer["credentials"].as_array().unwrap();
    let one =
        made.iter().find(|one| one["agent"] == agent).unwrap_or_else(|| panic!("no credential of {agent}"));
    tenant.client(agent, one["client_id"].as_str().unwrap(), one["client_secret"].as_str().unwrap())
}

async fn agents(tenant: &Tenant) -> Vec<Value> {
    tenant.api.get("/agents?limit=200").await.is(200).items().to_vec()
}

/// The runtime of `crm-research-agent`, in another order than the manifest's.
const RUNTIME: &str =
    r#"{"model":"gpt-4o","tools":["read_db","search","brain_query"],"config":{"temperature":0.2}}"#;

on_both_databases!(a_fleet_gets_identity_credential_and_owner, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let done = tenant.import(&shipped(), "?create_owners=true").await.is(200);
    assert_eq!(done.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(names(&done, "created", "agent").len(), 50);
    assert_eq!(done["credentials"].as_array().unwrap().len(), 50);
    for agent in agents(&tenant).await {
        assert_eq!((&agent["state"], &agent["orphaned"]), (&json!("active"), &json!(false)), "{agent}");
        assert!(!agent["owners"].as_array().unwrap().is_empty(), "{agent}");
        assert!(agent["spiffe_id"].as_str().unwrap().starts_with("spiffe://"), "{agent}");
    }
    let agent = client(&tenant, &done, "crm-research-agent");
    let token =
        agent.token(&[("scope", "read:docs"), ("runtime", RUNTIME)]).await.is(200).text_of("access_token");
    assert_eq!(jwt::claims(&token)["aud"], CRM);
    let ceiling = tenant.api.get("/agents/crm-research-agent/ceiling").await.is(200);
    let legs: Vec<_> =
        ceiling["legs"].as_array().unwrap().iter().map(|leg| leg["name"].as_str().unwrap()).collect();
    assert_eq!(&legs[..2], ["role_bindings", "allowed_scopes"]);
    assert_eq!(ceiling["legs"][0]["from"], json!(["crm-researcher"]));
});

on_both_databases!(what_is_imported_twice_is_unchanged, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let first = tenant.import(&shipped(), "?create_owners=true").await.is(200);
    let again = tenant.import(&shipped(), "").await.is(200);
    assert_eq!(count(&again, "unchanged"), count(&first, "created"), "{}", again.text);
    for list in ["created", "updated", "deleted", "credentials"] {
        assert_eq!(count(&again, list), 0, "{list}: {}", again.text);
    }
    let agent = client(&tenant, &first, "crm-research-agent");
    agent.token(&[("scope", "identity"), ("runtime", RUNTIME)]).await.is(200);
});

on_both_databases!(a_dry_run_says_what_an_import_then_does, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let events = tenant.events().await.len();
    let plan = tenant.import(&manifest(&[ONE, TWO]), "?dry_run=true&create_owners=true").await.is(200);
    assert_eq!(names(&plan, "created", "agent"), BTreeSet::from(["one", "two"]));
    assert_eq!(count(&plan, "credentials"), 0);
    assert!(agents(&tenant).await.is_empty());
    assert_eq!(tenant.events().await.len(), events, "nothing happened");
    let done = tenant.import(&manifest(&[ONE, TWO]), "?create_owners=true").await.is(200);
    assert_eq!((&done["created"], &done["unchanged"]), (&plan["created"], &plan["unchanged"]));
    assert_eq!(agents(&tenant).await.len(), 2);
});

on_both_databases!(every_change_is_an_event_and_the_import_is_one_too, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let done = tenant.import(&manifest(&[ONE, TWO]), "?create_owners=true").await.is(200);
    let events = tenant.events().await;
    let of = |action: &str| events.iter().filter(|event| event["action"] == action).count();
    assert_eq!((of("agent.created"), of("role.created"), of("role_binding.created")), (2, 1, 2));
    assert_eq!((of("credential.created"), of("owners.created"), of("import.applied")), (2, 1, 1));
    let text = serde_json::to_string(&events).unwrap();
    for made in done["credentials"].as_array().unwrap() {
        assert!(!text.contains(made["client_secret"].as_str().unwrap()), "a secret is in the log");
    }
});

on_both_databases!(what_differs_is_updated_and_a_changed_runtime_kills, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let with = |model: &str| manifest(&[&format!("{ONE}, runtime: {{model: {model}}}"), TWO]);
    let done = tenant.import(&with("gpt-4o"), "?create_owners=true").await.is(200);
    let one = client(&tenant, &done, "one");
    let asked = [("scope", "read:docs"), ("runtime", r#"{"model":"gpt-4o"}"#)];
    let token = one.token(&asked).await.is(200).text_of("access_token");
    let other = client(&tenant, &done, "two").access_token("read:docs").await;
    assert!(tenant.is_active(&token).await);

    let updated = tenant.import(&with("gpt-5"), "").await.is(200);
    assert_eq!(names(&updated, "updated", "agent"), BTreeSet::from(["one"]), "{}", updated.text);
    assert_eq!(updated["updated"][0]["changes"][0]["field"], "runtime");
    assert!(!tenant.is_active(&token).await);
    assert!(tenant.is_active(&other).await);
    one.token(&asked).await.is_oauth_error(400, "invalid_grant");

    // Changing it back revives nothing, and lets the agent ask again.
    tenant.import(&with("gpt-4o"), "").await.is(200);
    assert!(!tenant.is_active(&token).await);
    one.token(&asked).await.is(200);
});

on_both_databases!(owners_are_told_by_name, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.import(&manifest(&[ONE]), "?create_owners=true").await.is(200);
    let moved = manifest(&[&ONE.replace("alice", "bob")]);
    let refused = tenant.import(&moved, "").await.is_problem(400);
    assert_eq!(refused["errors"][0]["field"], "agents[0].owners", "{}", refused.text);
    let done = tenant.import(&moved, "?create_owners=true").await.is(200);
    let change = &done["updated"][0]["changes"][0];
    assert_eq!(
        (&change["from"], &change["to"]),
        (&json!(["user:alice@example.com"]), &json!(["user:bob@example.com"]))
    );
    // Another spelling is the same person.
    let again = tenant.import(&moved.replace("bob@", "BOB@"), "").await.is(200);
    assert_eq!(count(&again, "updated"), 0, "{}", again.text);
});

on_both_databases!(prune_deletes_what_a_manifest_made_and_nothing_else, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let kept = tenant.agent("handmade", &["read:docs"]).await;
    let both = manifest(&[ONE, TWO]);
    let done = tenant.import(&both, "?create_owners=true").await.is(200);
    let token = client(&tenant, &done, "two").access_token("read:docs").await;
    let without = tenant.import(&manifest(&[ONE]), "").await.is(200);
    assert_eq!(count(&without, "deleted"), 0, "{}", without.text);
    assert!(tenant.is_active(&token).await);

    let pruned = tenant.import(&manifest(&[ONE]), "?prune=true").await.is(200);
    assert_eq!(names(&pruned, "deleted", "agent"), BTreeSet::from(["two"]), "{}", pruned.text);
    assert_eq!(names(&pruned, "deleted", "binding"), BTreeSet::from(["two"]));
    assert!(!tenant.is_active(&token).await);
    assert_eq!(tenant.api.get("/agents/two").await.is(200)["state"], "decommissioned");
    assert!(tenant.is_active(&kept.access_token("read:docs").await).await);

    let used = tenant.import(&both, "").await.is_problem(400);
    assert_eq!(used["errors"][0]["field"], "agents[1].name");
    let nothing = "apiVersion: deputy/v1\nkind: Fleet\n";
    let emptied = tenant.import(nothing, "?prune=true").await.is(200);
    assert_eq!(names(&emptied, "deleted", "role"), BTreeSet::from(["reader"]), "{}", emptied.text);
    tenant.api.get("/roles/handmade-role").await.is(200);
});

on_both_databases!(everything_that_is_wrong_is_told_at_once_and_nothing_is_written, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let before = tenant.events().await.len();
    let yaml = "apiVersion: deputy/v1\nkind: Fleet\nagents:\n  - name: fine\n    owner: user:alice@example.com\n  - name: Bad Name\n    owner: user:alice@example.com\n    alowed_scopes: [read:docs]\n";
    let refused = tenant.import(yaml, "?create_owners=true").await.is_problem(400);
    let errors = refused["errors"].as_array().unwrap();
    let told: Vec<_> =
        errors.iter().map(|e| (e["line"].as_u64().unwrap(), e["column"].as_u64().unwrap())).collect();
    assert_eq!(told, [(6, 11), (8, 5)], "{}", refused.text);

    let yaml = "apiVersion: deputy/v1\nkind: Fleet\nagents:\n  - name: fine\n    owner: user:alice@example.com\n    default_audience: https://nowhere.example.com/\n    parent: agent:nobody\n    roles: [no-such-role]\n";
    let refused = tenant.import(yaml, "").await.is_problem(400);
    let errors = refused["errors"].as_array().unwrap();
    let lines: Vec<_> = errors.iter().map(|error| error["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [5, 6, 7, 8], "{}", refused.text);
    assert!(agents(&tenant).await.is_empty());
    assert_eq!(tenant.events().await.len(), before);
    let mended =
        "apiVersion: deputy/v1\nkind: Fleet\nagents:\n  - name: fine\n    owner: user:alice@example.com\n";
    tenant.import(mended, "?create_owners=true").await.is(200);
});

on_both_databases!(one_tool_with_different_arguments_is_refused_where_it_is_said, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let role = json!({"name": "other", "scopes": [], "tools": {"search": {"query": {"constraint_type": "wildcard"}}}});
    tenant.api.post("/roles", role).await.is(201);
    tenant.import(&manifest(&[ONE]), "?create_owners=true").await.is(200);
    let refused =
        tenant.import(&manifest(&[&ONE.replace("[reader]", "[reader, other]")]), "").await.is_problem(400);
    assert_eq!(refused["errors"][0]["field"], "agents[0].roles", "{}", refused.text);

    // A role that the file changes, at an agent that the file does not list.
    let narrowed = manifest(&[])
        .replace("search: {}", "search: {query: {any: true}, page: {any: true}}")
        .replace("agents:\n", "");
    tenant.import(&narrowed, "?dry_run=true").await.is(200);
    let same = json!({"name": "third", "scopes": [], "tools": {"search": {}}});
    tenant.api.post("/roles", same).await.is(201);
    tenant.bind("third", "agent:one").await;
    let refused = tenant.import(&narrowed, "").await.is_problem(400);
    assert_eq!(refused["errors"][0]["field"], "roles[0].tools", "{}", refused.text);
});

on_both_databases!(credentials_are_made_once_each, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let federated = |subject: &str, claim: &str| {
        format!(
            "{{federated: {{issuer: https://ci.example.com, subject: {subject}, claims: {{ref: {claim}}}}}}}"
        )
    };
    let with = |one: &str, two: &str| {
        manifest(&[&format!("{ONE}, credentials: [secret, {one}]"), &format!("{TWO}, credentials: [{two}]")])
    };
    let first = tenant
        .import(&with(&federated("a", "main"), &federated("b", "main")), "?create_owners=true")
        .await
        .is(200);
    assert_eq!(count(&first, "credentials"), 3, "{}", first.text);
    let again = tenant.import(&with(&federated("a", "main"), &federated("b", "main")), "").await.is(200);
    assert_eq!(count(&again, "credentials") + count(&again, "updated"), 0, "{}", again.text);
    let other = tenant.import(&with(&federated("a", "release"), &federated("b", "main")), "").await.is(200);
    assert_eq!(names(&other, "updated", "agent"), BTreeSet::from(["one"]), "{}", other.text);
    let taken =
        tenant.import(&with(&federated("a", "release"), &federated("a", "main")), "").await.is_problem(400);
    assert_eq!(taken["errors"][0]["field"], "agents[1].credentials[0]", "{}", taken.text);
});

on_both_databases!(a_suspended_agent_stays_suspended, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.import(&manifest(&[ONE]), "?create_owners=true").await.is(200);
    tenant.api.post("/agents/one/suspend", json!({"reason": "test"})).await.is(200);
    tenant.import(&manifest(&[&format!("{ONE}, ttl: 5m")]), "").await.is(200);
    assert_eq!(tenant.api.get("/agents/one").await.is(200)["state"], "suspended");
});

on_both_databases!(importers_import_and_auditors_look, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let import = async |role: &str, query: &str| {
        let api = tenant.api_as(role).await;
        let path = format!("/imports?create_owners=true{query}");
        api.raw(reqwest::Method::POST, &path, "application/yaml", manifest(&[ONE])).await.status
    };
    assert_eq!(import("auditor", "&dry_run=true").await, 200);
    assert_eq!(import("auditor", "").await, 403);
    assert_eq!(import("scim", "&dry_run=true").await, 403);
    assert!(agents(&tenant).await.is_empty());
    assert_eq!(import("importer", "").await, 200);
    assert_eq!(agents(&tenant).await.len(), 1);
});

on_both_databases!(what_is_no_manifest_is_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let post = async |kind: &str, query: &str, body: Vec<u8>| {
        tenant.api.raw(reqwest::Method::POST, &format!("/imports{query}"), kind, body).await
    };
    let good = manifest(&[ONE]).into_bytes();
    post("application/json", "", good.clone()).await.is_problem(400);
    post("application/yaml", "?dryrun=true", good.clone()).await.is_problem(400);
    post("application/yaml", "", vec![b' '; (10 << 20) + 1]).await.is_problem(413);
    post("application/yaml", "", b"\xff\xfe".to_vec()).await.is_problem(400);
    post("application/yaml", "", b"a: &x [1]\nb: *x\n".to_vec()).await.is_problem(400);
    assert!(agents(&tenant).await.is_empty());
    post("application/yaml", "?create_owners=true", good).await.is(200);
});

on_both_databases!(the_command_line_imports, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let home = server.store().home();
    std::fs::write(home.join("one.yaml"), manifest(&[ONE])).unwrap();
    let run = |more: &[&str]| {
        let mut arguments = vec!["import", "one.yaml", "--tenant", &tenant.slug];
        arguments.extend(more);
        let output = server
            .command(&arguments)
            .current_dir(home)
            .env("DEPUTY_KEY", tenant.admin_key())
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, _, said) = run(&[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("5:") || said.contains("alice@example.com"), "{said}");
    let (code, out, said) = run(&["--create-owners", "--dry-run"]);
    assert_eq!((code, out.contains("agent one")), (Some(0), true), "{out}{said}");
    let (code, out, said) = run(&["--create-owners", "--credentials-out", "kept.json"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!out.contains("dps_") && !said.contains("dps_"), "{out}{said}");
    let kept = home.join("kept.json");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&kept).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(kept).unwrap()).unwrap();
    let one = tenant.client(
        "one",
        kept[0]["client_id"].as_str().unwrap(),
        kept[0]["client_secret"].as_str().unwrap(),
    );
    one.token(&[("scope", "read:docs")]).await.is(200);
});

on_both_databases!(imports_at_the_same_time_do_not_mix, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let yaml = manifest(&[ONE, TWO]);
    let (a, b, c) = tokio::join!(
        tenant.import(&yaml, "?create_owners=true"),
        tenant.import(&yaml, "?create_owners=true"),
        tenant.import(&yaml, "?create_owners=true"),
    );
    let done = [a.is(200), b.is(200), c.is(200)];
    let created: usize = done.iter().map(|answer| names(answer, "created", "agent").len()).sum();
    let credentials: usize = done.iter().map(|answer| count(answer, "credentials")).sum();
    assert_eq!((created, credentials), (2, 2), "each agent is made once");
});
