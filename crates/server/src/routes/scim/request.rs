//! What a SCIM request says, before the engine is asked.
//!
//! Invariant: who calls is settled first, then whether they may, then what the request means: a caller who may not
//! never learns what is wrong with a body.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use deputy_engine::model::ApiRole;
use deputy_engine::scim::ScimTarget;
use deputy_engine::view::TenantView;
use deputy_engine::{Caller, Engine};
use deputy_scim::{ErrorMessage, Precondition, Projection, ResourceType, check_preconditions, parse_body};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

use crate::dialect::Scim;
use crate::dialect::scim::MEDIA_TYPE;
use crate::http::api::Api;
use crate::http::body::{Body, ORDINARY};
use crate::refusal::Refusal;

/// The keys that provision.
const PROVISIONERS: [ApiRole; 2] = [ApiRole::Scim, ApiRole::Admin];

/// The resource types that a route is for, kept with the route.
#[derive(Debug, Clone, Copy)]
pub struct Types(pub &'static [&'static ResourceType]);

/// A call by a key that provisions.
#[derive(Debug)]
pub struct Call {
    /// The engine.
    pub engine: web::Data<Engine>,
    /// The tenant.
    pub view: Arc<TenantView>,
    /// Who calls.
    pub caller: Caller,
    /// The types that the path is about: one, or all at the root.
    pub types: &'static [&'static ResourceType],
    /// The query string as it came.
    pub query: String,
    id: String,
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl Call {
    /// The resource type of a path that is about one.
    ///
    /// # Errors
    /// `Internal` for a route that was set up without one.
    pub fn kind(&self) -> Result<&'static ResourceType, Refusal> {
        self.types.first().copied().ok_or(Refusal::Internal)
    }

    /// The resource in the path, and under which conditions it may be changed.
    ///
    /// # Errors
    /// As [`Call::kind`].
    pub fn target(&self) -> Result<ScimTarget<'_>, Refusal> {
        let (if_match, if_none_match) = (self.if_match.as_deref(), self.if_none_match.as_deref());
        Ok(ScimTarget { kind: self.kind()?, id: &self.id, if_match, if_none_match })
    }

    /// What the answer is to have of the resource.
    ///
    /// # Errors
    /// `Scim` for a malformed query.
    pub fn projection(&self) -> Result<Projection, Refusal> {
        Projection::from_query(&self.query, self.kind()?).map_err(Refusal::scim)
    }

    /// Notes for the tenant's administrators how the request went, and passes that on.
    ///
    /// # Errors
    /// Those of the outcome.
    pub fn noted<T>(&self, outcome: Result<T, Refusal>) -> Result<T, Scim> {
        let said = outcome.as_ref().err().filter(|refusal| !matches!(refusal, Refusal::NotFound));
        let said = said.map(ToString::to_string);
        self.engine.note_sync(&self.view, &self.caller, said.as_deref());
        outcome.map_err(Scim)
    }

    /// What the conditions of a read come to for a resource with this tag.
    pub fn read_precondition(&self, etag: &str) -> Precondition {
        check_preconditions(self.if_match.as_deref(), self.if_none_match.as_deref(), Some(etag), true)
    }
}

impl FromRequest for Call {
    type Error = Scim;
    type Future = LocalBoxFuture<'static, Result<Self, Scim>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Api { engine, view, caller, .. } = Api::<Scim>::extract(&request).await?;
            caller.require(&PROVISIONERS)?;
            let Types(types) = request.app_data::<Types>().copied().ok_or(Refusal::Internal)?;
            let id = request.match_info().get("id").unwrap_or_default().to_owned();
            let query = request.query_string().to_owned();
            let if_match = list(request.headers(), IF_MATCH);
            let if_none_match = list(request.headers(), IF_NONE_MATCH);
            Ok(Self { engine, view, caller, types, query, id, if_match, if_none_match })
        })
    }
}

/// A call with a message as its body.
#[derive(Debug)]
pub struct Message {
    /// The call.
    pub call: Call,
    /// The message.
    pub body: Map<String, Value>,
}

impl FromRequest for Message {
    type Error = Scim;
    type Future = LocalBoxFuture<'static, Result<Self, Scim>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let call = Call::extract(&request).await?;
            call.noted(require_json(request.content_type()))?;
            let body = Body::<ORDINARY, Scim>::from_request(&request, &mut payload).await?;
            let body = call.noted(parse_body(&body.0).map_err(Refusal::scim))?;
            Ok(Self { call, body })
        })
    }
}

/// RFC 7644 §3.8 lets clients call it JSON; one that says nothing is taken at its body.
fn require_json(kind: &str) -> Result<(), Refusal> {
    if ["", MEDIA_TYPE, "application/json"].iter().any(|taken| kind.eq_ignore_ascii_case(taken)) {
        return Ok(());
    }
    let said = "the body must be application/scim+json or application/json";
    Err(Refusal::scim(ErrorMessage::plain(415, said)))
}

/// A header that is a list, which may stand on several lines (RFC 9110 §5.3).
fn list(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let lines: Vec<_> = headers.get_all(name).map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::IF_MATCH;
    use actix_web::test::TestRequest;

    use super::{list, require_json};
    use crate::refusal::Refusal;

    #[test]
    fn a_body_is_json_or_says_nothing() {
        for kind in ["", "application/scim+json", "Application/SCIM+JSON", "application/json"] {
            assert_eq!(require_json(kind), Ok(()), "{kind}");
        }
        for kind in
            ["text/plain", "application/xml", "application/problem+json", "application/x-www-form-urlencoded"]
        {
            let refused = require_json(kind);
            assert!(matches!(refused, Err(Refusal::Scim(error)) if error.status == 415), "{kind}");
        }
    }

    #[test]
    fn a_condition_on_several_lines_is_one_list() {
        let sent = |lines: &[&[u8]]| {
            let mut request = TestRequest::default();
            for line in lines {
                request = request.append_header((IF_MATCH, *line));
            }
            list(request.to_http_request().headers(), IF_MATCH)
        };
        assert_eq!(sent(&[]), None);
        assert_eq!(sent(&[b"W/\"1\""]).as_deref(), Some("W/\"1\""));
        assert_eq!(sent(&[b"W/\"1\"", b"W/\"2\""]).as_deref(), Some("W/\"1\", W/\"2\""));
        assert!(sent(&[b"\xff"]).is_some(), "an unreadable condition is still one");
    }
}
