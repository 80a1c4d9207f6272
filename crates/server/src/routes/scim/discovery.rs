//! What the service offers (RFC 7644 §4), and what it does not: `/Me`, `/Bulk` and paths that nothing is at.
//!
//! A `filter` is refused, lest a client takes the answer for filtered; other parameters of lists are ignored.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use deputy_engine::model::ApiRole;
use deputy_engine::scim::{CURSOR_SECONDS, DEFAULT_PAGE, MOST_PAGE};
use deputy_scim::schema::{
    ProviderConfig, resource_type_document, resource_type_documents, schema_document, schema_documents,
};
use deputy_scim::{ErrorMessage, ListResponse, ResourceType};
use futures_util::future::LocalBoxFuture;
use url::form_urlencoded;

use super::answer;
use crate::config::public_url::PublicUrl;
use crate::dialect::Scim;
use crate::http::api::Api;
use crate::http::methods::resource;
use crate::refusal::Refusal;

/// The keys that may see what is offered.
const READERS: [ApiRole; 3] = [ApiRole::Scim, ApiRole::Admin, ApiRole::Auditor];

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    let get = |path| resource(path, &[Method::GET]);
    config
        .service(get("/Schemas").route(web::get().to(schemas)))
        .service(get("/Schemas/{urn}").route(web::get().to(schema)))
        .service(get("/ResourceTypes").route(web::get().to(resource_types)))
        .service(get("/ResourceTypes/{name}").route(web::get().to(resource_type)))
        .service(get("/ServiceProviderConfig").route(web::get().to(provider)))
        .service(web::resource("/Me").to(me))
        .service(web::resource("/Bulk").to(bulk));
}

/// A call by a key that may see what is offered, without a filter.
#[derive(Debug)]
pub struct Looking {
    /// The base URL of the tenant's service.
    base: String,
}

impl FromRequest for Looking {
    type Error = Scim;
    type Future = LocalBoxFuture<'static, Result<Self, Scim>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let api = Api::<Scim>::extract(&request).await?;
            api.caller.require(&READERS)?;
            require_unfiltered(request.query_string())?;
            Ok(Self { base: api.engine.scim_base(&api.view) })
        })
    }
}

fn require_unfiltered(query: &str) -> Result<(), Refusal> {
    let mut names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
    if names.any(|name| name.eq_ignore_ascii_case("filter")) {
        return Err(Refusal::scim(ErrorMessage::plain(403, "what is offered here cannot be filtered")));
    }
    Ok(())
}

/// Every schema.
///
/// # Errors
/// 403 for a filter, and for a role that may not.
#[utoipa::path(get, path = "/t/{tenant}/scim/v2/Schemas", tag = "scim", params(("tenant" = String, Path)), responses((status = 200, description = "A list of schemas (RFC 7643 section 7)"), (status = 403, description = "With a filter")))]
pub async fn schemas(looking: Looking) -> HttpResponse {
    answer::message(&ListResponse::complete(schema_documents(&looking.base)).body())
}

/// One schema.
///
/// # Errors
/// 404; 403 as above.
#[utoipa::path(get, path = "/t/{tenant}/scim/v2/Schemas/{urn}", tag = "scim", params(("tenant" = String, Path), ("urn" = String, Path)), responses((status = 200, description = "The schema (RFC 7643 section 7)"), (status = 404, description = "No such schema")))]
pub async fn schema(looking: Looking, path: Path<(String, String)>) -> Result<HttpResponse, Scim> {
    let document = schema_document(&path.1, &looking.base).ok_or(Refusal::NotFound)?;
    Ok(answer::message(&document))
}

/// Every resource type.
///
/// # Errors
/// 403 for a filter, and for a role that may not.
#[utoipa::path(get, path = "/t/{tenant}/scim/v2/ResourceTypes", tag = "scim", params(("tenant" = String, Path)), responses((status = 200, description = "A list of resource types (RFC 7643 section 6)"), (status = 403, description = "With a filter")))]
pub async fn resource_types(looking: Looking) -> HttpResponse {
    answer::message(&ListResponse::complete(resource_type_documents(&looking.base)).body())
}

/// One resource type.
///
/// # Errors
/// 404; 403 as above.
#[utoipa::path(get, path = "/t/{tenant}/scim/v2/ResourceTypes/{name}", tag = "scim", params(("tenant" = String, Path), ("name" = String, Path)), responses((status = 200, description = "The resource type (RFC 7643 section 6)"), (status = 404, description = "No such resource type")))]
pub async fn resource_type(looking: Looking, path: Path<(String, String)>) -> Result<HttpResponse, Scim> {
    let one = ResourceType::find(&path.1).ok_or(Refusal::NotFound)?;
    Ok(answer::message(&resource_type_document(one, &looking.base)))
}

/// What the service can do.
///
/// # Errors
/// 403 for a filter, and for a role that may not.
#[utoipa::path(get, path = "/t/{tenant}/scim/v2/ServiceProviderConfig", tag = "scim", params(("tenant" = String, Path)), responses((status = 200, description = "The configuration (RFC 7643 section 5, RFC 9865 section 4)")))]
pub async fn provider(looking: Looking, public_url: web::Data<PublicUrl>) -> HttpResponse {
    let config = ProviderConfig {
        documentation: Some(format!("{}/docs", public_url.as_str())),
        default_page: DEFAULT_PAGE,
        most_page: MOST_PAGE,
        cursor_seconds: CURSOR_SECONDS,
    };
    answer::message(&config.document(&looking.base))
}

/// Not offered: a key is nobody's own account (RFC 7644 §3.11).
///
/// # Errors
/// 501.
#[utoipa::path(get, path = "/t/{tenant}/scim/v2/Me", tag = "scim", params(("tenant" = String, Path)), responses((status = 501, description = "Not offered, whatever the method")))]
pub async fn me(api: Api<Scim>) -> Result<HttpResponse, Scim> {
    not_offered(&api, "a key is no resource: /Me is not offered")
}

/// Not offered, as the configuration says (RFC 7644 §3.7).
///
/// # Errors
/// 501.
#[utoipa::path(post, path = "/t/{tenant}/scim/v2/Bulk", tag = "scim", params(("tenant" = String, Path)), responses((status = 501, description = "Not offered")))]
pub async fn bulk(api: Api<Scim>) -> Result<HttpResponse, Scim> {
    not_offered(&api, "bulk operations are not offered")
}

fn not_offered(api: &Api<Scim>, said: &str) -> Result<HttpResponse, Scim> {
    api.caller.require(&READERS)?;
    Err(Refusal::scim(ErrorMessage::plain(501, said)).into())
}

/// A path that nothing is at, said to those who may ask.
///
/// # Errors
/// 404.
pub async fn nowhere(_: Api<Scim>) -> Result<HttpResponse, Scim> {
    Err(Refusal::NotFound.into())
}

#[cfg(test)]
mod tests {
    use super::require_unfiltered;
    use crate::refusal::Refusal;

    #[test]
    fn only_a_filter_is_refused() {
        for query in ["", "count=abc&startIndex=0&attributes=id&sortBy=filter", "x=filter", "filters=1"] {
            assert_eq!(require_unfiltered(query), Ok(()), "{query}");
        }
        for query in ["filter=id+pr", "count=1&FILTER=id%20pr", "filter", "f%69lter="] {
            let refused = require_unfiltered(query);
            assert!(matches!(refused, Err(Refusal::Scim(error)) if error.status == 403), "{query}");
        }
    }
}
