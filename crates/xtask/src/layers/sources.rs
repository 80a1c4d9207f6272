//! The rules that a source file keeps to, whatever it does: its length, its header, its lints, its name.

use std::path::{Path, PathBuf};

use super::Breach;
use crate::failure::Failure;

/// No file is longer.
pub(super) const LONGEST: usize = 600;
const FOLDERS: [&str; 3] = ["crates", "migrations", "tests"];
const EMPTY_NAMES: [&str; 7] = ["common", "helper", "helpers", "manager", "misc", "util", "utils"];

pub(super) struct Source {
    /// Relative to the workspace's root.
    pub(super) file: PathBuf,
    pub(super) text: String,
}

impl Source {
    fn lines(&self) -> usize {
        self.text.lines().count()
    }
}

/// Every Rust file of the workspace, in the order of their paths.
pub(super) fn read(root: &Path) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    let mut open: Vec<PathBuf> = FOLDERS.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).map_err(Failure::at(&folder))? {
            let path = entry.map_err(Failure::at(&folder))?.path();
            let built = path.file_name().is_some_and(|name| name == "target" || name == "node_modules");
            if path.is_dir() && !built {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).map_err(Failure::at(&path))?;
                let file = path.strip_prefix(root).unwrap_or(&path).to_owned();
                sources.push(Source { file, text });
            }
        }
    }
    sources.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(sources)
}

pub(super) fn check(sources: &[Source]) -> Vec<Breach> {
    sources
        .iter()
        .flat_map(|source| [length(source), header(source), name(source)])
        .flatten()
        .chain(sources.iter().flat_map(allows))
        .collect()
}

fn length(source: &Source) -> Option<Breach> {
    let lines = source.lines();
    (lines > LONGEST).then(|| Breach::TooLong { file: source.file.clone(), lines })
}

/// `//!` comes first; only a blank line may stand above it.
fn header(source: &Source) -> Option<Breach> {
    let first = source.text.lines().map(str::trim).find(|line| !line.is_empty());
    let opens = first.is_some_and(|line| line.starts_with("//!"));
    (!opens).then(|| Breach::NoHeader { file: source.file.clone() })
}

fn name(source: &Source) -> Option<Breach> {
    let parts = source.file.iter().filter_map(|part| part.to_str());
    let empty = parts.map(|part| part.trim_end_matches(".rs")).any(|part| EMPTY_NAMES.contains(&part));
    empty.then(|| Breach::EmptyName { file: source.file.clone() })
}

fn allows(source: &Source) -> impl Iterator<Item = Breach> {
    let bare = |line: &str| {
        let attribute =
            line.trim_start().trim_start_matches('#').trim_start_matches('!').trim_start_matches('[');
        line.trim_start().starts_with('#')
            && (attribute.starts_with("allow(")
                || (attribute.starts_with("cfg_attr(") && line.contains(" allow(")))
    };
    let lines = source.text.lines().enumerate().filter(move |(_, line)| bare(line));
    lines.map(|(index, _)| Breach::Allow { file: source.file.clone(), line: index + 1 })
}

/// How long the files are.
pub(super) struct Spread {
    pub(super) median: usize,
    pub(super) p90: usize,
    pub(super) longest: usize,
}

impl Spread {
    pub(super) fn of(sources: &[Source]) -> Self {
        let mut lengths: Vec<usize> = sources.iter().map(Source::lines).collect();
        lengths.sort_unstable();
        let at =
            |share: usize| lengths.get((lengths.len() * share / 100).min(lengths.len().saturating_sub(1)));
        let at = |share| at(share).copied().unwrap_or(0);
        Self { median: at(50), p90: at(90), longest: at(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(file: &str, text: &str) -> Source {
        Source { file: file.into(), text: text.to_owned() }
    }

    #[test]
    fn a_file_that_keeps_the_rules_passes() {
        let good = source(
            "crates/a/src/b.rs",
            "//! What it decides.\n#[expect(dead_code, reason = \"…\")]\nfn f() {}\n",
        );
        assert_eq!(check(&[good]), []);
    }

    #[test]
    fn each_rule_is_seen_broken() {
        let long = "//! x\n".repeat(LONGEST + 1);
        let file = || PathBuf::from("crates/a/src/b.rs");
        let cases = [
            (source("crates/a/src/b.rs", &long), Breach::TooLong { file: file(), lines: LONGEST + 1 }),
            (source("crates/a/src/b.rs", "fn f() {}\n"), Breach::NoHeader { file: file() }),
            (
                source("crates/a/src/b.rs", "//! x\n    #[allow(dead_code)]\n"),
                Breach::Allow { file: file(), line: 2 },
            ),
            (
                source("crates/a/src/utils/x.rs", "//! x\n"),
                Breach::EmptyName { file: "crates/a/src/utils/x.rs".into() },
            ),
        ];
        for (source, breach) in cases {
            assert_eq!(check(&[source]), [breach]);
        }
    }

    #[test]
    fn the_spread_of_lengths() {
        let sources: Vec<Source> = (1..=10).map(|lines| source("a.rs", &"//!\n".repeat(lines))).collect();
        let spread = Spread::of(&sources);
        assert_eq!((spread.median, spread.p90, spread.longest), (6, 10, 10));
    }
}
