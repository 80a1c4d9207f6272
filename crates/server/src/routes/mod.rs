//! The routes, a file each; a route parses, calls one use case and answers in its dialect.
//!
//! Invariant: a route that is not listed in [`configure`] does not exist, and each
//! that a program may call has its entry in [`openapi`].

pub mod access;
pub mod api;
pub mod assets;
pub mod audit_keys;
pub mod dashboard;
pub mod docs;
pub mod health;
pub mod jwks;
pub mod oauth;
pub mod openapi;
pub mod revocations;
pub mod scim;
pub mod tenants;
pub mod well_known;

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};

use crate::http::methods::resource;

/// Every route. Patterns are tried in this order, so what is asked most stands first.
pub fn configure(config: &mut ServiceConfig) {
    oauth::configure(config);
    access::configure(config);
    api::configure(config);
    scim::configure(config);
    audit_keys::configure(config);
    revocations::configure(config);
    jwks::configure(config);
    tenants::configure(config);
    well_known::configure(config);
    dashboard::configure(config);
    let get = [Method::GET];
    config
        .service(resource("/healthz", &get).route(web::get().to(health::alive)))
        .service(resource("/readyz", &get).route(web::get().to(health::ready)))
        .service(resource("/openapi.json", &get).route(web::get().to(openapi::show)))
        .service(resource("/docs", &get).route(web::get().to(docs::first)))
        .service(resource("/docs/{slug}", &get).route(web::get().to(docs::show)))
        .service(resource("/static/{version}/{name}", &get).route(web::get().to(assets::show)));
}
