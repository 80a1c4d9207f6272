//! The one HTTP client of the verbs.
//!
//! Invariant: a key goes into the `Authorization` header of the given server and nowhere else: no redirect is
//! followed, and nothing secret is put into a URL.

use std::error::Error as _;
use std::time::Duration;

use clap::Args;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use url::Url;

use super::Failure;
use super::output::Output;

/// Which server, as whom, for which tenant.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub struct Remote {
    /// The server
    #[arg(
        long,
        env = "DEPUTY_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:8080",
        hide_env_values = true
    )]
    pub server: String,
    /// An API key
    #[arg(long, env = "DEPUTY_KEY", value_name = "KEY", hide_env_values = true, hide_default_value = true)]
    pub key: Option<String>,
    /// The tenant's slug
    #[arg(long, env = "DEPUTY_TENANT", value_name = "SLUG", hide_env_values = true)]
    pub tenant: Option<String>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub output: Output,
}

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    remote: Remote,
}

impl Client {
    /// Checks the arguments; nothing is sent yet.
    ///
    /// # Errors
    /// `Usage` for a server that is no URL.
    pub fn new(remote: Remote) -> Result<Self, Failure> {
        let base = Url::parse(&remote.server)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| {
                Failure::Usage(format!("`{}` (--server, DEPUTY_SERVER) is not an http(s) URL", remote.server))
            })?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .build()
            .map_err(|error| Failure::Answer(error.to_string()))?;
        Ok(Self { http, base, remote })
    }

    /// How to print.
    #[must_use]
    pub fn output(&self) -> Output {
        self.remote.output
    }

    /// Whether a key was given.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.remote.key.as_ref().is_some_and(|key| !key.is_empty())
    }

    /// The tenant.
    ///
    /// # Errors
    /// `Usage` if none was given.
    pub fn tenant(&self) -> Result<&str, Failure> {
        self.remote
            .tenant
            .as_deref()
            .filter(|slug| !slug.is_empty())
            .ok_or_else(|| Failure::Usage("which tenant? give --tenant or DEPUTY_TENANT".to_owned()))
    }

    /// A URL of the server; each segment is escaped.
    #[must_use]
    pub fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// A request to the tenant's management API, with the key.
    ///
    /// # Errors
    /// `Usage` without a tenant or a key.
    pub fn api(&self, method: Method, segments: &[&str]) -> Result<RequestBuilder, Failure> {
        let mut path = vec!["t", self.tenant()?, "api", "v1"];
        path.extend(segments);
        self.with_key(self.http.request(method, self.url(&path)))
    }

    /// A request to another endpoint of the tenant, without the key.
    ///
    /// # Errors
    /// `Usage` without a tenant.
    pub fn endpoint(&self, method: Method, segments: &[&str]) -> Result<RequestBuilder, Failure> {
        let mut path = vec!["t", self.tenant()?];
        path.extend(segments);
        Ok(self.http.request(method, self.url(&path)))
    }

    /// A request to the installation, without a key.
    pub fn installation(&self, segments: &[&str]) -> RequestBuilder {
        self.http.get(self.url(segments))
    }

    /// Adds the key.
    ///
    /// # Errors
    /// `Usage` without one.
    pub fn with_key(&self, request: RequestBuilder) -> Result<RequestBuilder, Failure> {
        match self.remote.key.as_deref().filter(|key| !key.is_empty()) {
            Some(key) => Ok(request.bearer_auth(key)),
            None => Err(Failure::Usage("which key? give --key or DEPUTY_KEY".to_owned())),
        }
    }

    /// Sends, and hands back the answer if it is a success.
    ///
    /// # Errors
    /// `Refused` with the server's words, or `Unreachable`.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.text().await.unwrap_or_default();
        Err(refused(status, &headers, &body))
    }

    /// Sends, and reads the answer as JSON; an empty answer is `null`.
    ///
    /// # Errors
    /// As [`Client::send`], and `Answer` for what is no JSON.
    pub async fn json(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let body = self.send(request).await?.bytes().await.map_err(|error| self.unreachable(&error))?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|error| Failure::Answer(error.to_string()))
    }

    /// Reads every page of a list.
    ///
    /// # Errors
    /// As [`Client::json`].
    pub async fn all(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Vec<Value>, Failure> {
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut request = self.api(Method::GET, segments)?.query(query).query(&[("limit", "200")]);
            if let Some(cursor) = &cursor {
                request = request.query(&[("cursor", cursor)]);
            }
            let mut page = self.json(request).await?;
            if let Some(Value::Array(found)) = page.get_mut("items").map(Value::take) {
                items.extend(found);
            }
            let next = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
            if next.is_none() || next == cursor {
                return Ok(items);
            }
            cursor = next;
        }
    }

    /// The failure of a connection, in its innermost words and without the URL's path.
    #[must_use]
    pub fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let mut cause: &dyn std::error::Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let cause =
            if error.source().is_some() { cause.to_string() } else { "the connection failed".to_owned() };
        Failure::Unreachable { server: self.base.origin().ascii_serialization(), cause }
    }
}

