//! SCIM, `/t/{tenant}/scim/v2/…` (RFC 7644 §3.2): the same routes for each resource type.
//!
//! Invariant: whatever is answered below this path is a SCIM message, and what is not a wrong method was
//! authenticated first.

pub mod answer;
pub mod discovery;
pub mod request;
pub mod resources;
pub mod search;

use actix_web::web::{self, ServiceConfig};
use deputy_scim::schema::RESOURCE_TYPES;
use utoipa::OpenApi;
use utoipa::openapi::{OpenApi as Api, PathItem};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    let scope = web::scope("/t/{tenant}/scim/v2").configure(search::configure);
    let scope = RESOURCE_TYPES
        .iter()
        .fold(scope, |scope, one| scope.configure(|config| resources::configure(config, one)));
    config.service(scope.configure(discovery::configure).default_service(web::to(discovery::nowhere)));
}

/// What the API says of itself; `{type}` stands for each resource type.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(
        resources::list, resources::create, resources::read, resources::replace, resources::patch,
        resources::delete, search::run, search::run_all, discovery::schemas, discovery::schema,
        discovery::resource_types, discovery::resource_type, discovery::provider, discovery::me, discovery::bulk,
    ),
    tags((name = "scim", description = "An identity provider says who there is."))
)]
struct Template;

/// The description of every route.
#[must_use]
pub fn description() -> Api {
    let mut document = Template::openapi();
    let template = std::mem::take(&mut document.paths.paths);
    document.paths.paths = template.into_iter().flat_map(|(path, item)| of_each_type(&path, item)).collect();
    document
}

fn of_each_type(path: &str, item: PathItem) -> Vec<(String, PathItem)> {
    if path.contains("/{type}") {
        RESOURCE_TYPES.iter().map(|one| (path.replace("/{type}", one.endpoint), item.clone())).collect()
    } else {
        vec![(path.to_owned(), item)]
    }
}

#[cfg(test)]
mod tests {
    use super::description;

    #[test]
    fn each_type_is_described() {
        let paths = description().paths.paths;
        for path in ["Users", "Groups/{id}", "Agents/.search", ".search", "Schemas/{urn}"] {
            assert!(paths.contains_key(&format!("/t/{{tenant}}/scim/v2/{path}")), "{path}");
        }
        assert!(!paths.keys().any(|path| path.contains("{type}")));
    }
}
