//! Finds the pages of `web/docs` and the files of `web/static` and writes the two tables that embed them.
//!
//! Invariant: the order is the file names' own, so the same tree always builds the same binary.

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fmt::Write as _;
use std::hash::Hasher as _;
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web").canonicalize()?;
    #[expect(clippy::disallowed_methods, reason = "cargo names the output folder of a build script only so")]
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("docs.rs"), docs(&web.join("docs"))?)?;
    std::fs::write(out.join("static.rs"), assets(&web.join("static"))?)?;
    println!("cargo::rerun-if-changed={}", web.join("docs").display());
    println!("cargo::rerun-if-changed={}", web.join("static").display());
    println!("cargo::rerun-if-changed={}", web.join("templates").display());
    Ok(())
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str())
            && path.is_file()
        {
            found.push((name.to_owned(), path));
        }
    }
    found.sort();
    Ok(found)
}

fn docs(folder: &Path) -> Result<String> {
    let mut table = String::from("&[\n");
    for (name, path) in files(folder)? {
        if name.ends_with(".md") {
            writeln!(table, "    ({name:?}, include_str!({:?})),", path.display().to_string())?;
        }
    }
    table.push_str("]\n");
    Ok(table)
}

/// One version for the whole folder: a page that loads any of them loads all of one build.
fn assets(folder: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    let mut table = String::new();
    for (name, path) in files(folder)? {
        hasher.write(name.as_bytes());
        hasher.write(&std::fs::read(&path)?);
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", path.display().to_string())?;
    }
    Ok(format!("(\"{:016x}\", &[\n{table}])\n", hasher.finish()))
}
