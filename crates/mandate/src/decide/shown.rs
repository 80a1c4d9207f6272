//! Which values a reason may repeat: reasons reach logs and other people, so never a secret.
//!
//! Only short scalars are shown. A name that speaks of secrets, or a text in the form of a credential, hides it.

use crate::json::Value;

/// Longer texts say nothing that the reader of a reason needs.
const MAX_SHOWN: usize = 128;
/// Parts of names whose values are kept back.
const SECRET_NAMES: [&str; 10] = [
    "secret",
    "password",
    "passwd",
    "token",
    "api_key",
    "apikey",
    "credential",
    "authorization",
    "cookie",
    "private",
];
/// How credentials begin: our keys and capabilities, and every JWT.
const SECRET_PREFIXES: [&str; 4] = ["dpy_", "dpyc1.", "eyJ", "-----BEGIN"];

pub(super) fn shown(field: Option<&str>, value: &Value) -> Option<Value> {
    let name = field.unwrap_or_default().to_ascii_lowercase().replace('-', "_");
    if SECRET_NAMES.iter().any(|part| name.contains(part)) {
        return None;
    }
    match value {
        Value::String(text)
            if text.len() > MAX_SHOWN || SECRET_PREFIXES.iter().any(|p| text.starts_with(p)) =>
        {
            None
        }
        Value::Array(_) | Value::Object(_) => None,
        scalar => Some(scalar.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;
    use crate::json::Value;

    #[test]
    fn shows_scalars_and_hides_secrets() {
        assert_eq!(shown(Some("env"), &"production".into()), Some("production".into()));
        assert_eq!(shown(Some("Api-Key"), &"x".into()), None);
        assert_eq!(shown(Some("note"), &"dpy_abc".into()), None);
        assert_eq!(shown(Some("note"), &"a".repeat(129).into()), None);
        assert_eq!(shown(Some("list"), &Value::Array(vec![])), None);
    }
}
