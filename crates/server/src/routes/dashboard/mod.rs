//! `/t/{tenant}/…`: the dashboard, a file a page.
//!
//! Invariant: a page is shown only to a session of its tenant ([`signed::Signed`]), and a form is taken only
//! with that session's form token ([`signed::Submitted`]); what a role may do is decided by the engine alone.

pub mod agent;
pub mod agents;
pub mod ceiling;
pub mod connect;
pub mod done;
pub mod events;
pub mod halt;
pub mod identity_providers;
pub mod orphans;
pub mod overview;
pub mod provider_entry;
pub mod provider_sign_in;
pub mod revoke;
pub mod rows;
pub mod setup;
pub mod sign_in;
pub mod signed;
pub mod start;
pub mod trial;
pub mod trusted_issuers;

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};

use crate::http::methods::{get_alone, resource, spending_resource};

/// The routes. `/agents/{id}` and the like stand below what is asked more often.
pub fn configure(config: &mut ServiceConfig) {
    let (get, post, both) = ([Method::GET], [Method::POST], [Method::GET, Method::POST]);
    config
        .service(resource("/", &get).route(web::get().to(start::show)))
        .service(resource("/open", &get).route(web::get().to(start::open)))
        .service(
            resource("/setup", &both).route(web::get().to(setup::show)).route(web::post().to(setup::submit)),
        )
        .service(resource("/t/{tenant}", &get).route(web::get().to(overview::with_slash)))
        .service(resource("/t/{tenant}/", &get).route(web::get().to(overview::show)))
        .service(
            spending_resource("/t/{tenant}/sign-in", &both)
                .route(get_alone().to(sign_in::show))
                .route(web::post().to(sign_in::submit)),
        )
        .service(resource("/t/{tenant}/sign-in/begin", &post).route(web::post().to(provider_sign_in::begin)))
        .service(
            spending_resource("/t/{tenant}/sign-in/callback", &get)
                .route(get_alone().to(provider_sign_in::come_back)),
        )
        .service(
            resource("/t/{tenant}/sign-in/logout", &post).route(web::post().to(provider_sign_in::logout)),
        )
        .service(resource("/t/{tenant}/sign-out", &post).route(web::post().to(sign_in::leave)))
        .service(resource("/t/{tenant}/agents", &get).route(web::get().to(agents::show)))
        .service(resource("/t/{tenant}/agents/{id}", &get).route(web::get().to(agent::show)))
        .service(resource("/t/{tenant}/agents/{id}/suspend", &post).route(web::post().to(agent::suspend)))
        .service(
            resource("/t/{tenant}/agents/{id}/reactivate", &post).route(web::post().to(agent::reactivate)),
        )
        .service(resource("/t/{tenant}/orphans", &get).route(web::get().to(orphans::show)))
        .service(resource("/t/{tenant}/orphans/{id}/assign", &post).route(web::post().to(orphans::assign)))
        .service(resource("/t/{tenant}/orphans/{id}/accept", &post).route(web::post().to(orphans::accept)))
        .service(
            resource("/t/{tenant}/connect", &both)
                .route(web::get().to(connect::show))
                .route(web::post().to(connect::create)),
        )
        .service(resource("/t/{tenant}/connect/keys/{id}/end", &post).route(web::post().to(connect::end)))
        .service(resource("/t/{tenant}/events", &get).route(web::get().to(events::show)))
        .service(resource("/t/{tenant}/events/stream", &get).route(web::get().to(events::follow)))
        .service(
            resource("/t/{tenant}/revoke", &both)
                .route(web::get().to(revoke::show))
                .route(web::post().to(revoke::submit)),
        )
        .service(
            resource("/t/{tenant}/halt", &both)
                .route(web::get().to(halt::show))
                .route(web::post().to(halt::set)),
        )
        .service(resource("/t/{tenant}/halt/approvals/{id}", &post).route(web::post().to(halt::approve)));
    vouching(config);
}

/// Who vouches for people and for workloads.
fn vouching(config: &mut ServiceConfig) {
    let (get, post, both) = ([Method::GET], [Method::POST], [Method::GET, Method::POST]);
    config
        .service(
            resource("/t/{tenant}/identity-providers", &both)
                .route(web::get().to(identity_providers::list))
                .route(web::post().to(provider_entry::create)),
        )
        .service(
            resource("/t/{tenant}/identity-providers/new", &get).route(web::get().to(provider_entry::new)),
        )
        .service(
            resource("/t/{tenant}/identity-providers/{id}", &get)
                .route(web::get().to(identity_providers::show)),
        )
        .service(
            resource("/t/{tenant}/identity-providers/{id}/edit", &both)
                .route(web::get().to(provider_entry::edit))
                .route(web::post().to(provider_entry::change)),
        )
        .service(
            resource("/t/{tenant}/identity-providers/{id}/delete", &post)
                .route(web::post().to(identity_providers::delete)),
        )
        .service(
            resource("/t/{tenant}/identity-providers/{id}/test", &post)
                .route(web::post().to(identity_providers::test)),
        )
        .service(
            resource("/t/{tenant}/identity-providers/{id}/rules", &post)
                .route(web::post().to(identity_providers::add_rule)),
        )
        .service(
            resource("/t/{tenant}/identity-providers/{id}/rules/remove", &post)
                .route(web::post().to(identity_providers::remove_rule)),
        )
        .service(
            resource("/t/{tenant}/trusted-issuers", &both)
                .route(web::get().to(trusted_issuers::list))
                .route(web::post().to(trusted_issuers::create)),
        )
        .service(
            resource("/t/{tenant}/trusted-issuers/{id}", &get).route(web::get().to(trusted_issuers::show)),
        )
        .service(
            resource("/t/{tenant}/trusted-issuers/{id}/delete", &post)
                .route(web::post().to(trusted_issuers::delete)),
        )
        .service(
            resource("/t/{tenant}/trusted-issuers/{id}/test", &post)
                .route(web::post().to(trusted_issuers::test)),
        );
}
