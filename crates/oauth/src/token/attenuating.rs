//! A request for an attenuating agent token (draft-niyikiza-oauth-attenuating-agent-tokens): an entry of its own
//! type in `authorization_details`, and in `req_cnf` the key that the token will be bound to.
//!
//! Invariant: either both are there or neither is. The entry says only what the token can carry; the proof that
//! the client holds the key is the request's DPoP proof, and not looked at here.

use deputy_mandate::{DETAILS_TYPE, Details, DetailsError, MandateError, Members, Value};
use deputy_token::{
    aat,
    keys::{Jwk, KeyShape},
};

use crate::error::{DetailsProblem, OAuthError, RequestProblem};
use crate::form::Form;

/// The members of the entry beside `type`: tools, and what becomes `del_max_depth` and `may_act`.
const MEMBERS: [&str; 4] = ["tools", "max_depth", "may_delegate", "may_act"];

/// What is asked for, and the key of who will hold it; `None` when another form is asked for.
///
/// # Errors
/// `invalid_authorization_details`; `invalid_request` for a `req_cnf` that is missing, not
/// `{"jwk": …}` of a public Ed25519 key, or beside an entry of another type.
pub(super) fn find(form: &Form) -> Result<Option<(Details, Jwk)>, OAuthError> {
    let confirmation = form.get("req_cnf");
    let Some(members) = form.get("authorization_details").and_then(entry) else {
        return match confirmation {
            Some(_) => Err(RequestProblem::Unsupported("req_cnf").into()),
            None => Ok(None),
        };
    };
    let holder = confirmation.ok_or(RequestProblem::Missing("req_cnf"))?;
    let holder = holder_of(holder).ok_or(RequestProblem::Malformed("req_cnf"))?;
    Ok(Some((details(members).map_err(DetailsProblem::Malformed)?, holder)))
}

/// The members of the one entry, when its type is the draft's.
fn entry(text: &str) -> Option<Members> {
    let Ok(Value::Array(entries)) = Value::parse(text) else { return None };
    let [Value::Object(members)] = <[Value; 1]>::try_from(entries).ok()? else { return None };
    let is_ours = members.get("type").and_then(Value::as_str) == Some(aat::DETAILS_TYPE);
    is_ours.then_some(members)
}

/// The same as what a `deputy_mandate` asks for, so that it is read by the same reader.
fn details(mut members: Members) -> Result<Details, DetailsError> {
    let unknown = members.keys().find(|name| *name != "type" && !MEMBERS.contains(&name.as_str()));
    if let Some(name) = unknown {
        return Err(MandateError::Unknown { name: name.clone() }.into());
    }
    members.insert("type".to_owned(), Value::String(DETAILS_TYPE.to_owned()));
    Details::parse(&Value::Array(vec![Value::Object(members)]).to_canonical())
}

fn holder_of(text: &str) -> Option<Jwk> {
    let Ok(Value::Object(mut members)) = Value::parse(text) else { return None };
    let jwk = Jwk::parse(&members.remove("jwk")?.to_canonical()).ok()?;
    (members.is_empty() && matches!(jwk.shape(), KeyShape::Ed25519 { .. })).then_some(jwk)
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::form::Form;

    const JWK: &str = r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn asked(details: &str, confirmation: &str) -> Result<bool, &'static str> {
        let form: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("authorization_details", details)
            .append_pair("req_cnf", confirmation)
            .finish();
        find(&Form::parse(form.as_bytes()).unwrap())
            .map(|found| found.is_some())
            .map_err(|error| error.code())
    }

    #[test]
    fn an_entry_of_the_type_and_a_key_go_together() {
        let entry = r#"[{"type":"attenuating_agent_token","tools":{"search":{}},"max_depth":1}]"#;
        let key = format!(r#"{{"jwk":{JWK}}}"#);
        assert_eq!(asked(entry, &key), Ok(true));
        assert_eq!(asked(entry, ""), Err("invalid_request"));
        assert_eq!(asked(r#"[{"type":"deputy_mandate"}]"#, ""), Ok(false));
        assert_eq!(asked(r#"[{"type":"deputy_mandate"}]"#, &key), Err("invalid_request"));
        let private = JWK.replace("\"kty\"", "\"d\":\"AAAA\",\"kty\"");
        for wrong in [
            JWK.to_owned(),
            "{}".to_owned(),
            "nonsense".to_owned(),
            format!(r#"{{"jwk":{JWK},"kid":"k"}}"#),
            format!(r#"{{"jwk":{private}}}"#),
            r#"{"jkt":"thumbprint"}"#.to_owned(),
        ] {
            assert_eq!(asked(entry, &wrong), Err("invalid_request"), "{wrong}");
        }
        for member in [r#""uses":1"#, r#""limits":{}"#, r#""binding":{}"#, r#""unknown":1"#, r#""tools":[]"#]
        {
            let entry = format!(r#"[{{"type":"attenuating_agent_token",{member}}}]"#);
            assert_eq!(asked(&entry, &key), Err("invalid_authorization_details"), "{member}");
        }
    }
}
