//! A JSON request body.
//!
//! Invariant: a route sees a value only if every member was known, single and of its type.

use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::{body, strict};
use crate::dialect::{Dialect, Problem};
use crate::refusal::Refusal;

/// A parsed body, and its bytes for readers that need numbers as they were written.
#[derive(Debug, Clone)]
pub struct Json<T, D = Problem> {
    /// The value.
    pub value: T,
    /// The text it came from.
    pub raw: Bytes,
    dialect: PhantomData<D>,
}

impl<T: DeserializeOwned + 'static, D: Dialect> FromRequest for Json<T, D> {
    type Error = D;
    type Future = LocalBoxFuture<'static, Result<Self, D>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = request.content_type().to_ascii_lowercase();
        let body = body::Body::<{ body::ORDINARY }, D>::from_request(request, payload);
        Box::pin(async move {
            if !(kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")))
            {
                return Err(Refusal::invalid("Content-Type", "must be application/json").into());
            }
            let raw = body.await?.0;
            Ok(Self { value: strict::parse(&raw)?, raw, dialect: PhantomData })
        })
    }
}
