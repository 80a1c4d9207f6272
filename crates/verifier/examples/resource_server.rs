//! A resource server that asks the verifier before it does anything.
//!
//! ```console
//! $ cargo run --example resource_server -- http://127.0.0.1:8080/t/acme https://crm.example.com/ dpy_…
//! $ curl -H "Authorization: Bearer $TOKEN" -d '{"amount": 120}' http://127.0.0.1:8090/transfer
//! ```

use std::convert::Infallible;
use std::error::Error;

use deputy_verifier::{Presented, Request, Value, Verifier};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const MOST: usize = 64 * 1024;

/// Calls the tool that the path names with the JSON object in the body, if the caller may.
async fn serve(
    verifier: Verifier,
    http: hyper::Request<Incoming>,
) -> Result<Response<String>, Box<dyn Error>> {
    let (head, body) = http.into_parts();
    let field = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let uri = format!("http://127.0.0.1:8090{}", head.uri.path());
    let authorization = field(AUTHORIZATION.as_str()).unwrap_or_default();
    let presented = Presented::from_headers(authorization, field("dpop"), head.method.as_str(), &uri)?;
    let body = Limited::new(body, MOST).collect().await.map_err(|_| "the body is too long")?.to_bytes();
    let arguments = Value::parse(std::str::from_utf8(&body)?)?;
    let tool = head.uri.path().trim_start_matches('/').to_owned();
    let request = Request { tool: Some(tool), arguments, ..Request::default() };
    Ok(match verifier.check(&presented, &request).await.allowed() {
        Ok(claims) => Response::new(format!("done for {}\n", claims.agent.name)),
        Err(reasons) => {
            let reasons = serde_json::to_string(reasons)?;
            Response::builder().status(StatusCode::FORBIDDEN).body(reasons)?
        }
    })
}

async fn answer(verifier: Verifier, http: hyper::Request<Incoming>) -> Result<Response<String>, Infallible> {
    Ok(serve(verifier, http).await.unwrap_or_else(|error| {
        let mut bad = Response::new(format!("{error}\n"));
        *bad.status_mut() = StatusCode::BAD_REQUEST;
        bad
    }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or_else(|| format!("say the {what}"));
    let (issuer, audience, key) = (next("issuer")?, next("audience")?, next("API key")?);
    let verifier = Verifier::builder(&issuer).audience(audience).key(key).start().await?;
    let listener = TcpListener::bind("127.0.0.1:8090").await?;
    loop {
        let (connection, _) = listener.accept().await?;
        let verifier = verifier.clone();
        let service = service_fn(move |http| answer(verifier.clone(), http));
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service),
        );
    }
}
