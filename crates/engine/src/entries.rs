//! Bodies of the management API: what is read from them, what is wrong with them, and merge patches over them.
//!
//! A body is a [`Value`], whose numbers are exact, so that a constraint is stored as it was written;
//! every refusal names the member that it is about.

use std::collections::BTreeMap;

use deputy_mandate::{Value, jcs};
use deputy_manifest::Entry;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Problem, Refusal};

/// Reads an entry; every problem is told at once.
pub(crate) fn read<T: Entry>(body: &Value) -> Result<T, Refusal> {
    T::from_json(body).map_err(|problems| {
        let told = problems.items().iter().map(|problem| Problem {
            field: problem.path.clone(),
            line: None,
            column: None,
            message: problem.message.clone(),
        });
        let mut told: Vec<Problem> = told.collect();
        match (told.pop(), told.is_empty()) {
            (Some(only), true) => Refusal::invalid(only.field, only.message),
            (Some(last), false) => {
                told.push(last);
                Refusal::InvalidMany(told)
            }
            (None, _) => Refusal::invalid("", "is not acceptable"),
        }
    })
}

/// An RFC 7396 merge patch over what is there.
pub(crate) fn merged(mut target: Value, patch: &Value) -> Result<Value, Refusal> {
    members(patch)?;
    merge(&mut target, patch);
    Ok(target)
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !matches!(target, Value::Object(_)) {
        *target = Value::empty_object();
    }
    let Value::Object(members) = target else { return };
    for (name, value) in patch {
        if *value == Value::Null {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// The members of a body that has to be an object.
pub(crate) fn members(body: &Value) -> Result<&BTreeMap<String, Value>, Refusal> {
    body.as_object().ok_or_else(|| Refusal::invalid("", "must be a JSON object"))
}

/// Refuses members that are not known, by name.
pub(crate) fn require_known(body: &Value, known: &[&str]) -> Result<(), Refusal> {
    match members(body)?.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(Refusal::invalid(
            name.clone(),
            format!("there is no such member: there may be {}", known.join(", ")),
        )),
        None => Ok(()),
    }
}

/// A member's value; `null` is absent.
pub(crate) fn member<T: DeserializeOwned>(body: &Value, name: &'static str) -> Result<Option<T>, Refusal> {
    match members(body)?.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_str(&value.to_canonical()).map(Some).map_err(|error| {
            let said = error.to_string();
            let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
            Refusal::invalid(name, said.to_owned())
        }),
    }
}

/// What serde writes, as a body.
pub(crate) fn body_of<T: Serialize>(value: &T) -> Result<Value, Refusal> {
    let text = jcs::canonical(value).map_err(|error| broken(&error))?;
    Value::parse(&text).map_err(|error| broken(&error))
}

fn broken(error: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a stored entry cannot be written as JSON");
    Refusal::Internal
}

/// One member before and after a change; an absent side is left out.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MemberChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

/// The members that two bodies do not share, for the event of a change.
pub(crate) fn changes(before: &Value, after: &Value) -> BTreeMap<String, MemberChange> {
    let none = BTreeMap::new();
    let (before, after) = (before.as_object().unwrap_or(&none), after.as_object().unwrap_or(&none));
    let names = before.keys().chain(after.keys());
    let changed = names.filter(|name| before.get(*name) != after.get(*name));
    let change =
        |name: &String| MemberChange { before: before.get(name).cloned(), after: after.get(name).cloned() };
    changed.map(|name| (name.clone(), change(name))).collect()
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Value;

    /// RFC 7396 appendix A.
    #[test]
    fn merge_patches_as_the_rfc_says() {
        for (target, patch, expected) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":"foo"}"#, r#"{"b":{"c":{"d":null}}}"#, r#"{"a":"foo","b":{"c":{}}}"#),
        ] {
            let merged = super::merged(Value::parse(target).unwrap(), &Value::parse(patch).unwrap()).unwrap();
            assert_eq!(merged.to_canonical(), expected);
        }
        assert!(super::merged(Value::empty_object(), &Value::parse("[1]").unwrap()).is_err());
    }

    #[test]
    fn changes_name_what_differs() {
        let parse = |text| Value::parse(text).unwrap();
        let changed = super::changes(&parse(r#"{"a":1,"b":2}"#), &parse(r#"{"b":2,"c":3}"#));
        assert_eq!(changed.keys().map(String::as_str).collect::<Vec<_>>(), ["a", "c"]);
    }
}
