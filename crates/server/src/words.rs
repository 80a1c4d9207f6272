//! Constraints and terms in words, for people who look at a table or at a token.

use deputy_mandate::{ArgumentMap, Constraint, Range, Value};

/// `amount 0 to 500`, `currency is USD`; without a name only what follows it.
#[must_use]
pub fn of(name: &str, constraint: &Constraint) -> String {
    format!("{name} {}", said(constraint)).trim_start().to_owned()
}

/// `amount 0 to 500; currency is USD`; nothing for a map that takes any arguments.
#[must_use]
pub fn arguments(map: &ArgumentMap) -> String {
    map.iter().map(|(name, constraint)| of(name, constraint)).collect::<Vec<_>>().join("; ")
}

/// What a constraint passes: `0 to 500`, `is USD`.
#[must_use]
pub fn said(constraint: &Constraint) -> String {
    match constraint {
        Constraint::Exact(value) => format!("is {}", plain(value)),
        Constraint::Range(range) => between(range),
        Constraint::OneOf(values) if values.is_empty() => "never passes".to_owned(),
        Constraint::OneOf(values) => format!("is {}", list(values, " or ")),
        Constraint::NotOneOf(values) => format!("is not {}", list(values, " or ")),
        Constraint::Contains(values) => format!("holds {}", list(values, " and ")),
        Constraint::Subset(values) => format!("holds only {}", list(values, ", ")),
        Constraint::Wildcard => "is anything".to_owned(),
        Constraint::All(clauses) => joined(clauses, " and "),
        Constraint::Any(clauses) => joined(clauses, " or "),
        Constraint::PathContainment(path) => format!("is below {path}"),
        Constraint::Unknown(_) => "is of a kind that is not known here, and never passes".to_owned(),
    }
}

/// The clauses; one that joins clauses itself, in brackets.
fn joined(clauses: &[Constraint], between: &str) -> String {
    let clause = |clause: &Constraint| match clause.clauses().len() {
        0 | 1 => said(clause),
        _ => format!("({})", said(clause)),
    };
    clauses.iter().map(clause).collect::<Vec<_>>().join(between)
}

fn between(range: &Range) -> String {
    let bounds = (range.min_inclusive, range.max_inclusive);
    match (&range.min, &range.max) {
        (Some(min), Some(max)) if bounds == (true, true) => format!("{min} to {max}"),
        (min, max) => {
            let low = min.as_ref().map(|min| format!("{} {min}", if bounds.0 { "≥" } else { ">" }));
            let high = max.as_ref().map(|max| format!("{} {max}", if bounds.1 { "≤" } else { "<" }));
            let both: Vec<String> = low.into_iter().chain(high).collect();
            if both.is_empty() { "is a number".to_owned() } else { both.join(" and ") }
        }
    }
}

fn list(values: &[Value], between: &str) -> String {
    values.iter().map(plain).collect::<Vec<_>>().join(between)
}

/// A scalar as people write it; what is not one, as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null => "null".to_owned(),
        Value::Array(_) | Value::Object(_) => deputy_mandate::jcs::canonical(value).unwrap_or_default(),
    }
}

/// A length of time in the largest unit that it is a whole number of.
#[must_use]
pub fn seconds(secs: u32) -> String {
    match secs {
        0 => "0 s".to_owned(),
        _ if secs.is_multiple_of(86_400) => format!("{} d", secs / 86_400),
        _ if secs.is_multiple_of(3_600) => format!("{} h", secs / 3_600),
        _ if secs.is_multiple_of(60) => format!("{} min", secs / 60),
        _ => format!("{secs} s"),
    }
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Constraint;

    use super::{of, seconds};

    #[test]
    fn constraints_read_as_words() {
        for (json, words) in [
            (r#"{"constraint_type":"range","min":0,"max":500}"#, "x 0 to 500"),
            (r#"{"constraint_type":"range","max":500}"#, "x ≤ 500"),
            (r#"{"constraint_type":"range","min":1,"min_inclusive":false}"#, "x > 1"),
            (r#"{"constraint_type":"exact","value":"USD"}"#, "x is USD"),
            (r#"{"constraint_type":"one_of","values":["a","b"]}"#, "x is a or b"),
            (r#"{"constraint_type":"wildcard"}"#, "x is anything"),
            (
                r#"{"constraint_type":"all","constraints":[{"constraint_type":"range","max":9},
                    {"constraint_type":"any","constraints":[{"constraint_type":"exact","value":1},
                    {"constraint_type":"exact","value":2}]}]}"#,
                "x ≤ 9 and (is 1 or is 2)",
            ),
        ] {
            let constraint: Constraint = serde_json::from_str(json).unwrap();
            assert_eq!(of("x", &constraint), words);
        }
    }

    #[test]
    fn lengths_of_time_are_whole() {
        let shown: Vec<String> = [0, 900, 3_600, 90, 86_400].into_iter().map(seconds).collect();
        assert_eq!(shown, ["0 s", "15 min", "1 h", "90 s", "1 d"]);
    }
}
