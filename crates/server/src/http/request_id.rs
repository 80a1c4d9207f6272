//! The id that an answer, its log lines and its events share.
//!
//! Invariant: a client's own id is taken only if it cannot break a log line or a page.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use uuid::Uuid;

/// The header, both ways.
pub const HEADER: &str = "x-request-id";

/// The longest id taken from a client, in bytes.
const LONGEST: usize = 64;

/// The id of one request. As an extractor it is the one that the frame has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The client's id if there is exactly one and it is a plain token, else a fresh UUIDv7.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut sent = headers.get_all(HEADER);
        match (sent.next().and_then(|value| value.to_str().ok()), sent.next()) {
            (Some(id), None) if is_plain(id) => Self(id.to_owned()),
            _ => Self(Uuid::now_v7().to_string()),
        }
    }

    /// The id as it is logged and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_plain(id: &str) -> bool {
    (8..=LONGEST).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

impl FromRequest for RequestId {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<Self>().cloned();
        ready(Ok(known.unwrap_or_else(|| Self::of(request.headers()))))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::{HEADER, RequestId};

    #[test]
    fn a_plain_id_is_kept_and_any_other_replaced() {
        let of = |id: &str| {
            let request = TestRequest::default().insert_header((HEADER, id)).to_http_request();
            RequestId::of(request.headers()).as_str().to_owned()
        };
        assert_eq!(of("req-0123.abc"), "req-0123.abc");
        for bad in ["short", "has space here", "<script>1</script>", &"x".repeat(65)] {
            assert_eq!(of(bad).len(), 36, "{bad}");
        }
        let twice = TestRequest::default()
            .append_header((HEADER, "req-0123.abc"))
            .append_header((HEADER, "req-0123.abd"))
            .to_http_request();
        assert_eq!(RequestId::of(twice.headers()).as_str().len(), 36);
    }
}
