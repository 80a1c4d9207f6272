//! `deputy token exchange`.

use std::io::Write as _;
use std::process::{Output, Stdio};

use deputy_tests::{Client, Server, Tenant, jwt, on_both_databases};
use serde_json::{Value, json};

use super::{planner, root};

fn run(
    server: &Server,
    tenant: &Tenant,
    client: &Client,
    more: &[&str],
    variable: &str,
    input: &str,
) -> Output {
    let mut command = server.command(&["token", "exchange"]);
    command.args(more).env("DEPUTY_TENANT", &tenant.slug);
    command.env("DEPUTY_CLIENT_ID", &client.id).env("DEPUTY_CLIENT_SECRET", &client.secret);
    command.env("DEPUTY_SUBJECT_TOKEN", variable);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

on_both_databases!(the_token_is_alone_on_stdout, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let token = root(&planner, json!({"tools": {"search": {}}})).await;
    let asked = ["--scope", "read:docs", "--delegate-name", "analyzer", "--expires-in", "60"];
    for (variable, input) in [(token.as_str(), ""), ("-", token.as_str())] {
        let output = run(&server, &tenant, &planner, &asked, variable, input);
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(0), "{out}{err}");
        let child = out.strip_suffix('\n').unwrap();
        assert!(!child.contains('\n') && err.contains("scope: read:docs"), "{out}{err}");
        assert_eq!(jwt::claims(child)["agent"]["name"], "planner/analyzer");
    }
    let details = r#"[{"type":"deputy_mandate","tools":{"search":{}}}]"#;
    let narrowed = run(&server, &tenant, &planner, &["--details", details, "--output", "json"], &token, "");
    let answer: Value = serde_json::from_slice(&narrowed.stdout).unwrap();
    assert_eq!((narrowed.status.code(), &answer["removed"]), (Some(0), &json!([])));
});

on_both_databases!(a_refusal_is_told, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let output = run(&server, &tenant, &planner, &["--scope", "read:docs"], "nonsense", "");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("invalid_grant"));
    let mut usage = server.command(&["token", "exchange", "--scope", "read:docs"]);
    assert_eq!(usage.output().unwrap().status.code(), Some(2), "no subject token");
});
