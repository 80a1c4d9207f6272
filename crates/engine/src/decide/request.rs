//! One access evaluation as it is asked (AuthZEN Authorization API 1.0 §5 and §6.1), read into what is decided.
//!
//! What the standard requires and is absent makes the call a bad one (400). What this profile reads
//! inside `properties` and `context` and cannot make sense of is a denial, `malformed`: a request that
//! was understood in part is never judged by that part. Unknown members are ignored, as the standard
//! demands; those of `context` stay there, where limits look.

use deputy_mandate::{Binding, Fingerprint, Members, Reason, ReasonCode, Request, Scope, Value};

use super::proof::{Presented, SeenOn};
use crate::Refusal;

/// Longest `use_id`, in bytes.
const MOST_USE_ID: usize = 128;

/// `type` and `id` of a subject or a resource: logged, not compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Entity {
    pub(super) kind: String,
    pub(super) id: String,
}

/// One evaluation.
#[derive(Debug, Default)]
pub(super) struct Evaluation {
    /// The token; absent when the request carries none.
    pub(super) token: Option<String>,
    /// What is wanted.
    pub(super) request: Request,
    /// Who is said to ask.
    pub(super) subject: Entity,
    /// What it is said to be about.
    pub(super) resource: Entity,
    /// Makes a repeated request of a metered mandate one use.
    pub(super) use_id: Option<String>,
    /// Whether nothing is to be used up.
    pub(super) dry_run: bool,
    /// The proof of possession.
    pub(super) proof: Option<Presented>,
    /// What could not be made sense of.
    pub(super) malformed: Vec<Reason>,
}

impl Evaluation {
    /// Reads one evaluation.
    ///
    /// # Errors
    /// `Invalid` for what the standard requires and is not there.
    pub(super) fn read(mut body: Members) -> Result<Self, Refusal> {
        let mut read = Self::default();
        let mut subject = object(&mut body, "subject")?;
        read.subject = entity(&mut subject, "subject.type", "subject.id")?;
        let mut action = object(&mut body, "action")?;
        let name = text(&mut action, "name", "action.name")?;
        read.request.tool = read.name(Some(name), "action.name").filter(|name| !name.is_empty());
        let mut resource = object(&mut body, "resource")?;
        read.resource = entity(&mut resource, "resource.type", "resource.id")?;
        read.properties(subject.remove("properties"), action.remove("properties"));
        match body.remove("context") {
            None => {}
            Some(Value::Object(context)) => read.context(context),
            Some(_) => return Err(Refusal::invalid("context", "must be an object")),
        }
        Ok(read)
    }

    /// An evaluation of which nothing can be read, for a reason.
    pub(super) fn unreadable(sentence: String) -> Self {
        let malformed = vec![Reason::of(ReasonCode::Malformed).message(sentence)];
        Self { malformed, ..Self::default() }
    }

    fn properties(&mut self, subject: Option<Value>, action: Option<Value>) {
        match subject {
            Some(Value::Object(mut properties)) => {
                self.token = self.string(properties.remove("token"), "subject.properties.token");
            }
            None => {}
            Some(_) => self.refuse("subject.properties", "an object"),
        }
        match action {
            Some(Value::Object(mut properties)) => {
                // Whether they are an object is for the decision to say.
                if let Some(arguments) = properties.remove("arguments") {
                    self.request.arguments = arguments;
                }
            }
            None => {}
            Some(_) => self.refuse("action.properties", "an object"),
        }
    }

