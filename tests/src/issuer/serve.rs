//! The HTTP server of an issuer: which path is answered with what, and how badly.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::behaviour::{Answer, Behaviour, drip, endless};
use super::sign_in::Reply;
use super::{AUTHORIZE, DISCOVERY, JWKS, SPIFFE_BUNDLE, Shared, TOKEN};

/// The answer that a request does not get.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed without an answer")
    }
}

impl std::error::Error for Closed {}

/// Connections live in this task: who ends it ends them.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((connection, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let shared = shared.clone();
        let service = service_fn(move |request| answer(shared.clone(), request));
        let server = hyper::server::conn::http1::Builder::new();
        connections.spawn(server.serve_connection(TokioIo::new(connection), service));
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Answer, Closed> {
    let base = shared.under.trim_end_matches('/');
    let Some(path) = request.uri().path().strip_prefix(base).map(str::to_owned) else {
        return Ok(text(404, "not of this issuer"));
    };
    let (behaviour, cache) = {
        let mut state = shared.state();
        *state.hits.entry(path.clone()).or_default() += 1;
        let documents = &state.documents;
        (
            documents.behaviours.get(&path).cloned().unwrap_or_default(),
            documents.cache_control.get(&path).cloned(),
        )
    };
    let mut answer = match behaviour {
        Behaviour::Right => right(&shared, &path, request).await,
        Behaviour::Status(status) => {
            let mut answer = right(&shared, &path, request).await;
            *answer.status_mut() = status.try_into().expect("a status");
            answer
        }
        Behaviour::Redirect(to) => redirect(&to),
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Drip(pause) => {
            let whole = whole(right(&shared, &path, request).await).await;
            json_answer(Either::Right(drip(whole, pause)))
        }
        Behaviour::Huge => {
            let whole = whole(right(&shared, &path, request).await).await;
            let mut whole: Value = serde_json::from_str(&whole).unwrap_or_else(|_| json!({}));
            whole["padding"] = json!("x".repeat(2 * 1024 * 1024));
            json_answer(full(&whole.to_string()))
        }
        Behaviour::Endless => json_answer(Either::Right(endless())),
        Behaviour::Text(text) => json_answer(full(&text)),
        Behaviour::Close => return Err(Closed),
    };
    if let Some(cache) = cache {
        answer.headers_mut().insert(CACHE_CONTROL, cache.parse().expect("a header"));
    }
    Ok(answer)
}

async fn right(shared: &Shared, path: &str, request: Request<Incoming>) -> Answer {
    match (request.method(), path) {
        (&Method::GET, DISCOVERY) => json_answer(full(&shared.discovery().to_string())),
        (&Method::GET, JWKS) => json_answer(full(&shared.jwks().to_string())),
        (&Method::GET, SPIFFE_BUNDLE) => json_answer(full(&shared.bundle().to_string())),
        (&Method::GET, AUTHORIZE) => match shared.authorize(request.uri().query().unwrap_or_default()) {
            Reply::Redirect(to) => redirect(&to),
            Reply::Json(status, body) => with_status(status, &body),
        },
        (&Method::POST, TOKEN) => {
            let authorization = request.headers().get("authorization").cloned();
            let authorization = authorization.as_ref().and_then(|value| value.to_str().ok());
            let Ok(body) = request.into_body().collect().await else { return text(400, "no body") };
            let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            let (status, body) = shared.token(authorization, &body);
            let mut answer = with_status(status, &body);
            answer.headers_mut().insert(CACHE_CONTROL, "no-store".parse().expect("a header"));
            answer
        }
        _ => text(404, "nothing here"),
    }
}

async fn whole(answer: Answer) -> String {
    let body = answer.into_body().collect().await.expect("a body of ours does not fail");
    String::from_utf8_lossy(&body.to_bytes()).into_owned()
}

fn full<R>(text: &str) -> Either<Full<Bytes>, R> {
    Either::Left(Full::new(Bytes::copy_from_slice(text.as_bytes())))
}

fn json_answer(body: Either<Full<Bytes>, super::behaviour::Slow>) -> Answer {
    let mut answer = Response::new(body);
    answer.headers_mut().insert(CONTENT_TYPE, "application/json".parse().expect("a header"));
    answer
}

fn with_status(status: u16, body: &Value) -> Answer {
    let mut answer = json_answer(full(&body.to_string()));
    *answer.status_mut() = status.try_into().expect("a status");
    answer
}

fn text(status: u16, text: &str) -> Answer {
    let mut answer = Response::new(full(text));
    *answer.status_mut() = status.try_into().expect("a status");
    answer
}

fn redirect(to: &str) -> Answer {
    let mut answer = text(302, "");
    answer.headers_mut().insert(LOCATION, to.parse().expect("a header"));
    answer
}
