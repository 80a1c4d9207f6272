//! A thin HTTP client: a base, a key, and answers that explain themselves when they are not what a test said.

use std::ops::Index;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// Requests below one base URL, with a bearer key or none.
#[derive(Clone, Debug)]
pub struct Api {
    http: Client,
    base: String,
    key: Option<String>,
}

impl Api {
    /// Requests below `base` (no trailing slash), without a key.
    pub fn new(http: Client, base: &str) -> Self {
        Self { http, base: base.to_owned(), key: None }
    }

    /// The same with this key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// The same without a key.
    #[must_use]
    pub fn without_key(&self) -> Self {
        Self { key: None, ..self.clone() }
    }

    /// The same, further down.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        Self { base: self.url(path), ..self.clone() }
    }

    /// The bearer key, if it has one.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The URL that `path` (with its leading slash) means here.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A request to be filled further; finish it with [`Api::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, self.url(path));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().expect("a well-formed request");
        let asked = format!("{} {}", request.method(), request.url());
        let response =
            self.http.execute(request).await.unwrap_or_else(|error| panic!("{asked}: no answer: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_else(|error| panic!("{asked}: answer cut off: {error:?}"));
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { asked, status, headers, text, json }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// PUT of JSON.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// PATCH of JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// POST of a form; a name may stand twice.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.request(Method::POST, path).form(fields)).await
    }

    /// A body as it is, of any type: for imports and for what is malformed.
    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        self.send(self.request(method, path).header(CONTENT_TYPE, content_type).body(body.into())).await
    }
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    asked: String,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON, `Null` when it is not.
    pub json: Value,
}

impl Answer {
    /// The answer itself, if it has this status.
    ///
    /// # Panics
    /// With the request, the status and the body, when it has another.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered {}: {}", self.asked, self.status, self.text);
        self
    }

    /// An OAuth error (RFC 6749 §5.2): this status, this `error`, not to be stored.
    #[track_caller]
    pub fn is_oauth_error(self, status: u16, error: &str) -> Self {
        let answer = self.is(status);
        assert_eq!(answer.json["error"], error, "{}: {}", answer.asked, answer.text);
        let kind = answer.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("application/json"), "{}: {kind}", answer.asked);
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"), "{}", answer.asked);
        answer
    }

    /// A problem document (RFC 9457): this status in the head and in the body, and a `type`.
    #[track_caller]
    pub fn is_problem(self, status: u16) -> Self {
        let answer = self.is(status);
        assert_eq!(
            answer.header("content-type").as_deref(),
            Some("application/problem+json"),
            "{}",
            answer.asked
        );
        assert!(answer.json["type"].is_string(), "{}: {}", answer.asked, answer.text);
        assert_eq!(answer.json["status"], status, "{}: {}", answer.asked, answer.text);
        answer
    }

    /// A SCIM error (RFC 7644 §3.12): this status in the head and in the body, this `scimType` or none.
    #[track_caller]
    pub fn is_scim_error(self, status: u16, scim_type: Option<&str>) -> Self {
        let answer = self.is(status);
        let kind = answer.header("content-type");
        assert_eq!(kind.as_deref(), Some("application/scim+json"), "{}", answer.asked);
        let schemas = serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"]);
        assert_eq!(answer.json["schemas"], schemas, "{}: {}", answer.asked, answer.text);
        assert_eq!(answer.json["status"], status.to_string(), "{}: {}", answer.asked, answer.text);
        assert_eq!(answer.json["scimType"].as_str(), scim_type, "{}: {}", answer.asked, answer.text);
        answer
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    /// A string member of the JSON body.
    #[track_caller]
    pub fn text_of(&self, member: &str) -> String {
        match self.json[member].as_str() {
            Some(text) => text.to_owned(),
            None => panic!("{}: no string `{member}` in {}", self.asked, self.text),
        }
    }

    /// The members `items` of a list.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        match self.json["items"].as_array() {
            Some(items) => items,
            None => panic!("{}: no list in {}", self.asked, self.text),
        }
    }
}

impl Index<&str> for Answer {
    type Output = Value;

    fn index(&self, member: &str) -> &Value {
        &self.json[member]
    }
}
