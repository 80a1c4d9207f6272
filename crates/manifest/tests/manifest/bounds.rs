//! Hostile files are refused in bounded time and memory.
//!
//! The time allowed is twenty times and more what the work takes, so that only a wrong order of growth can fail.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use deputy_manifest::{MAX_BYTES, MAX_PROBLEMS, Problems, parse};

use crate::document;

const SOON: Duration = Duration::from_secs(60);

fn refused_soon(text: &str) -> Problems {
    let start = Instant::now();
    let problems = parse(text.as_bytes()).expect_err("this file must be refused");
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
    problems
}

/// As much of `unit` as a file may hold.
fn filled(head: &str, unit: &str) -> String {
    let mut text = document(head);
    while text.len() + unit.len() < MAX_BYTES {
        text.push_str(unit);
    }
    text
}

#[test]
fn a_billion_laughs() {
    let mut text = String::from("a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for (name, before) in ('b'..='i').zip('a'..) {
        let list = vec![format!("*{before}"); 9].join(", ");
        writeln!(text, "{name}: &{name} [{list}]").unwrap();
    }
    let problems = refused_soon(&text);
    assert!(problems.items()[0].message.starts_with("`apiVersion` is missing"), "{problems}");
    assert!(problems.items().iter().any(|it| it.message.starts_with("anchors")), "{problems}");
    assert!(problems.items().iter().any(|it| it.message.starts_with("aliases")), "{problems}");
}

#[test]
fn the_size_of_a_file() {
    let head = document("");
    let commented = format!("{head}{}", comment(1_000_000));
    assert!(parse(commented.as_bytes()).is_ok());
    let largest = format!("{head}{}", comment(MAX_BYTES - head.len()));
    assert!(refused_soon(&largest).to_string().contains("too much in one piece before here (over 1 MiB)"));
    let spread = filled("resources:\n", "  # a comment\n  - uri\n");
    assert!(!refused_soon(&spread).items()[0].message.contains("10 MiB"));
    let problems = refused_soon(&format!("{largest}#"));
    assert_eq!(problems.items().len(), 1);
    assert!(
        problems
            .to_string()
            .starts_with("1:1: the file has 10485761 bytes; at most 10485760 (10 MiB) are read"),
        "{problems}"
    );
}

/// Lines of comment.
fn comment(bytes: usize) -> String {
    let mut text = "# a line of comment\n".repeat(bytes / 20);
    text.push_str(&"#".repeat(bytes % 20));
    text
}

#[test]
fn deep_nesting() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let deep = |depth: usize| format!("agents: {}{}", open.repeat(depth), close.repeat(depth));
        let problems = refused_soon(&document(&deep(200)));
        assert!(problems.to_string().contains("this is nested more than 64 deep"), "{problems}");
        assert!(!refused_soon(&document(&deep(40))).to_string().contains("nested more than 64"));
        refused_soon(&document(&deep(1_000_000)));
    }
    let block: String = (0..5_000).map(|depth| format!("{}- \n", " ".repeat(depth))).collect();
    refused_soon(&document(&format!("agents:\n{block}")));
    refused_soon(&document(&format!("agents:\n{}", "- ".repeat(1_000_000))));
}

#[test]
fn constraints_that_cannot_be_sealed() {
    let nested = |depth: usize| {
        let mut constraint = "{max: 5}".to_owned();
        for _ in 1..depth {
            constraint = format!("{{constraint_type: any, constraints: [{constraint}, {{exact: a}}]}}");
        }
        document(&format!("roles: [{{name: r, limits: {{x: {constraint}}}}}]"))
    };
    assert!(parse(nested(12).as_bytes()).is_ok());
    assert!(refused_soon(&nested(13)).to_string().contains("nested at most 12 deep"));
    let wide = |count: usize| {
        let clauses: Vec<String> = (0..count).map(|n| format!("{{exact: {n}}}")).collect();
        document(&format!(
            "roles: [{{name: r, limits: {{x: {{constraint_type: any, constraints: [{}]}}}}}}]",
            clauses.join(", ")
        ))
    };
    assert!(parse(wide(63).as_bytes()).is_ok());
    assert!(refused_soon(&wide(64)).to_string().contains("at most 64 constraints in one"));
    let many = |count: usize| {
        let limits: Vec<String> = (0..count).map(|n| format!("x{n}: {{max: {n}}}")).collect();
        document(&format!("roles: [{{name: r, limits: {{{}}}}}]", limits.join(", ")))
    };
    assert!(parse(many(64).as_bytes()).is_ok());
    assert!(refused_soon(&many(65)).to_string().contains("these are 65 constraints"));
    let long = |count: usize| {
        let values: Vec<String> = (0..count).map(|n| n.to_string()).collect();
        document(&format!("roles: [{{name: r, limits: {{x: {{one_of: [{}]}}}}}}]", values.join(", ")))
    };
    assert!(parse(long(5_000).as_bytes()).is_ok());
    assert!(refused_soon(&long(50_000)).to_string().contains("a credential holds 65536"));
}

