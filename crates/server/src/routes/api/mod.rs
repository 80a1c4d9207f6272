//! The management API of a tenant, `/t/{tenant}/api/v1/…`: a file a resource.
//!
//! Each file lists its own routes in `configure` and describes them in `Description`; both are
//! named here, and nowhere else.

pub mod agents;
pub mod changes;
pub mod checkpoints;
pub mod credentials;
pub mod events;
pub mod halt;
pub mod identity_providers;
pub mod imports;
pub mod keys;
pub mod orphans;
pub mod resources;
pub mod revocations;
pub mod role_bindings;
pub mod roles;
pub mod scim_syncs;
pub mod settings;
pub mod signing_keys;
pub mod tokens;
pub mod tools;
pub mod trusted_issuers;
pub mod uses;

use actix_web::HttpResponse;
use actix_web::web::ServiceConfig;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Api;

/// The routes of every resource.
pub fn configure(config: &mut ServiceConfig) {
    agents::configure(config);
    credentials::configure(config);
    checkpoints::configure(config);
    events::configure(config);
    halt::configure(config);
    identity_providers::configure(config);
    revocations::configure(config);
    tokens::configure(config);
    imports::configure(config);
    keys::configure(config);
    orphans::configure(config);
    resources::configure(config);
    role_bindings::configure(config);
    roles::configure(config);
    scim_syncs::configure(config);
    settings::configure(config);
    signing_keys::configure(config);
    tools::configure(config);
    trusted_issuers::configure(config);
    uses::configure(config);
}

/// The descriptions of every resource.
#[must_use]
pub fn descriptions() -> Vec<Api> {
    vec![
        agents::Description::openapi(),
        credentials::Description::openapi(),
        checkpoints::Description::openapi(),
        events::Description::openapi(),
        halt::Description::openapi(),
        identity_providers::Description::openapi(),
        revocations::Description::openapi(),
        tokens::Description::openapi(),
        imports::Description::openapi(),
        keys::Description::openapi(),
        orphans::Description::openapi(),
        resources::Description::openapi(),
        role_bindings::Description::openapi(),
        roles::Description::openapi(),
        scim_syncs::Description::openapi(),
        settings::Description::openapi(),
        signing_keys::Description::openapi(),
        tools::Description::openapi(),
        trusted_issuers::Description::openapi(),
        uses::Description::openapi(),
    ]
}

/// 200 with a JSON body.
pub fn ok(value: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(value)
}

/// 201 with a JSON body.
pub fn created(value: &impl Serialize) -> HttpResponse {
    HttpResponse::Created().json(value)
}

/// 201 with a JSON body that holds a secret: it is stored nowhere on its way.
pub fn created_once(value: &impl Serialize) -> HttpResponse {
    HttpResponse::Created().insert_header(("Cache-Control", "no-store")).json(value)
}
