//! What a manifest may say, what is refused and where, and what an import would change.
//!
//! The modules say `cfg(test)`, so that clippy lets their functions panic as tests do.

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod planning;
#[cfg(test)]
mod positions;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod shipped;

use deputy_manifest::{Fleet, Problems, parse};

/// A fleet from its members, after the two lines that every manifest starts with.
fn fleet(members: &str) -> Result<Fleet, Problems> {
    parse(document(members).as_bytes())
}

/// A manifest from its members; the first of them is on line 3.
fn document(members: &str) -> String {
    format!("apiVersion: deputy/v1\nkind: Fleet\n{members}")
}

/// What is wrong, a line each: `line:column: path: message`.
fn problems(members: &str) -> Vec<String> {
    match fleet(members) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.items().iter().map(ToString::to_string).collect(),
    }
}
