//! The PATCH message: from JSON to operations, each with one target.

use serde_json::{Map, Value};

use super::target::Target;
use super::{MAX_OPERATIONS, Operation, PatchError, PatchFault, Verb};
use crate::path::PathError;
use crate::resource::Unknown;
use crate::schema::{ResourceType, Schema};
use crate::text::shown;

/// The URN of a PATCH message.
pub const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

pub(super) fn operations(
    kind: &'static ResourceType,
    body: &Map<String, Value>,
    unknown: Unknown,
) -> Result<Vec<Operation>, PatchError> {
    let member =
        |name: &str| body.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let named = |value: &Value| value.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_URN));
    if !member("schemas").and_then(Value::as_array).is_some_and(|all| all.iter().any(named)) {
        return Err(PatchError::Schemas);
    }
    let sent = member("Operations").and_then(Value::as_array).filter(|sent| !sent.is_empty());
    let mut reader = Reader { kind, unknown, operations: Vec::new(), number: 0 };
    for operation in sent.ok_or(PatchError::Operations)? {
        reader.number += 1;
        let number = reader.number;
        reader.operation(operation).map_err(|fault| PatchError::Operation { number, fault })?;
        if reader.operations.len() > MAX_OPERATIONS || number > MAX_OPERATIONS {
            return Err(PatchError::TooMany);
        }
    }
    Ok(reader.operations)
}

struct Reader {
    kind: &'static ResourceType,
    unknown: Unknown,
    operations: Vec<Operation>,
    number: usize,
}

impl Reader {
    fn operation(&mut self, sent: &Value) -> Result<(), PatchFault> {
        let members = sent.as_object().ok_or(PatchFault::Malformed)?;
        let (mut op, mut path, mut value) = (None, None, None);
        for (name, member) in members {
            let slot = match name.to_ascii_lowercase().as_str() {
                "op" => &mut op,
                "path" => &mut path,
                "value" => &mut value,
                // Old clients name their operations; it means nothing.
                _ => continue,
            };
            if slot.replace(member).is_some() {
                return Err(PatchFault::Malformed);
            }
        }
        let op = op.and_then(Value::as_str).ok_or(PatchFault::Malformed)?;
        let verb = match op.to_ascii_lowercase().as_str() {
            "add" => Verb::Add,
            "replace" => Verb::Replace,
            "remove" => Verb::Remove,
            _ => return Err(PatchFault::UnknownOp(shown(op))),
        };
        let path = match path {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) => Some(path.as_str()).filter(|path| !path.is_empty()),
            Some(_) => return Err(PatchFault::Malformed),
        };
        if verb != Verb::Remove && value.is_none() {
            return Err(PatchFault::NoValue);
        }
        match path {
            Some(path) => self.aimed(verb, path, value),
            None if verb == Verb::Remove => Err(PatchFault::NoTarget(String::new())),
            None => self.pathless(verb, value),
        }
    }

    /// An operation with a path: what may not be changed is an error.
    fn aimed(&mut self, verb: Verb, path: &str, value: Option<&Value>) -> Result<(), PatchFault> {
        let target = Target::parse(path, self.kind)?;
        if !target.is_writable() {
            return Err(PatchFault::ReadOnly(target.to_string()));
        }
        match (&target, verb) {
            (Target::Extension(schema), Verb::Add | Verb::Replace) => {
                let members = value.and_then(Value::as_object).ok_or(PatchFault::Malformed)?;
                self.extension(verb, schema, members)
            }
            _ => {
                self.push(verb, target, value);
                Ok(())
            }
        }
    }

    /// An operation without a path: each member of the value is one with that path.
    fn pathless(&mut self, verb: Verb, value: Option<&Value>) -> Result<(), PatchFault> {
        let members = value.and_then(Value::as_object).ok_or(PatchFault::Malformed)?;
        for (name, value) in members {
            match (self.kind.find_extension(name), value) {
                (Some(schema), Value::Object(members)) => self.extension(verb, schema, members)?,
                (None, Value::Object(members)) if name.eq_ignore_ascii_case(self.kind.schema.id) => {
                    self.extension(verb, self.kind.schema, members)?;
                }
                _ => self.member(verb, name, value)?,
            }
        }
        Ok(())
    }

    fn extension(
        &mut self,
        verb: Verb,
        schema: &Schema,
        members: &Map<String, Value>,
    ) -> Result<(), PatchFault> {
        for (name, value) in members {
            self.member(verb, &format!("{}:{name}", schema.id), value)?;
        }
        Ok(())
    }

    fn member(&mut self, verb: Verb, name: &str, value: &Value) -> Result<(), PatchFault> {
        match Target::parse(name, self.kind) {
            Ok(target) if target.is_writable() => self.push(verb, target, Some(value)),
            // Clients send the whole resource back, with what only the server sets.
            Ok(_) => {}
            Err(PatchFault::Path(PathError::Unknown { .. })) if self.unknown == Unknown::Ignore => {}
            Err(fault) => return Err(fault),
        }
        Ok(())
    }

    fn push(&mut self, verb: Verb, target: Target, value: Option<&Value>) {
        // One too many is enough to refuse the message.
        if self.operations.len() > MAX_OPERATIONS {
            return;
        }
        let value = value.filter(|value| !value.is_null()).cloned();
        self.operations.push(Operation { number: self.number, verb, target, value });
    }
}
