//! The published vectors in `tests/vectors/capability` are what this code makes and accepts.
//!
//! They are made in memory and compared with the files byte for byte; `UPDATE_VECTORS=1` writes them instead.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may stop anywhere")]

mod constraints;
mod invalid;
mod sealed;
mod valid;

use std::path::PathBuf;

use deputy_mandate::Value;

/// Compares the file with what it should say, or writes it.
fn check(name: &str, json: &serde_json::Value) {
    // Through the strict value, so that members are sorted whatever features serde_json was built with.
    let value = Value::parse(&json.to_string()).unwrap();
    let text = serde_json::to_string_pretty(&value).unwrap() + "\n";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/capability").join(name);
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "{name} differs; run the test with UPDATE_VECTORS=1 and look at the change");
}

#[test]
fn valid_capabilities() {
    check("valid.json", &valid::file());
}

#[test]
fn invalid_capabilities() {
    check("invalid.json", &invalid::file());
}

#[test]
fn constraints() {
    check("constraints.json", &constraints::file());
}
