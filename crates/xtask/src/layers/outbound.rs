//! One way out: the server asks other servers in one folder, where addresses, redirects and sizes are bounded.
//! Programs of their own (the verifier, the command line, the developer's commands, the tests) have their own
//! clients.

use super::Breach;
use super::sources::Source;

/// Where the server's client is.
pub(super) const WAY_OUT: &str = "crates/federation/src/outbound";
/// Folders that are no part of the serving process.
const OTHER_PROGRAMS: [&str; 4] = ["crates/verifier", "crates/xtask", "crates/server/src/cli", "tests"];

/// Lines of code that name the HTTP client where it may not be.
pub(super) fn check(sources: &[Source]) -> Vec<Breach> {
    let allowed = |source: &&Source| {
        source.file.starts_with(WAY_OUT)
            || OTHER_PROGRAMS.iter().any(|folder| source.file.starts_with(folder))
    };
    let names = |line: &str| line.split("//").next().unwrap_or_default().contains("reqwest");
    sources
        .iter()
        .filter(|source| !allowed(source))
        .flat_map(|source| {
            let lines = source.text.lines().enumerate().filter(|(_, line)| names(line));
            lines.map(|(index, _)| Breach::WayOut { file: source.file.clone(), line: index + 1 })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_used_in_one_folder_of_the_server() {
        let of = |file: &str| {
            let text = "//! Uses reqwest.\n// reqwest\nuse reqwest::Client;\n".to_owned();
            check(&[Source { file: file.into(), text }])
        };
        for file in [
            "crates/federation/src/outbound/client.rs",
            "crates/verifier/src/http/fetch.rs",
            "crates/xtask/src/bench/http.rs",
            "crates/server/src/cli/client.rs",
            "tests/src/wire.rs",
        ] {
            assert_eq!(of(file), [], "{file}");
        }
        for file in [
            "crates/federation/src/outbound.rs",
            "crates/federation/src/outbound_again/client.rs",
            "crates/federation/src/fetch.rs",
            "crates/server/src/routes/page.rs",
            "crates/server/src/client.rs",
            "crates/engine/tests/it.rs",
        ] {
            assert_eq!(of(file), [Breach::WayOut { file: file.into(), line: 3 }], "{file}");
        }
    }
}
