//! A credential's story as JSON: form, claims, and each sealed part as it stands.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_token::aat::SEPARATOR;
use deputy_token::jws::UnverifiedJws;
use serde_json::{Value, json};

use crate::cli::token::credential::Form;
use crate::cli::token::said::{Said, Unreadable};

/// The document; `verified` is always false.
pub(super) fn document(form: Form, text: &str, said: Result<&Said, &Unreadable>) -> Value {
    let mut document = json!({"form": form.as_str(), "verified": false});
    let mut set = |name: &str, value: Value| {
        if let Some(members) = document.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    };
    match form {
        Form::Capability => set("blocks", Value::Array(blocks(text))),
        Form::Aat => set("tokens", text.split(SEPARATOR).map(token).collect()),
        Form::Access | Form::Other => {
            let token = token(text);
            set("header", token.get("header").cloned().unwrap_or_default());
            set("claims", token.get("claims").cloned().unwrap_or_default());
        }
    }
    match said {
        Ok(said) => {
            let claims = &said.claims;
            if form != Form::Access {
                set("claims", serde_json::to_value(claims).unwrap_or_default());
            }
            set("issued_hops", json!(said.issued));
            set("names", json!(said.names()));
            set("key_bound", json!(claims.cnf.is_some()));
        }
        Err(error) => set("problem", json!(error.to_string())),
    }
    document
}

/// The blocks as they stand; one that is no JSON is null.
fn blocks(text: &str) -> Vec<Value> {
    let parts: Vec<&str> = text.split('.').collect();
    let blocks = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
    let read = |block: &&str| serde_json::from_slice(&B64.decode(block).ok()?).ok();
    blocks.iter().map(|block| read(block).unwrap_or_default()).collect()
}

fn token(text: &str) -> Value {
    let Ok(jws) = UnverifiedJws::parse(text) else { return Value::Null };
    let claims: Value = serde_json::from_slice(jws.unverified_payload()).unwrap_or_default();
    let mut header = json!({"alg": jws.alg().as_str()});
    for (name, value) in [("typ", jws.typ()), ("kid", jws.kid())] {
        if let (Some(value), Some(members)) = (value, header.as_object_mut()) {
            members.insert(name.to_owned(), value.into());
        }
    }
    json!({"header": header, "claims": claims})
}
