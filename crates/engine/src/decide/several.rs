//! Several evaluations in one call (AuthZEN Authorization API 1.0 §7): defaults, order and short circuits.
//!
//! Each is decided on its own and has its own event. One that cannot be decided is denied with its
//! error in place; only what concerns the whole call refuses it.

use deputy_mandate::{Members, Value};

use super::{EvaluationAnswer, EvaluationsAnswer, parse, proof::Spent, request::Evaluation, require_asker};
use crate::{Caller, Engine, Refusal, view::TenantView};

/// Most evaluations in one call.
const MOST: usize = 100;
/// The members that the call gives its evaluations when they lack them.
const DEFAULTS: [&str; 4] = ["subject", "action", "resource", "context"];

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Semantic {
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

impl Semantic {
    fn of(options: Option<&Value>) -> Result<Self, Refusal> {
        let options = match options {
            None => return Ok(Self::ExecuteAll),
            Some(Value::Object(options)) => options,
            Some(_) => return Err(Refusal::invalid("options", "must be an object")),
        };
        match options.get("evaluations_semantic").map(Value::as_str) {
            None | Some(Some("execute_all")) => Ok(Self::ExecuteAll),
            Some(Some("deny_on_first_deny")) => Ok(Self::DenyOnFirstDeny),
            Some(Some("permit_on_first_permit")) => Ok(Self::PermitOnFirstPermit),
            Some(_) => Err(Refusal::invalid(
                "options.evaluations_semantic",
                "must be `execute_all`, `deny_on_first_deny` or `permit_on_first_permit`",
            )),
        }
    }

    fn stops_after(self, decision: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !decision,
            Self::PermitOnFirstPermit => decision,
        }
    }
}

impl Engine {
    /// Decides several evaluations, given as JSON text; without any it decides the call itself as one.
    ///
    /// # Errors
    /// As [`Engine::evaluate`], for what concerns the whole call.
    pub async fn evaluate_several(
        &self,
        view: &TenantView,
        caller: &Caller,
        body: &str,
    ) -> Result<EvaluationsAnswer, Refusal> {
        require_asker(caller)?;
        let parsed =
            parse(body)?.map_err(|error| Refusal::invalid("", format!("is not exact JSON: {error}")))?;
        let Value::Object(mut defaults) = parsed else {
            return Err(Refusal::invalid("", "must be a JSON object"));
        };
        let semantic = Semantic::of(defaults.remove("options").as_ref())?;
        let items = match defaults.remove("evaluations") {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(Refusal::invalid("evaluations", "must be an array")),
        };
        if items.is_empty() {
            let evaluation = Evaluation::read(defaults)?;
            let answer = self.decide(view, caller, evaluation, &mut Spent::new()).await?;
            return Ok(EvaluationsAnswer::One(answer));
        }
        if items.len() > MOST {
            return Err(Refusal::invalid("evaluations", format!("holds more than {MOST}")));
        }
        let mut evaluations = Vec::with_capacity(items.len());
        let mut spent = Spent::new();
        for item in items {
            let answer = self.decide_one(view, caller, item, &defaults, &mut spent).await?;
            let stop = semantic.stops_after(answer.decision);
            evaluations.push(answer);
            if stop {
                break;
            }
        }
        Ok(EvaluationsAnswer::Many { evaluations })
    }

    async fn decide_one(
        &self,
        view: &TenantView,
        caller: &Caller,
        item: Value,
        defaults: &Members,
        spent: &mut Spent,
    ) -> Result<EvaluationAnswer, Refusal> {
        let decided = match with_defaults(item, defaults).and_then(Evaluation::read) {
            Ok(evaluation) => self.decide(view, caller, evaluation, spent).await,
            Err(refusal) => Err(refusal),
        };
        match decided {
            Err(refusal @ Refusal::Invalid { .. }) => Ok(EvaluationAnswer::failed(400, refusal.to_string())),
            Err(refusal @ Refusal::Forbidden) => Ok(EvaluationAnswer::failed(403, refusal.to_string())),
            other => other,
        }
    }
}

fn with_defaults(item: Value, defaults: &Members) -> Result<Members, Refusal> {
    let Value::Object(mut item) = item else { return Err(Refusal::invalid("", "must be an object")) };
    for name in DEFAULTS {
        if let Some(default) = defaults.get(name)
            && !item.contains_key(name)
        {
            item.insert(name.to_owned(), default.clone());
        }
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Value;

    use super::{Semantic, with_defaults};

    #[test]
    fn a_default_gives_way_as_a_whole() {
        let parse = |text| match Value::parse(text).unwrap() {
            Value::Object(members) => members,
            _ => panic!("an object"),
        };
        let defaults = parse(r#"{"context":{"a":1},"action":{"name":"x"},"other":1}"#);
        let item = Value::parse(r#"{"context":{"b":2}}"#).unwrap();
        assert_eq!(
            with_defaults(item, &defaults).unwrap(),
            parse(r#"{"context":{"b":2},"action":{"name":"x"}}"#)
        );
        assert!(with_defaults(Value::Bool(true), &defaults).is_err());
    }

    #[test]
    fn semantics_have_three_names() {
        let of = |text: &str| Semantic::of(Some(&Value::parse(text).unwrap()));
        assert_eq!(of("{}"), Ok(Semantic::ExecuteAll));
        assert!(of(r#"{"evaluations_semantic":"deny_on_first_deny"}"#).unwrap().stops_after(false));
        assert!(of(r#"{"evaluations_semantic":"permit_on_first_permit"}"#).unwrap().stops_after(true));
        for wrong in ["[]", r#"{"evaluations_semantic":"whatever"}"#, r#"{"evaluations_semantic":1}"#] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