/// One line out of problem+json, OAuth JSON or anything else.
fn refused(status: StatusCode, headers: &HeaderMap, body: &str) -> Failure {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let of = |name: &str| json.get(name).and_then(Value::as_str).map(super::output::visible);
    let short = |urn: String| urn.rsplit(':').next().unwrap_or_default().to_owned();
    let code = of("error").or_else(|| of("type").map(short)).unwrap_or_default();
    let mut said =
        of("error_description").or_else(|| of("detail")).or_else(|| of("title")).unwrap_or_else(|| {
            let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("nothing");
            format!("the server answered with {kind}")
        });
    for problem in json.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let at = |name: &str| problem.get(name).map(super::output::text).unwrap_or_default();
        let place = match (at("line"), at("column")) {
            (line, column) if !line.is_empty() => format!("line {line}, column {column}: "),
            _ => String::new(),
        };
        said.push_str(&format!("\n  {place}{}: {}", at("field"), super::output::visible(&at("message"))));
    }
    let hint = match status.as_u16() {
        401 => "; is the key whole, and of this tenant? (--key, DEPUTY_KEY, --tenant, DEPUTY_TENANT)",
        _ => "",
    };
    Failure::Refused { status: status.as_u16(), code, said, hint }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::{Client, Remote, refused};
    use crate::cli::output::Output;

    #[test]
    fn a_problem_becomes_a_line_that_helps() {
        let line = |body: &str| refused(StatusCode::BAD_REQUEST, &HeaderMap::new(), body).to_string();
        assert_eq!(
            line(
                r#"{"type":"urn:deputy:problem:invalid","detail":"`owners`: must name someone","field":"owners"}"#
            ),
            "refused (400 invalid): `owners`: must name someone"
        );
        assert_eq!(
            line(r#"{"error":"invalid_scope","error_description":"nothing of it is granted"}"#),
            "refused (400 invalid_scope): nothing of it is granted"
        );
        let many = line(
            r#"{"detail":"2 problems","errors":[{"field":"a","line":3,"column":9,"message":"is used"}]}"#,
        );
        assert!(many.ends_with("2 problems\n  line 3, column 9: a: is used"), "{many}");
    }

    #[test]
    fn a_name_cannot_leave_its_place_in_a_url() {
        let remote = Remote {
            server: "http://127.0.0.1:1/".into(),
            key: Some("k".into()),
            tenant: Some("../x".into()),
            output: Output::Text,
        };
        let client = Client::new(remote).expect("good");
        let url = client.url(&["t", client.tenant().expect("given"), "api", "a/b"]);
        assert_eq!(url.as_str(), "http://127.0.0.1:1/t/..%2Fx/api/a%2Fb");
    }
}