    /// Takes the members of this profile out of the context; limits look at the rest.
    fn context(&mut self, mut context: Members) {
        self.request.audience = self.named(&mut context, "audience", "context.audience");
        self.request.subject = self.named(&mut context, "subject", "context.subject");
        self.use_id = self.named(&mut context, "use_id", "context.use_id");
        if self.use_id.as_ref().is_some_and(|id| id.is_empty() || id.len() > MOST_USE_ID) {
            self.refuse("context.use_id", "a text of 1 to 128 bytes");
        }
        if let Some(scope) = self.named(&mut context, "scope", "context.scope") {
            match Scope::try_from(scope.as_str()) {
                Ok(scope) => self.request.scope = Some(scope),
                Err(_) => self.refuse("context.scope", "one scope"),
            }
        }
        match context.remove("binding").map(binding) {
            None => {}
            Some(Some(binding)) => self.request.binding = binding,
            Some(None) => self.refuse("context.binding", "an object of `task`, `contract` and `session`"),
        }
        match context.remove("runtime").map(|runtime| fingerprint(&runtime)) {
            None => {}
            Some(Some(runtime)) => self.request.runtime = Some(runtime),
            Some(None) => self.refuse("context.runtime", "a runtime or its fingerprint"),
        }
        match context.remove("dry_run") {
            None => {}
            Some(Value::Bool(dry_run)) => self.dry_run = dry_run,
            Some(_) => self.refuse("context.dry_run", "true or false"),
        }
        match context.remove("dpop").map(presented) {
            None => {}
            Some(Some(proof)) => self.proof = Some(proof),
            Some(None) => self.refuse(
                "context.dpop",
                "an object of the text `proof` and, for DPoP, the texts `htm` and `htu`",
            ),
        }
        self.request.context = Value::Object(context);
    }

    fn named(&mut self, context: &mut Members, name: &str, field: &'static str) -> Option<String> {
        let text = self.string(context.remove(name), field);
        self.name(text, field)
    }

    /// A name, which reasons and events repeat: one in the form of a credential is not taken.
    fn name(&mut self, text: Option<String>, field: &'static str) -> Option<String> {
        let text = text?;
        if is_secret(&text) {
            self.refuse(field, "a name: it has the form of a credential");
            return None;
        }
        Some(text)
    }

    fn string(&mut self, value: Option<Value>, field: &'static str) -> Option<String> {
        match value {
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.refuse(field, "a string");
                None
            }
            None => None,
        }
    }

    fn refuse(&mut self, field: &'static str, wanted: &str) {
        let sentence = format!("The member `{field}` is not {wanted}.");
        self.malformed.push(Reason::of(ReasonCode::Malformed).field(field).message(sentence));
    }
}

/// How credentials begin: our keys and capabilities, every JWT, and private keys.
const SECRETS: [&str; 4] = ["dpy_", "dpyc1.", "eyJ", "-----BEGIN"];

/// Whether a text holds something in the form of a credential.
pub(super) fn is_secret(text: &str) -> bool {
    SECRETS.iter().any(|prefix| text.contains(prefix))
}

fn object(body: &mut Members, name: &'static str) -> Result<Members, Refusal> {
    match body.remove(name) {
        Some(Value::Object(members)) => Ok(members),
        Some(_) => Err(Refusal::invalid(name, "must be an object")),
        None => Err(Refusal::invalid(name, "is required")),
    }
}

fn entity(members: &mut Members, kind: &'static str, id: &'static str) -> Result<Entity, Refusal> {
    Ok(Entity { kind: text(members, "type", kind)?, id: text(members, "id", id)? })
}

fn text(members: &mut Members, name: &str, field: &'static str) -> Result<String, Refusal> {
    match members.remove(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Refusal::invalid(field, "must be a string")),
        None => Err(Refusal::invalid(field, "is required")),
    }
}

fn binding(value: Value) -> Option<Binding> {
    let Value::Object(mut members) = value else { return None };
    let mut take = |name: &str| match members.remove(name) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text)),
        Some(_) => None,
    };
    let binding = Binding { task: take("task")?, contract: take("contract")?, session: take("session")? };
    members.is_empty().then_some(binding)
}

/// A proof with the method and the URI of the request that it came on.
fn presented(value: Value) -> Option<Presented> {
    fn take(members: &mut Members, name: &str) -> Option<String> {
        match members.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }
    let Value::Object(mut members) = value else { return None };
    let proof = take(&mut members, "proof")?;
    let seen_on = match (members.is_empty(), take(&mut members, "htm"), take(&mut members, "htu")) {
        (true, ..) => None,
        (false, Some(method), Some(uri)) => Some(SeenOn { method, uri }),
        _ => return None,
    };
    members.is_empty().then_some(Presented { proof, seen_on })
}

