//! Narrowing an attenuating agent token: one token more, signed by the holder's key for another holder's.

use std::path::Path;

use deputy_engine::Sources;
use deputy_mandate::{ArgumentMap, Constraint, Narrowing, ReasonCode, ToolMap, attenuates};
use deputy_token::aat::{AatError, Derivation, DeriveError, LinkError, derive};

use super::{explain, refused};
use crate::cli::Failure;
use crate::cli::token::holder_key;
use crate::cli::token::said::Said;

pub(super) fn narrow(
    text: &str,
    parent: &Said,
    name: &str,
    wanted: &Narrowing,
    keys: (Option<&Path>, Option<&str>),
    sources: &Sources,
) -> Result<String, Failure> {
    let (Some(key), Some(to)) = keys else {
        return Err(Failure::Usage(
            "an attenuating agent token is narrowed with --key FILE, for the key in --to JWK".to_owned(),
        ));
    };
    tools_only(wanted)?;
    let (key, holder) = (holder_key::private(key)?, holder_key::public("--to", to)?);
    let mandate = &parent.claims.mandate;
    let depths = Depths::of(parent);
    let del_max_depth = match (wanted.may_delegate, wanted.max_depth) {
        (Some(false), _) => depths.own,
        (_, Some(ceiling)) => ceiling.saturating_sub(depths.before),
        (_, None) => mandate.max_depth.saturating_sub(depths.before),
    };
    let tools = match &wanted.tools {
        Some(tools) => fitted(tools, &mandate.tools),
        None => mandate.tools.clone(),
    };
    if let Some(wider) = explain::tools(&tools, mandate, is_attenuated) {
        let sentence = format!("`tools` would be wider than the parent's: {wider}");
        return Err(refused(ReasonCode::NotAttenuated, &sentence));
    }
    let jti = sources.secret().map_err(|_| Failure::Negative("the random source failed".to_owned()))?;
    let child = Derivation {
        name,
        tools: &tools,
        audience: None,
        expires_at: wanted.expires_at.unwrap_or(mandate.expires_at),
        del_max_depth,
        iat: sources.now(),
        holder: &holder,
        jti: &jti,
    };
    derive(text, &child, &key).map_err(|error| told(error, parent, wanted, &key.jwk().thumbprint()))
}

/// Where the new token stands: hops before the first token of the chain, and its own depth below that.
struct Depths {
    before: u8,
    own: u8,
}

impl Depths {
    fn of(parent: &Said) -> Self {
        let number = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        let below = parent.claims.chain.len().saturating_sub(parent.issued);
        Self { before: number(parent.issued.saturating_sub(1)), own: number(below.saturating_add(1)) }
    }
}

/// What other verifiers would ignore has no place in the token.
fn tools_only(wanted: &Narrowing) -> Result<(), Failure> {
    let stated = [
        ("scopes", wanted.scopes.is_some()),
        ("blocked_tools", wanted.blocked_tools.is_some()),
        ("limits", wanted.limits.is_some()),
        ("a binding", wanted.binding.is_some()),
        ("uses", wanted.uses.is_some()),
    ];
    match stated.iter().find(|(_, stated)| *stated) {
        None => Ok(()),
        Some((what, _)) => Err(Failure::Usage(format!(
            "an attenuating agent token carries tools only, so {what} cannot be stated: narrow the tools instead"
        ))),
    }
}

/// The draft's judgement of two constraints.
fn is_attenuated(child: &Constraint, parent: &Constraint) -> bool {
    let map = |constraint: &Constraint| {
        ToolMap::from([(String::new(), ArgumentMap::from([(String::new(), constraint.clone())]))])
    };
    attenuates(&map(child), &map(parent))
}

fn fitted(tools: &ToolMap, parents: &ToolMap) -> ToolMap {
    let tool = |(tool, own): (&String, &ArgumentMap)| {
        let outer = parents.get(tool);
        let argument = |(name, own): (&String, &Constraint)| {
            let parent = outer.and_then(|outer| outer.get(name));
            (name.clone(), parent.map_or_else(|| own.clone(), |parent| fit(own, parent)))
        };
        (tool.clone(), own.iter().map(argument).collect())
    };
    tools.iter().map(tool).collect()
}

