//! A call that asks and changes nothing: decisions, at whatever rate a service needs them.
//!
//! Invariant: authenticated exactly as [`super::api::Api`] is, failures counted alike; only the share of
//! writes is not taken from, since what it writes is its own event.

use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use deputy_engine::view::TenantView;
use deputy_engine::{Caller, Engine};
use futures_util::future::LocalBoxFuture;

use super::api::{engine, guarded, request_id};
use super::bearer;
use crate::dialect::{Dialect, Problem};
use crate::refusal::Refusal;

/// The tenant and the authenticated caller of such a call.
#[derive(Debug)]
pub struct Asking<D = Problem> {
    /// The engine.
    pub engine: web::Data<Engine>,
    /// The tenant.
    pub view: Arc<TenantView>,
    /// Who asks.
    pub caller: Caller,
    dialect: PhantomData<D>,
}

impl<D: Dialect> FromRequest for Asking<D> {
    type Error = D;
    type Future = LocalBoxFuture<'static, Result<Self, D>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let engine = engine(&request)?;
            let view = match engine.tenant(request.match_info().get("tenant").unwrap_or_default()).await {
                Err(Refusal::NotFound) => None,
                found => Some(found?),
            };
            let (view, caller) = guarded(&request, async {
                let key = bearer::find(request.headers()).ok_or(Refusal::Unauthenticated)?;
                let view = view.ok_or(Refusal::Unauthenticated)?;
                let caller = engine.authenticate(&view, &key, request_id(&request))?;
                Ok((view, caller))
            })
            .await?;
            Ok(Self { engine, view, caller, dialect: PhantomData })
        })
    }
}
