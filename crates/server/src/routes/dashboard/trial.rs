//! The outcome of a trial, as the pages show it.
//!
//! Invariant: a pasted token goes to the engine and nowhere else: no page holds it.

use deputy_engine::{PreviewedPerson, ProbeAnswer};
use deputy_mandate::Value;

use crate::http::form::Form;
use crate::pages::trial::{Said, Step, Trial, outcome};

/// What the engine is asked: a trial, with the pasted token if there is one.
#[must_use]
pub fn asked(form: &Form) -> Value {
    let token = form.find("token").map(|token| ("token".to_owned(), Value::from(token)));
    Value::Object(token.into_iter().collect())
}

/// What came of it.
#[must_use]
pub fn shown(answer: ProbeAnswer) -> Trial {
    let step = |step: deputy_engine::ProbeStep| Step {
        name: step.step.to_owned(),
        outcome: outcome(step.status),
        detail: step.detail,
    };
    Trial {
        steps: answer.steps.into_iter().map(step).collect(),
        person: answer.person.map(person).unwrap_or_default(),
    }
}

fn person(person: PreviewedPerson) -> Vec<Said> {
    let said = |name: &str, values: Vec<String>| Said { name: name.to_owned(), values };
    let mut all = vec![
        said("User", vec![person.user]),
        said("Roles by claims", person.roles_by_claims),
        said("All roles", person.roles),
        said("Agents may have for them", person.scopes),
        said("Role at the dashboard", person.dashboard_role.map(str::to_owned).into_iter().collect()),
    ];
    all.extend(person.attributes.into_iter().map(|(name, value)| Said { name, values: vec![value] }));
    all
}