/// The constraint as the draft's table wants it under `parent`: a tighter one stands beside the clauses of an
/// `all`, and alone in an `any`. One that is not tighter stays as it is, and is refused.
fn fit(own: &Constraint, parent: &Constraint) -> Constraint {
    if is_attenuated(own, parent) || !own.is_below(parent) {
        return own.clone();
    }
    match (parent, own) {
        (Constraint::All(clauses), Constraint::All(more)) => {
            Constraint::All(clauses.iter().chain(more).cloned().collect())
        }
        (Constraint::All(clauses), one) => Constraint::All(clauses.iter().chain([one]).cloned().collect()),
        (Constraint::Any(_), one) => Constraint::Any(vec![one.clone()]),
        _ => own.clone(),
    }
}

fn told(error: DeriveError, parent: &Said, wanted: &Narrowing, thumbprint: &str) -> Failure {
    let mandate = &parent.claims.mandate;
    let (code, sentence) = match error {
        DeriveError::Link(LinkError::TooDeep) => {
            let (most, next) = (mandate.max_depth, parent.claims.del_depth().saturating_add(1));
            let sentence = format!(
                "`max_depth`: the chain may have {most} delegations, and this would be number {next}"
            );
            (ReasonCode::DepthExceeded, sentence)
        }
        DeriveError::Link(LinkError::Ceiling) => {
            (ReasonCode::NotAttenuated, explain::member("max_depth", wanted, mandate))
        }
        DeriveError::Link(LinkError::Expiry) => {
            (ReasonCode::NotAttenuated, explain::member("expires_at", wanted, mandate))
        }
        DeriveError::NotHolder => {
            let bound = parent.claims.cnf.as_ref().map_or("", |cnf| cnf.jkt.as_str());
            let sentence = format!(
                "--key is not the key that the credential is bound to: it is `{thumbprint}`, not `{bound}`"
            );
            (ReasonCode::ProofInvalid, sentence)
        }
        DeriveError::Link(LinkError::SameKey) => {
            (ReasonCode::Malformed, "--to must be another key than the holder's own".to_owned())
        }
        DeriveError::Parent(error) => (AatError::reason(error), error.to_string()),
        other => (ReasonCode::Malformed, other.to_string()),
    };
    refused(code, &sentence)
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Constraint;

    use super::{fit, is_attenuated};

    fn constraint(json: &str) -> Constraint {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_tighter_constraint_takes_the_shape_that_the_draft_wants() {
        let upto = |max| format!(r#"{{"constraint_type":"range","min":0,"max":{max}}}"#);
        let not = r#"{"constraint_type":"not_one_of","excluded":[13]}"#;
        let all = constraint(&format!(r#"{{"constraint_type":"all","constraints":[{},{not}]}}"#, upto(500)));
        let any = constraint(&format!(
            r#"{{"constraint_type":"any","constraints":[{},{{"constraint_type":"exact","value":-1}}]}}"#,
            upto(500)
        ));
        let exact = constraint(r#"{"constraint_type":"exact","value":7}"#);
        for parent in [&all, &any] {
            assert!(!is_attenuated(&exact, parent), "bare, the table refuses it");
            let fitted = fit(&exact, parent);
            assert!(is_attenuated(&fitted, parent) && fitted.is_below(&exact));
        }
        let in_any = fit(&constraint(&upto(9)), &any);
        assert!(is_attenuated(&in_any, &any));
        let wider = constraint(&upto(501));
        for parent in [&all, &any] {
            assert_eq!(fit(&wider, parent), wider, "never clipped");
            assert!(!is_attenuated(&fit(&wider, parent), parent));
        }
        assert_eq!(fit(&exact, &constraint(&upto(500))), exact, "a bare one stays bare");
    }
}
