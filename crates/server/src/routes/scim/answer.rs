//! The answers that have a resource: which status, which headers, and when no body (RFC 7644 §3.3 to 3.5).
//!
//! Invariant: an answer about one resource says its entity tag (§3.14).

use actix_web::HttpResponse;
use actix_web::http::header::{ETAG, LOCATION};
use deputy_engine::scim::ScimAnswer;
use deputy_scim::{Precondition, Projection, ResourceType};
use serde_json::Value;

use crate::dialect::scim::MEDIA_TYPE;
use crate::refusal::Refusal;

/// 200 with a message that is about no one resource.
pub fn message(body: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type(MEDIA_TYPE).body(body.to_string())
}

/// 200 with a resource.
pub fn resource(read: &ScimAnswer) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(MEDIA_TYPE)
        .insert_header((ETAG, read.etag.as_str()))
        .body(read.body.to_string())
}

/// 201 with a resource, and where it is.
pub fn created(made: &ScimAnswer) -> HttpResponse {
    HttpResponse::Created()
        .content_type(MEDIA_TYPE)
        .insert_header((ETAG, made.etag.as_str()))
        .insert_header((LOCATION, made.location.as_str()))
        .body(made.body.to_string())
}

/// A resource that is read under conditions: 304 for a client that has this version.
///
/// # Errors
/// `Precondition` for a condition that does not hold.
pub fn conditional(read: &ScimAnswer, precondition: Precondition) -> Result<HttpResponse, Refusal> {
    match precondition {
        Precondition::Holds => Ok(resource(read)),
        Precondition::NotModified => {
            Ok(HttpResponse::NotModified().insert_header((ETAG, read.etag.as_str())).finish())
        }
        Precondition::Failed => Err(Refusal::Precondition),
    }
}

/// A resource that was patched. A group is answered with 204 unless attributes are asked for (§3.5.2): its members
/// may be many thousand.
pub fn patched(kind: &ResourceType, projection: &Projection, patched: &ScimAnswer) -> HttpResponse {
    if !projection.shows_patched(kind) {
        return HttpResponse::NoContent().insert_header((ETAG, patched.etag.as_str())).finish();
    }
    resource(patched)
}

#[cfg(test)]
mod tests {
    use actix_web::HttpResponse;
    use actix_web::body::MessageBody as _;
    use deputy_engine::scim::ScimAnswer;
    use deputy_scim::{AGENT, GROUP, Precondition, Projection, USER};
    use serde_json::json;

    use super::{conditional, created, patched};
    use crate::refusal::Refusal;

    fn answer() -> ScimAnswer {
        let location = "https://deputy.example/t/acme/scim/v2/Users/7".to_owned();
        ScimAnswer { body: json!({"id": "7"}), etag: "W/\"3\"".to_owned(), location }
    }

    /// Status, `ETag`, `Location` and body.
    fn said(response: HttpResponse) -> (u16, Option<String>, Option<String>, String) {
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let (status, etag, location) = (response.status().as_u16(), header("etag"), header("location"));
        let kind = header("content-type");
        let body = response.into_body().try_into_bytes().expect("a whole body");
        assert_eq!(kind.as_deref() == Some("application/scim+json"), !body.is_empty());
        (status, etag, location, String::from_utf8(body.to_vec()).expect("text"))
    }

    fn tagged(status: u16, body: &str) -> (u16, Option<String>, Option<String>, String) {
        (status, Some(answer().etag), None, body.to_owned())
    }

    #[test]
    fn what_was_made_says_where_it_is() {
        let (status, etag, location, body) = said(created(&answer()));
        assert_eq!((status, etag, location), (201, Some(answer().etag), Some(answer().location)));
        assert_eq!(body, r#"{"id":"7"}"#);
    }

    #[test]
    fn a_version_that_the_client_has_is_not_sent_again() {
        let read = |precondition| conditional(&answer(), precondition).map(said);
        assert_eq!(read(Precondition::Holds), Ok(tagged(200, r#"{"id":"7"}"#)));
        assert_eq!(read(Precondition::NotModified), Ok(tagged(304, "")));
        assert_eq!(read(Precondition::Failed), Err(Refusal::Precondition));
    }

    #[test]
    fn a_patched_group_is_shown_only_when_asked_for() {
        let patched = |kind, query| {
            let projection = Projection::from_query(query, kind).expect("a query");
            said(patched(kind, &projection, &answer()))
        };
        for (kind, query) in [(&USER, ""), (&AGENT, ""), (&GROUP, "attributes=displayName")] {
            assert_eq!(patched(kind, query), tagged(200, r#"{"id":"7"}"#), "{} {query}", kind.name);
        }
        for query in ["", "excludedAttributes=members"] {
            assert_eq!(patched(&GROUP, query), tagged(204, ""), "{query}");
        }
    }
}
