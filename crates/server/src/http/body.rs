//! Reads a request body up to a limit.
//!
//! Invariant: a body over the limit is never kept in memory whole, whatever `Content-Length` says.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{FromRequest, HttpRequest};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use std::marker::PhantomData;

use crate::dialect::{Dialect, Problem};
use crate::refusal::Refusal;

/// The most that any body but an import may have, in bytes.
pub const ORDINARY: usize = 1 << 20;

/// The most that an import may have, in bytes.
pub const IMPORT: usize = 10 << 20;

/// A whole body of at most `LIMIT` bytes; refused in the dialect `D`.
#[derive(Debug, Clone)]
pub struct Body<const LIMIT: usize = ORDINARY, D = Problem>(pub Bytes, PhantomData<D>);

impl<const LIMIT: usize, D: Dialect> FromRequest for Body<LIMIT, D> {
    type Error = D;
    type Future = LocalBoxFuture<'static, Result<Self, D>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let stated =
            request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let payload = payload.take();
        Box::pin(async move { Ok(Self(read(payload, stated, LIMIT).await?, PhantomData)) })
    }
}

/// Reads the payload.
///
/// # Errors
/// `TooLarge` over the limit; `Invalid` for a connection that broke off.
pub async fn read(mut payload: Payload, stated: Option<usize>, limit: usize) -> Result<Bytes, Refusal> {
    let too_large = Refusal::TooLarge { limit_bytes: limit };
    if stated.is_some_and(|stated| stated > limit) {
        return Err(too_large);
    }
    let mut whole = BytesMut::with_capacity(stated.unwrap_or_default().min(limit));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::invalid("body", "could not be read to its end"))?;
        if whole.len() + chunk.len() > limit {
            return Err(too_large);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}
