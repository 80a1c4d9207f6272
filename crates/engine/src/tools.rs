//! The tool catalogue: which arguments a tool takes. A call of a catalogued tool may carry no others.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, Value};
use deputy_manifest::{DisplayName, ToolEntry};
use deputy_store::{TenantRead, event::rfc3339, model::Tool};
use serde::Serialize;

use crate::{
    Caller, Engine, Refusal, entries, listing,
    page::{Page, Paging},
    view::TenantView,
};

/// A tool of the catalogue.
#[derive(Debug, Clone, Serialize)]
pub struct ShownTool {
    /// Opaque id.
    pub id: String,
    /// The members of its entry.
    #[serde(flatten)]
    body: ToolBody,
    /// Whether a manifest made it.
    pub from_manifest: bool,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

/// The members of a tool's entry, as it is written and merged over.
#[derive(Debug, Clone, Serialize)]
struct ToolBody {
    name: String,
    args: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

impl From<&Tool> for ToolBody {
    fn from(tool: &Tool) -> Self {
        let tool = tool.clone();
        Self { name: tool.name, args: tool.args, description: tool.description }
    }
}

impl From<&Tool> for ShownTool {
    fn from(tool: &Tool) -> Self {
        Self {
            id: tool.id.clone(),
            body: tool.into(),
            from_manifest: tool.from_manifest,
            created_at: rfc3339(tool.created_at),
            updated_at: rfc3339(tool.updated_at),
        }
    }
}

impl Engine {
    /// Tools in the order in which they were made.
    pub fn tools(
        &self,
        view: &TenantView,
        caller: &Caller,
        paging: &Paging,
    ) -> Result<Page<ShownTool>, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let page = listing::page(state.tools.values().map(|tool| (tool.id.as_str(), tool)), paging)?;
        Ok(page.map(|tool| ShownTool::from(&**tool)))
    }

    /// One tool, by id or name.
    pub fn tool(&self, view: &TenantView, caller: &Caller, id_or_name: &str) -> Result<ShownTool, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let named = state.tools.get(id_or_name);
        let found = named.or_else(|| state.tools.values().find(|tool| tool.id == id_or_name));
        found.map(|tool| ShownTool::from(&**tool)).ok_or(Refusal::NotFound)
    }

    /// Adds a tool to the catalogue.
    pub async fn create_tool(
        &self,
        view: &TenantView,
        caller: &Caller,
        body: &Value,
    ) -> Result<ShownTool, Refusal> {
        caller.require_admin()?;
        let (by, id, now) = (caller.clone(), self.inner.sources.id()?, self.inner.sources.now());
        let tool = read(body, &id, None, now)?;
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                if tx.find_named::<Tool>(&tool.name).await?.is_some() {
                    return Err(Refusal::conflict(format!("there is a tool `{}` already", tool.name)));
                }
                tx.insert(&tool).await?;
                let detail = serde_json::json!({"id": tool.id, "name": tool.name, "args": tool.args});
                tx.changed(&tool, by.event("tool.created").detail(&detail));
                Ok(tool)
            })
        });
        let (tool, _) = change.await?;
        Ok((&tool).into())
    }

    /// Changes a tool: a merge patch over its entry, or a whole entry in its place.
    pub async fn change_tool(
        &self,
        view: &TenantView,
        caller: &Caller,
        id_or_name: &str,
        body: Value,
        replaces: bool,
    ) -> Result<ShownTool, Refusal> {
        caller.require_admin()?;
        let (by, wanted) = (caller.clone(), id_or_name.to_owned());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let before = require(tx, &wanted).await?;
                let shown = entries::body_of(&ToolBody::from(&before))?;
                let body = if replaces { body } else { entries::merged(shown.clone(), &body)? };
                let after = read(&body, &before.id, Some(&before), tx.now())?;
                if after.name != before.name {
                    return Err(Refusal::invalid(
                        "name",
                        "a tool's name cannot be changed: make another tool",
                    ));
                }
                tx.update(&after).await?;
                let changes = entries::changes(&shown, &entries::body_of(&ToolBody::from(&after))?);
                let detail = serde_json::json!({"id": after.id, "name": after.name, "changes": changes});
                tx.changed(&after, by.event("tool.changed").detail(&detail));
                Ok(after)
            })
        });
        let (tool, _) = change.await?;
        Ok((&tool).into())
    }

    /// Takes a tool out of the catalogue; tokens that were sealed with it keep what they were sealed with.
    pub async fn delete_tool(
        &self,
        view: &TenantView,
        caller: &Caller,
        id_or_name: &str,
    ) -> Result<(), Refusal> {
        caller.require_admin()?;
        let (by, wanted) = (caller.clone(), id_or_name.to_owned());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let tool = require(tx, &wanted).await?;
                tx.delete::<Tool>(&tool.id).await?;
                let detail = serde_json::json!({"id": tool.id, "name": tool.name});
                tx.changed(&tool, by.event("tool.deleted").detail(&detail));
                Ok(())
            })
        });
        change.await.map(drop)
    }
}

async fn require(read: &TenantRead<'_>, id_or_name: &str) -> Result<Tool, Refusal> {
    match read.find_named(id_or_name).await? {
        Some(tool) => Ok(tool),
        None => read.find(id_or_name).await?.ok_or(Refusal::NotFound),
    }
}

/// A tool from its entry, which here may also have a description for people.
fn read(body: &Value, id: &str, before: Option<&Tool>, now: Instant) -> Result<Tool, Refusal> {
    let description: Option<DisplayName> = entries::member(body, "description")?;
    let mut rest = entries::members(body)?.clone();
    rest.remove("description");
    let entry: ToolEntry = entries::read(&Value::Object(rest))?;
    Ok(Tool {
        id: id.to_owned(),
        name: entry.name.as_str().to_owned(),
        args: entry.args.iter().map(|arg| arg.as_str().to_owned()).collect(),
        description: description.map(String::from),
        from_manifest: before.is_some_and(|tool| tool.from_manifest),
        created_at: before.map_or(now, |tool| tool.created_at),
        updated_at: now,
    })
}
