//! Which texts may name somebody: a name is shown to administrators and found by index, so it has a bound and no
//! character that cannot be seen.

use deputy_scim::{ErrorMessage, Resource, ScimType};
use serde_json::Value;

use crate::Refusal;

/// Longest name, external id or address, in characters: what an index of PostgreSQL takes at four bytes each.
const MOST_CHARS: usize = 512;

/// Refuses names that are empty, too long, or hold what cannot be seen.
pub(super) fn require_names(resource: &Resource, required: &'static str) -> Result<(), Refusal> {
    let name = resource.text(required).unwrap_or_default();
    if name.trim().is_empty() {
        return Err(invalid(format!("`{required}` must not be empty")));
    }
    for (attribute, text) in [(required, Some(name)), ("externalId", resource.text("externalId"))] {
        require_text(attribute, text.unwrap_or_default())?;
    }
    let emails = resource.body().get("emails").and_then(Value::as_array);
    for email in emails.into_iter().flatten() {
        for part in ["value", "type", "display"] {
            let text = email.get(part).and_then(Value::as_str).unwrap_or_default();
            require_text("emails", text)?;
        }
    }
    Ok(())
}

fn require_text(attribute: &str, text: &str) -> Result<(), Refusal> {
    if text.chars().nth(MOST_CHARS).is_some() {
        return Err(invalid(format!("`{attribute}` is longer than {MOST_CHARS} characters")));
    }
    if text.chars().any(unseen) {
        return Err(invalid(format!("`{attribute}` holds a character that cannot be seen")));
    }
    Ok(())
}

/// Control characters, and those that turn or hide the text around them.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A value that cannot be taken.
pub(super) fn invalid(problem: impl Into<String>) -> Refusal {
    Refusal::scim(ErrorMessage::of(ScimType::InvalidValue, problem))
}

/// An id that nobody has, as far as a message repeats it.
pub(super) fn nobody(attribute: &str, who: &str, id: &str) -> Refusal {
    let shown: String = id.chars().take(80).collect();
    invalid(format!("`{attribute}`: there is {who} with the id `{shown}`"))
}

/// A name that somebody else has.
pub(super) fn taken(problem: impl Into<String>) -> Refusal {
    Refusal::scim(ErrorMessage::of(ScimType::Uniqueness, problem))
}

#[cfg(test)]
mod tests {
    use deputy_scim::USER;
    use serde_json::json;

    use super::*;

    fn verdict(name: &str) -> bool {
        let body = json!({"userName": name});
        let user = Resource::from_stored(&USER, body.as_object().unwrap().clone());
        require_names(&user, "userName").is_ok()
    }

    #[test]
    fn a_name_can_be_seen_and_has_an_end() {
        assert!(verdict("alice@example.com") && verdict("Ærøskøbing Ægir") && verdict(&"é".repeat(512)));
        for name in [" ", "a\nb", "a\u{202e}b", "a\u{200b}", "\u{feff}a"] {
            assert!(!verdict(name), "{name:?}");
        }
        assert!(!verdict(&"a".repeat(513)));
    }
}
