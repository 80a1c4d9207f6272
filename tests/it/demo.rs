//! `deputy serve --demo`, and the link that `serve` prints on an empty database.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use deputy_tests::{Api, Database, Server, Starting};

/// Everything that the server has said on stderr since its first start, once it holds `end` so often.
async fn said(server: &Server, end: &str, times: usize) -> String {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let log = server.log();
        if log.matches(end).count() >= times {
            return log;
        }
        assert!(Instant::now() < deadline, "no `{end}` in {log}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What follows `start`, to the end of the word.
fn word_after<'t>(text: &'t str, start: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no `{start}` in {text}"));
    rest.split_whitespace().next().unwrap_or_default()
}

fn demo() -> Starting {
    Starting::on(Database::Sqlite.empty()).argument("--demo")
}

#[tokio::test]
async fn the_printed_commands_run_and_show_what_they_say() {
    let server = demo().start();
    let log = said(&server, "\ndecide search", 2).await;
    let (_, commands) = log.split_once("\nKEY=").expect("commands");
    let mut commands = format!("KEY={commands}");
    // What the server logs after its greeting is no command.
    if let Some(end) = commands.rfind("decide search") {
        let end = end + commands[end..].find('\n').unwrap_or(commands.len() - end);
        commands.truncate(end);
    }
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &commands])
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    let answers: Vec<serde_json::Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{out}"))).collect();
    let decisions: Vec<_> = answers.iter().filter_map(|answer| answer["decision"].as_bool()).collect();
    assert_eq!(decisions, [true, true, false, false, false], "{out}");
    let reason = |index: usize| answers[index]["context"]["reason"].to_string();
    assert!(reason(2).contains("constraint_violated"), "{out}");
    assert!(reason(3).contains("tool_blocked"), "{out}");
    assert!(reason(5).contains("revoked"), "{out}");
}

#[tokio::test]
async fn the_demo_is_made_anew_and_leaves_the_real_database_alone() {
    let mut server = demo().start();
    let home = server.store().home().to_owned();
    let first = said(&server, "\nKEY=", 1).await;
    let key = word_after(&first, "\nKEY=").to_owned();
    let agents = async |server: &Server, key: &str| {
        let api = Api::new(server.http().clone(), &format!("{}/t/demo/api/v1", server.url()));
        api.with_key(key).get("/agents?limit=200").await
    };
    assert_eq!(agents(&server, &key).await.is(200).items().len(), 50);
    assert!(home.join("deputy-demo.db").exists());
    assert!(!home.join("deputy.db").exists());
    server.restart();
    agents(&server, &key).await.is(401);
    let second = said(&server, "\nKEY=", 2).await;
    let key = second
        .rsplit_once("\nKEY=")
        .map_or("", |(_, rest)| rest.split_whitespace().next().unwrap_or_default());
    agents(&server, key).await.is(200);
}

#[test]
fn the_demo_is_for_this_machine_alone() {
    let store = Database::Sqlite.empty();
    let output =
        store.command(&["serve", "--demo", "--listen", "0.0.0.0:0"]).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("listen") && said.contains("loopback"), "{said}");
}

#[tokio::test]
async fn an_empty_database_gets_a_set_up_link_and_a_used_one_does_not() {
    let mut server = Starting::on(Database::Sqlite.empty()).start();
    let log = said(&server, "/setup?code=", 1).await;
    assert_eq!(word_after(&log, "/setup?code=").len(), 43, "256 bits");
    assert!(log.contains(&format!("{}/setup?code=", server.url())));
    let made = server.cli(&["tenant", "create", "acme"]);
    assert!(made.status.success());
    server.restart();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(server.log().matches("/setup?code=").count(), 1, "{}", server.log());
}
