//! How messages quote what they complain about, and guess what was meant.
//!
//! Invariant: a message quotes at most [`MAX_QUOTED`] characters of the file, without control characters.

/// The most characters of the file that a message repeats.
const MAX_QUOTED: usize = 60;

/// Names longer than this are not compared; nobody mistypes a member by that much.
const MAX_COMPARED: usize = 40;

/// `text` in backticks, shortened and made printable.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::from("`");
    for c in text.chars().take(MAX_QUOTED) {
        shown.push(if c.is_control() { '\u{fffd}' } else { c });
    }
    if text.chars().nth(MAX_QUOTED).is_some() {
        shown.push('…');
    }
    shown.push('`');
    shown
}

/// `a, b and c`, each in backticks.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(quoted).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The one of `known` that `name` was probably meant to be.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.chars().count() > MAX_COMPARED {
        return None;
    }
    let bare = folded(name);
    let allowed = 1 + bare.len() / 4;
    known
        .into_iter()
        .map(|candidate| (distance(&bare, &folded(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Case and separators are the commonest slips: `allowedScopes`, `blocked-tools`.
fn folded(name: &str) -> Vec<char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Edits between two words, a swap of neighbours counted as one.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (row, from) in a.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, to) in b.iter().enumerate() {
            let cell = |line: &[usize], at: usize| line.get(at).copied().unwrap_or(usize::MAX - 1);
            let replaced = cell(&above, column) + usize::from(from != to);
            let mut best = replaced.min(cell(&above, column + 1) + 1).min(cell(&current, column) + 1);
            let swapped = column > 0 && previous == Some(to) && b.get(column - 1) == Some(from);
            if swapped {
                best = best.min(cell(&before, column - 1) + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut above, current);
        previous = Some(from);
    }
    above.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::{list, nearest, quoted};

    const KNOWN: [&str; 6] = ["name", "owner", "owners", "allowed_scopes", "ttl", "tools"];

    #[test]
    fn slips_are_recognised() {
        for (typed, meant) in [
            ("nmae", "name"),
            ("Name", "name"),
            ("allowedScopes", "allowed_scopes"),
            ("allowed-scopes", "allowed_scopes"),
            ("alowed_scope", "allowed_scopes"),
            ("onwer", "owner"),
            ("tool", "tools"),
            ("tttl", "ttl"),
        ] {
            assert_eq!(nearest(typed, KNOWN), Some(meant), "{typed}");
        }
    }

    #[test]
    fn strangers_are_left_alone() {
        for typed in ["colour", "x", "description", &"n".repeat(5_000)] {
            assert_eq!(nearest(typed, KNOWN), None, "{typed}");
        }
    }

    #[test]
    fn quotes_are_short_and_printable() {
        assert_eq!(quoted("a\u{1b}[2J"), "`a\u{fffd}[2J`");
        assert_eq!(quoted(&"x".repeat(100)).chars().count(), 63);
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(list(["a"]), "`a`");
    }
}