#[test]
fn a_large_file_of_anything() {
    for (head, unit) in [
        ("agents: [", ","),
        ("agents:\n [", "a,"),
        ("agents:\n [", "\"\""),
        ("", "x: y\n"),
        ("", "? "),
        ("agents:\n", "- a\n"),
        ("agents:\n", "- {}\n"),
        ("agents:\n", "- {name: a, owner: user:x}\n"),
        ("agents:\n", "- &a b\n"),
        ("agents:\n- &a b\n", "- *a\n"),
        ("tools:\n", "  t: {args: []}\n"),
        ("agents:\n", "- \"\\0\"\n"),
        ("", "--- a\n"),
        ("", "%TAG ! tag:a,b\n"),
        ("x: |\n", "  a\n"),
        ("x: \"", "\\n"),
        ("x: ", "'"),
        ("x: ", "a b\n "),
        ("", "\n"),
        ("", "# \n"),
        ("agents:\n", "- {x: {y: {z: [[[[[[[[[[[a]]]]]]]]]]]}}}\n"),
    ] {
        let problems = refused_soon(&filled(head, unit));
        assert!(!problems.items().is_empty() && problems.items().len() <= MAX_PROBLEMS);
    }
    let strangers: String = (0..400_000).map(|n| format!("x{n}: 1\n")).collect();
    let problems = refused_soon(&document(&strangers));
    assert_eq!((problems.items().len(), problems.omitted()), (MAX_PROBLEMS, 400_000 - MAX_PROBLEMS));
}

#[test]
fn many_roles_that_disagree() {
    let mut text = document("roles:\n");
    for n in 0..2_000 {
        writeln!(text, "- {{name: r{n}, tools: {{a: {{x: {{max: {n}}}}}, b: {{x: {{min: {n}}}}}}}}}")
            .unwrap();
    }
    text.push_str("agents:\n");
    let roles: Vec<String> = (0..1_000).map(|n| format!("r{n}")).collect();
    for n in 0..1_000 {
        writeln!(text, "- {{name: a{n}, owner: user:x, roles: [{}]}}", roles.join(", ")).unwrap();
    }
    let problems = refused_soon(&text);
    assert!(problems.items()[0].message.contains("give `a` with different arguments"), "{problems}");
}

#[test]
fn costly_constraints() {
    let list: Vec<String> = (0..9_000).map(|n| n.to_string()).collect();
    let other: Vec<String> = (0..5_000).map(|n| format!("{n}")).collect();
    let both = format!("{{one_of: [{}], not_one_of: [{}]}}", list.join(","), other.join(","));
    let mut text = document("roles:\n");
    let mut count = 0;
    while text.len() + both.len() + 40 < MAX_BYTES {
        writeln!(text, "- {{name: r{count}, limits: {{x: {both}}}}}").unwrap();
        count += 1;
    }
    text.push_str("bad: 1\n");
    refused_soon(&text);
}

#[test]
fn parents_in_one_long_line() {
    let mut text = document("agents:\n");
    for n in 0..100_000 {
        writeln!(text, "- {{name: a{n}, owner: user:x, parent: a{}}}", n + 1).unwrap();
    }
    assert!(parse(text.as_bytes()).is_ok());
    let circle = text.replace("parent: a100000}", "parent: a0}");
    assert_eq!(refused_soon(&circle).items().len(), 1);
}

#[test]
fn large_files_in_the_notation_of_json() {
    let agents: Vec<String> = (0..20_000)
        .map(|n| format!("{{\"name\": \"a{n}\", \"owner\": \"user:x\", \"roles\": [\"r\"]}}"))
        .collect();
    let text = format!(
        "{{\"apiVersion\": \"deputy/v1\", \"kind\": \"Fleet\", \"agents\": [{}]}}",
        agents.join(",\n")
    );
    let fleet = parse(text.as_bytes()).unwrap();
    assert_eq!(fleet.agents.len(), 20_000);
    assert_eq!(fleet.outside().len(), 40_000);
}
