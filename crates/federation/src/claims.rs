//! Claims by name, and what an administrator says about them.
//!
//! Invariant: a rule compares whole values, byte for byte. Nothing is folded, split or converted, so that what a
//! rule matches can be told by looking at it; a claim that is absent or of another type matches nothing.

use deputy_mandate::{Members, Value};

/// What a claim must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The claim is this value: text, a number or a truth value.
    Equals(Value),
    /// The claim is an array in which this value stands.
    Contains(Value),
    /// The claim is text that begins like this, or an array with such a text.
    MatchesPrefix(String),
}

impl Test {
    /// Whether the claims pass. `claim` is a name, or a JSON pointer (RFC 6901) when it begins with `/`.
    #[must_use]
    pub fn passes(&self, claims: &Members, claim: &str) -> bool {
        let Some(found) = find(claims, claim) else { return false };
        match (self, found) {
            (Self::Equals(value), found) => found == value,
            (Self::Contains(value), Value::Array(items)) => items.contains(value),
            (Self::MatchesPrefix(prefix), Value::String(text)) => text.starts_with(prefix.as_str()),
            (Self::MatchesPrefix(prefix), Value::Array(items)) => {
                items.iter().filter_map(Value::as_str).any(|text| text.starts_with(prefix.as_str()))
            }
            (Self::Contains(_) | Self::MatchesPrefix(_), _) => false,
        }
    }
}

/// A claim by name, or by JSON pointer (RFC 6901) when the name begins with `/`: Kubernetes and others nest
/// theirs, and name them by URLs with dots. What is no JSON pointer names nothing.
#[must_use]
pub fn find<'c>(claims: &'c Members, name: &str) -> Option<&'c Value> {
    let Some(pointer) = name.strip_prefix('/') else { return claims.get(name) };
    let mut tokens = pointer.split('/').map(unescaped);
    let first = claims.get(&tokens.next()??)?;
    tokens.try_fold(first, |value, token| match (value, token?) {
        (Value::Object(members), name) => members.get(&name),
        (Value::Array(items), index) => items.get(place(&index)?),
        _ => None,
    })
}

/// A reference token; `~` stands for nothing but `~0` and `~1` (section 3).
fn unescaped(token: &str) -> Option<String> {
    let mut pieces = token.split('~');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match (piece.strip_prefix('0'), piece.strip_prefix('1')) {
            (Some(rest), _) => text.extend(["~", rest]),
            (_, Some(rest)) => text.extend(["/", rest]),
            _ => return None,
        }
    }
    Some(text)
}

/// The index that a token spells: digits alone, without a leading zero (section 4).
fn place(token: &str) -> Option<usize> {
    let is_index = token == "0" || (!token.starts_with('0') && token.bytes().all(|b| b.is_ascii_digit()));
    token.parse().ok().filter(|_| is_index)
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Value;

    use super::{Test, find};

    fn claims() -> deputy_mandate::Members {
        let text = r#"{"groups":["eng","crm-admins"],"dept":"sales","n":3,"yes":true,
            "kubernetes.io":{"namespace":"prod","pod":[{"name":"a"}]},"a/b":{"c~d":1}}"#;
        Value::parse(text).unwrap().as_object().unwrap().clone()
    }

    #[test]
    fn a_rule_compares_whole_values() {
        let claims = claims();
        let passes = |test: Test, claim| test.passes(&claims, claim);
        assert!(passes(Test::Equals("sales".into()), "dept"));
        assert!(passes(Test::Equals(Value::from(true)), "yes"));
        assert!(passes(Test::Equals(Value::from(3)), "n"));
        assert!(passes(Test::Contains("eng".into()), "groups"));
        assert!(passes(Test::MatchesPrefix("crm-".into()), "groups"));
        assert!(passes(Test::MatchesPrefix("sal".into()), "dept"));
        for (test, claim) in [
            (Test::Equals("Sales".into()), "dept"),
            (Test::Equals("true".into()), "yes"),
            (Test::Equals("3".into()), "n"),
            (Test::Equals("eng".into()), "groups"),
            (Test::Contains("sal".into()), "dept"),
            (Test::Contains("crm".into()), "groups"),
            (Test::MatchesPrefix("admins".into()), "groups"),
            (Test::Equals("sales".into()), "absent"),
        ] {
            assert!(!test.passes(&claims, claim), "{test:?} {claim}");
        }
    }

    #[test]
    fn nested_claims_are_found_by_pointer_only() {
        let claims = claims();
        assert_eq!(find(&claims, "/kubernetes.io/namespace"), Some(&Value::from("prod")));
        assert_eq!(find(&claims, "/kubernetes.io/pod/0/name"), Some(&Value::from("a")));
        assert_eq!(find(&claims, "/a~1b/c~0d"), Some(&Value::from(1)));
        assert_eq!(find(&claims, "kubernetes.io.namespace"), None);
        assert_eq!(find(&claims, "/kubernetes.io/pod/1/name"), None);
        assert_eq!(find(&claims, "/dept/x"), None);
    }
}
