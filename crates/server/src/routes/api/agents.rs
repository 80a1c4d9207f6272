//! `/t/{tenant}/api/v1/agents`: the agents of a tenant.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};
use deputy_engine::AgentFilter;
use deputy_engine::model::AgentState;
use deputy_mandate::Value;
use serde::Deserialize;
use utoipa::OpenApi;

use super::{created, ok};
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::body::Body;
use crate::http::json::Json;
use crate::http::methods::resource;
use crate::http::query::Query;
use crate::http::strict;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    let one = [Method::GET, Method::PATCH, Method::DELETE];
    let agents = "/t/{tenant}/api/v1/agents";
    config
        .service(
            resource(agents, &[Method::GET, Method::POST])
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            resource(&format!("{agents}/{{id}}"), &one)
                .route(web::get().to(read))
                .route(web::patch().to(change))
                .route(web::delete().to(decommission)),
        )
        .service(
            resource(&format!("{agents}/{{id}}/suspend"), &[Method::POST]).route(web::post().to(suspend)),
        )
        .service(
            resource(&format!("{agents}/{{id}}/reactivate"), &[Method::POST])
                .route(web::post().to(reactivate)),
        )
        .service(
            resource(&format!("{agents}/{{id}}/owners"), &[Method::GET, Method::PUT])
                .route(web::get().to(owners))
                .route(web::put().to(set_owners)),
        )
        .service(resource(&format!("{agents}/{{id}}/ceiling"), &[Method::GET]).route(web::get().to(ceiling)));
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(list, create, read, change, decommission, suspend, reactivate, owners, set_owners, ceiling))]
pub struct Description;

/// Which agents to list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    state: Option<AgentState>,
    owner: Option<String>,
    search: Option<String>,
    #[serde(default)]
    orphaned: bool,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// Lists agents in the order of their names.
///
/// # Errors
/// `forbidden` unless admin or auditor.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/agents", tag = "agents", params(("tenant" = String, Path), ("state" = Option<String>, Query), ("owner" = Option<String>, Query), ("search" = Option<String>, Query), ("orphaned" = Option<bool>, Query), ("cursor" = Option<String>, Query), ("limit" = Option<u16>, Query)), responses((status = 200, description = "A page of agents")))]
pub async fn list(api: Api, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let ListQuery { state, owner, search, orphaned, cursor, limit } = query.0;
    let filter = AgentFilter { state, owner, search, orphaned, cursor };
    Ok(ok(&api.engine.agents(&api.view, &api.caller, &filter, limit.unwrap_or(50))?))
}

/// How an agent is made.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateQuery {
    #[serde(default)]
    create_owners: bool,
}

/// Makes an agent.
///
/// # Errors
/// `invalid`, naming the member; `conflict` for a used name.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/agents", tag = "agents", params(("tenant" = String, Path), ("create_owners" = Option<bool>, Query)), responses((status = 201, description = "The agent"), (status = 400, description = "What is wrong"), (status = 409, description = "The name is, or was, in use")))]
pub async fn create(api: Api, query: Query<CreateQuery>, body: Json<Value>) -> Result<HttpResponse, Problem> {
    Ok(created(&api.engine.create_agent(&api.view, &api.caller, &body.value, query.0.create_owners).await?))
}

/// Reads one agent by id or name.
///
/// # Errors
/// `not-found`.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/agents/{id}", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path, description = "id or name")), responses((status = 200, description = "The agent"), (status = 404, description = "No such agent")))]
pub async fn read(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.agent(&api.view, &api.caller, &path.1)?))
}

/// Changes the members that the body names (RFC 7396).
///
/// # Errors
/// `invalid`, naming the member; `conflict` for a decommissioned agent.
#[utoipa::path(patch, path = "/t/{tenant}/api/v1/agents/{id}", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The agent as it is now")))]
pub async fn change(
    api: Api,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.change_agent(&api.view, &api.caller, &path.1, &body.value).await?))
}

/// Ends an agent for good; its name stays used.
///
/// # Errors
/// `not-found`.
#[utoipa::path(delete, path = "/t/{tenant}/api/v1/agents/{id}", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 204, description = "It is decommissioned, and its credentials are dead")))]
pub async fn decommission(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    api.engine.decommission_agent(&api.view, &api.caller, &path.1).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Why something is done.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Because {
    reason: String,
}

/// Suspends an agent: its credentials die, and it gets no new ones.
///
/// # Errors
/// `not-found`, `conflict`.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/agents/{id}/suspend", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The agent as it is now")))]
pub async fn suspend(api: Api, path: Path<(String, String)>, body: Body) -> Result<HttpResponse, Problem> {
    api.caller.require_admin()?;
    let Because { reason } = if body.0.is_empty() { Because::default() } else { strict::parse(&body.0)? };
    Ok(ok(&api.engine.suspend_agent(&api.view, &api.caller, &path.1, &reason).await?))
}

/// Lets a suspended agent work again; nothing that was revoked lives again.
///
/// # Errors
/// `not-found`; `conflict` without a live owner.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/agents/{id}/reactivate", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The agent as it is now")))]
pub async fn reactivate(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.reactivate_agent(&api.view, &api.caller, &path.1).await?))
}

/// The owners of an agent.
///
/// # Errors
/// `not-found`.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/agents/{id}/owners", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "Its owners, and whether each is live")))]
pub async fn owners(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.owners(&api.view, &api.caller, &path.1).await?))
}

/// Who is to own an agent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnersBody {
    owners: Vec<String>,
}

/// Replaces the owners of an agent.
///
/// # Errors
/// `invalid` for nobody or somebody unknown.
#[utoipa::path(put, path = "/t/{tenant}/api/v1/agents/{id}/owners", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path), ("create_owners" = Option<bool>, Query)), responses((status = 200, description = "The agent as it is now")))]
pub async fn set_owners(
    api: Api,
    path: Path<(String, String)>,
    query: Query<CreateQuery>,
    body: Result<Json<OwnersBody>, Problem>,
) -> Result<HttpResponse, Problem> {
    api.caller.require_admin()?;
    let owners = &body?.value.owners;
    Ok(ok(&api.engine.set_owners(&api.view, &api.caller, &path.1, owners, query.0.create_owners).await?))
}

/// For which audience a ceiling is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CeilingQuery {
    audience: Option<String>,
}

/// What an agent may get, leg by leg.
///
/// # Errors
/// `not-found`; `invalid` for an audience that is not registered.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/agents/{id}/ceiling", tag = "agents", params(("tenant" = String, Path), ("id" = String, Path), ("audience" = Option<String>, Query)), responses((status = 200, description = "The legs and their meet")))]
pub async fn ceiling(
    api: Api,
    path: Path<(String, String)>,
    query: Query<CeilingQuery>,
) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.ceiling(&api.view, &api.caller, &path.1, query.0.audience.as_deref())?))
}
