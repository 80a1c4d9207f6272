//! What the flags and `--details` ask for, as a narrowing of a mandate that is known.
//!
//! What is left out inherits: an argument that a tool does not name keeps the parent's constraint, blocks and
//! limits are added to the parent's. Whether all of it is narrower is judged elsewhere.

use std::collections::BTreeSet;

use clap::Args;
use deputy_mandate::{
    ArgumentMap, Binding, Constraint, Details, Instant, Mandate, Narrowing, Scope, ToolMap, Value,
};

use crate::cli::{Failure, secret_input};

/// What the next holder gets less of.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What is handed on; left out, it is inherited")]
pub(super) struct Less {
    /// These scopes, separated by blanks; "" for none
    #[arg(long, value_name = "LIST")]
    scope: Option<String>,
    /// This tool, with the parent's constraints or tighter ones: `NAME` or `NAME={"argument": constraint}`
    #[arg(long, value_name = "TOOL")]
    tool: Vec<String>,
    /// Members of a `deputy_mandate`, as JSON or @FILE
    #[arg(long, value_name = "JSON")]
    details: Option<String>,
    /// A shorter lifetime from now on, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    expires_in: Option<u32>,
    /// The most delegations that the whole chain may have
    #[arg(long, value_name = "N")]
    max_depth: Option<u8>,
    /// The next holder may not hand it on
    #[arg(long)]
    no_delegate: bool,
    /// How often it may be exercised
    #[arg(long, value_name = "N")]
    uses: Option<u64>,
    /// The task that it is good for
    #[arg(long, value_name = "ID")]
    bind_task: Option<String>,
    /// The contract that it is good for
    #[arg(long, value_name = "ID")]
    bind_contract: Option<String>,
    /// The session that it is good for
    #[arg(long, value_name = "ID")]
    bind_session: Option<String>,
}

impl Less {
    /// The narrowing of `parent` that is asked for.
    pub(super) fn narrowing(&self, parent: &Mandate, now: Instant) -> Result<Narrowing, Failure> {
        let details = self.details.as_deref().map(details).transpose()?.unwrap_or_default();
        if !details.may_act.is_empty() {
            return Err(Failure::Usage("`may_act` (--details) cannot be stated offline".to_owned()));
        }
        let flags = Binding {
            contract: self.bind_contract.clone(),
            session: self.bind_session.clone(),
            task: self.bind_task.clone(),
        };
        let binding = flags.meet(&details.binding).ok_or_else(|| twice("a binding"))?;
        let limits = (!details.limits.is_empty())
            .then(|| parent.limits.clone().into_iter().chain(details.limits).collect());
        let blocked = (!details.blocked_tools.is_empty())
            .then(|| parent.blocked_tools.union(&details.blocked_tools).cloned().collect());
        let may_delegate = if self.no_delegate { Some(false) } else { details.may_delegate };
        Ok(Narrowing {
            scopes: self.scope.as_deref().map(scopes).transpose()?,
            tools: self.tools(details.tools, parent)?,
            blocked_tools: blocked,
            limits,
            binding: (!binding.is_empty()).then_some(binding),
            not_before: None,
            expires_at: self.expires_in.map(|secs| now.plus_secs(i64::from(secs))),
            max_depth: one("max_depth", self.max_depth, details.max_depth)?,
            may_delegate,
            uses: one("uses", self.uses, details.uses)?,
        })
    }

    fn tools(&self, details: Option<ToolMap>, parent: &Mandate) -> Result<Option<ToolMap>, Failure> {
        let stated = details.is_some() || !self.tool.is_empty();
        let mut tools = details.unwrap_or_default();
        for flag in &self.tool {
            let (name, arguments) = tool(flag)?;
            if tools.insert(name, arguments).is_some() {
                return Err(twice(&format!("the tool of `{flag}`")));
            }
        }
        for (name, arguments) in &mut tools {
            for (argument, constraint) in parent.tools.get(name).into_iter().flatten() {
                arguments.entry(argument.clone()).or_insert_with(|| constraint.clone());
            }
        }
        Ok(stated.then_some(tools))
    }
}

fn twice(what: &str) -> Failure {
    Failure::Usage(format!("{what} is stated twice, by a flag and in --details"))
}

fn one<T: PartialEq>(name: &str, flag: Option<T>, details: Option<T>) -> Result<Option<T>, Failure> {
    match (flag, details) {
        (Some(a), Some(b)) if a != b => Err(twice(&format!("`{name}`"))),
        (a, b) => Ok(a.or(b)),
    }
}

fn scopes(list: &str) -> Result<BTreeSet<Scope>, Failure> {
    if list.trim().is_empty() {
        return Ok(BTreeSet::new());
    }
    Scope::parse_list(list).map_err(|error| Failure::Usage(format!("--scope: {error}")))
}

/// `NAME`, or `NAME={…}` with the wire form of constraints.
fn tool(flag: &str) -> Result<(String, ArgumentMap), Failure> {
    let Some((name, json)) = flag.split_once('=') else { return Ok((flag.to_owned(), ArgumentMap::new())) };
    let refused = |what: String| Failure::Usage(format!("--tool {name}: {what}"));
    let value = Value::parse(json).map_err(|error| refused(error.to_string()))?;
    let Value::Object(arguments) = value else {
        return Err(refused("its arguments are a JSON object".to_owned()));
    };
    let arguments = arguments.into_iter().map(|(argument, value)| {
        let constraint =
            Constraint::try_from(value).map_err(|error| refused(format!("`{argument}`: {error}")))?;
        if constraint.has_unknown() {
            return Err(refused(format!("`{argument}`: its type of constraint is not known")));
        }
        Ok((argument, constraint))
    });
    Ok((name.to_owned(), arguments.collect::<Result<_, _>>()?))
}

/// The entry alone, or as `authorization_details` has it.
fn details(argument: &str) -> Result<Details, Failure> {
    let text = secret_input::text(argument)?;
    let refused = |error: String| Failure::Usage(format!("--details: {error}"));
    let entries = match Value::parse(&text).map_err(|error| refused(error.to_string()))? {
        Value::Object(mut entry) => {
            entry.entry("type".to_owned()).or_insert_with(|| deputy_mandate::DETAILS_TYPE.into());
            Value::Array(vec![Value::Object(entry)])
        }
        other => other,
    };
    Details::parse(&entries.to_canonical()).map_err(|error| refused(error.to_string()))
}

#[cfg(test)]
#[path = "wanted_tests.rs"]
mod tests;