/// A runtime object, or the fingerprint of one.
fn fingerprint(value: &Value) -> Option<Fingerprint> {
    match value {
        Value::String(text) => Fingerprint::try_from(text.clone()).ok(),
        Value::Object(_) => Fingerprint::from_evidence(&value.to_canonical()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use deputy_mandate::{ReasonCode, Value};

    use super::Evaluation;
    use crate::Refusal;

    fn read(text: &str) -> Result<Evaluation, Refusal> {
        let Value::Object(body) = Value::parse(text).unwrap() else { panic!("an object") };
        Evaluation::read(body)
    }

    fn asked(context: &str) -> Evaluation {
        let text = format!(
            r#"{{"subject":{{"type":"agent","id":"a","properties":{{"token":"t"}}}},
                "action":{{"name":"transfer","properties":{{"arguments":{{"amount":5}},"more":1}}}},
                "resource":{{"type":"tool","id":"x"}},"context":{context},"unknown":1}}"#
        );
        read(&text).unwrap()
    }

    #[test]
    fn the_members_of_the_profile_leave_the_context() {
        let read = asked(
            r#"{"audience":"https://a/","scope":"read:x","subject":"user:1","use_id":"u","dry_run":true,
                "binding":{"task":"t"},"runtime":{"model":"m"},"dpop":{"proof":"p","htm":"GET","htu":"https://a/"},"env":"staging"}"#,
        );
        assert!(read.malformed.is_empty(), "{:?}", read.malformed);
        assert_eq!(read.request.context, Value::parse(r#"{"env":"staging"}"#).unwrap());
        assert_eq!(read.request.binding.task.as_deref(), Some("t"));
        assert!(read.request.runtime.is_some() && read.dry_run && read.proof.is_some());
        assert_eq!((read.token.as_deref(), read.use_id.as_deref()), (Some("t"), Some("u")));
    }

    #[test]
    fn what_cannot_be_made_sense_of_is_malformed() {
        for (context, field) in [
            (r#"{"audience":1}"#, "context.audience"),
            (r#"{"scope":"a b"}"#, "context.scope"),
            (r#"{"binding":{"tusk":"t"}}"#, "context.binding"),
            (r#"{"binding":{"task":1}}"#, "context.binding"),
            (r#"{"runtime":"short"}"#, "context.runtime"),
            (r#"{"dry_run":"yes"}"#, "context.dry_run"),
            (r#"{"use_id":""}"#, "context.use_id"),
            (r#"{"dpop":"p"}"#, "context.dpop"),
            (r#"{"dpop":{"proof":"p","htm":"GET"}}"#, "context.dpop"),
            (r#"{"dpop":{"htm":"GET","htu":"u"}}"#, "context.dpop"),
            (r#"{"dpop":{"proof":"p","htm":"GET","htu":1}}"#, "context.dpop"),
            (r#"{"dpop":{"proof":"p","htm":"GET","htu":"u","more":1}}"#, "context.dpop"),
            (r#"{"scope":"eyJhbGciOi"}"#, "context.scope"),
            (r#"{"subject":"dpy_abc"}"#, "context.subject"),
        ] {
            let read = asked(context);
            let fields: Vec<_> = read.malformed.iter().map(|r| (r.code, r.field.as_deref())).collect();
            assert_eq!(fields, [(ReasonCode::Malformed, Some(field))], "{context}");
        }
    }

    #[test]
    fn what_the_standard_requires_is_required() {
        for (text, wrong) in [
            (r#"{}"#, "subject"),
            (r#"{"subject":{"type":"a"}}"#, "subject.id"),
            (r#"{"subject":{"type":"a","id":"b"}}"#, "action"),
            (r#"{"subject":{"type":"a","id":"b"},"action":{}}"#, "action.name"),
            (r#"{"subject":{"type":"a","id":"b"},"action":{"name":"x"}}"#, "resource"),
            (
                r#"{"subject":{"type":"a","id":"b"},"action":{"name":"x"},"resource":{"type":"r","id":"i"},"context":[]}"#,
                "context",
            ),
        ] {
            let Err(Refusal::Invalid { field, .. }) = read(text) else { panic!("{text}") };
            assert_eq!(field, wrong, "{text}");
        }
    }

    #[test]
    fn an_empty_action_names_no_tool() {
        let text =
            r#"{"subject":{"type":"a","id":"b"},"action":{"name":""},"resource":{"type":"r","id":"i"}}"#;
        assert_eq!(read(text).unwrap().request.tool, None);
    }
}
