//! The commands of the README, run as they stand there, in their order, in one shell.
//!
//! Every block fenced as `sh` (or `console`, where commands follow a `$`) is run. Three things differ from a
//! reader's machine: the server that the first block starts is the binary that is already built, it listens
//! on a free port, and `cargo run --release --` means that binary too. `cargo xtask …` is not run again from
//! inside itself: the test asks that the command exists.

use std::path::Path;
use std::process::{Command, Stdio};

use deputy_tests::{Database, Server, Starting, setup};

/// Where a reader's server listens, as the README writes it.
const ADDRESS: &str = "127.0.0.1:8080";
const CARGO_RUN: &str = "cargo run --release --";

/// The commands of each block, in order.
fn blocks(markdown: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in markdown.lines() {
        match (&mut open, line.trim_end()) {
            (None, "```sh" | "```bash") => open = Some(("sh", String::new())),
            (None, "```console") => open = Some(("console", String::new())),
            (None, _) => {}
            (Some(_), "```") => blocks.extend(open.take().map(|(_, text)| text)),
            (Some(("console", text)), line) => {
                if let Some(command) = line.strip_prefix("$ ") {
                    text.push_str(command);
                    text.push('\n');
                }
            }
            (Some((_, text)), line) => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    assert!(open.is_none(), "a block without an end");
    blocks
}

/// Commands, and those lines that are not for this shell.
#[derive(Debug, Default, PartialEq, Eq)]
struct Script {
    /// Arguments of `serve` as the README starts it.
    serve: Option<Vec<String>>,
    xtask: Vec<String>,
    commands: String,
}

impl Script {
    fn of(blocks: &[String]) -> Self {
        let mut script = Self::default();
        for line in blocks.iter().flat_map(|block| block.lines()) {
            let line = line.trim_end();
            // Getting the source is done already.
            if line.starts_with("git clone ") || line.starts_with("cd ") {
                continue;
            }
            let run = line.strip_prefix(CARGO_RUN).map(str::trim).filter(|rest| rest.starts_with("serve"));
            if let Some(serve) = run {
                let serve = serve.trim_end_matches('&').split_whitespace().map(str::to_owned).collect();
                assert!(script.serve.replace(serve).is_none(), "the README starts two servers");
            } else if let Some(rest) = line.strip_prefix("cargo xtask ") {
                script.xtask.extend(rest.split_whitespace().next().map(str::to_owned));
            } else {
                script.commands.push_str(&line.replace(CARGO_RUN, "deputy"));
                script.commands.push('\n');
            }
        }
        script
    }
}

/// Makes a server's folder look like the root of the project, with the binary on the path beside it. Data and
/// build output stay out.
fn furnish(home: &Path) {
    for entry in std::fs::read_dir(setup::root()).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if !name.starts_with('.') && !name.contains(".db") && name != "target" {
            std::os::unix::fs::symlink(entry.path(), home.join(name)).unwrap();
        }
    }
    std::fs::create_dir_all(home.join("target/release")).unwrap();
    std::os::unix::fs::symlink(setup::binary(), home.join("target/release/deputy")).unwrap();
}

fn run(server: &Server, commands: &str) {
    let home = server.store().home();
    let path = format!("{}:{}", home.join("target/release").display(), setup::variable("PATH").unwrap());
    let address = server.url().trim_start_matches("http://");
    let output = Command::new("bash")
        .args(["-euxo", "pipefail", "-c", &commands.replace(ADDRESS, address)])
        .current_dir(home)
        .env("PATH", path)
        .env("NO_PROXY", "127.0.0.1")
        // A reader's commands go to the default address; these go to the free port.
        .env("DEPUTY_SERVER", server.url())
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the README's commands fail\n--- stdout\n{out}\n--- trace\n{err}");
}

#[test]
fn every_command_of_the_readme_works() {
    let text = std::fs::read_to_string(setup::root().join("README.md")).expect("there is a README");
    let script = Script::of(&blocks(&text));
    for command in &script.xtask {
        let cargo = setup::variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
        let mut help = Command::new(cargo);
        let output = help.current_dir(setup::root()).args(["xtask", command, "--help"]).output().unwrap();
        assert!(
            output.status.success(),
            "`cargo xtask {command}`: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(script.xtask.contains(&"test".to_owned()), "the README says how to run the tests");
    let serve = script.serve.expect("the README says how to start the server");
    assert_eq!(serve, ["serve", "--demo"]);
    let starting = Starting::on(Database::Sqlite.empty()).argument("--demo");
    furnish(starting.store().home());
    run(&starting.start(), &script.commands);
}

#[test]
fn blocks_are_read_as_a_reader_reads_them() {
    let markdown = "```sh\ncargo run --release -- serve --demo\n```\ntext\n```json\n{}\n```\n\
                    ```console\n$ cargo run --release -- agent list\nname\n$ cargo xtask test\n```\n";
    let script = Script::of(&blocks(markdown));
    assert_eq!(script.serve.unwrap(), ["serve", "--demo"]);
    assert_eq!(script.xtask, ["test"]);
    assert_eq!(script.commands, "deputy agent list\n");
}
