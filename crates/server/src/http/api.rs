//! Who calls which tenant: the extractors that a route begins with.
//!
//! Invariant: a route under `/t/{tenant}/api/v1` sees a tenant only together with a caller that the
//! tenant knows. An unknown tenant, a foreign key and an unknown key are one and the same 401.

use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, web};
use deputy_engine::view::TenantView;
use deputy_engine::{Caller, Engine};
use futures_util::future::LocalBoxFuture;

use super::limits::{Limits, Who};
use super::request_id::RequestId;
use super::{bearer, client};
use crate::dialect::{Dialect, Problem};
use crate::refusal::Refusal;

/// The engine, wherever a request arrives.
///
/// # Errors
/// `Internal` when the server was put together without one.
pub fn engine(request: &HttpRequest) -> Result<web::Data<Engine>, Refusal> {
    request.app_data::<web::Data<Engine>>().cloned().ok_or(Refusal::Internal)
}

/// The id of the request, for its events.
pub fn request_id(request: &HttpRequest) -> Option<String> {
    use actix_web::HttpMessage as _;
    request.extensions().get::<RequestId>().map(|id| id.as_str().to_owned())
}

/// Whom a limit counts: the tenant in the path and the client's address.
pub fn who(request: &HttpRequest) -> Who {
    let tenant = request.match_info().get("tenant").unwrap_or_default().to_owned();
    Who { tenant, client: client::address(request).to_string() }
}

/// The tenant in the path, for routes that everybody may ask, or that authenticate in their own way.
#[derive(Debug)]
pub struct Tenant<D = Problem> {
    /// The engine.
    pub engine: web::Data<Engine>,
    /// The tenant.
    pub view: Arc<TenantView>,
    /// The request's id.
    pub request_id: Option<String>,
    dialect: PhantomData<D>,
}

impl<D: Dialect> FromRequest for Tenant<D> {
    type Error = D;
    type Future = LocalBoxFuture<'static, Result<Self, D>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let engine = engine(&request)?;
            let view = engine.tenant(request.match_info().get("tenant").unwrap_or_default()).await?;
            Ok(Self { engine, view, request_id: request_id(&request), dialect: PhantomData })
        })
    }
}

/// An authenticated call of a tenant's management API.
#[derive(Debug)]
pub struct Api<D = Problem> {
    /// The engine.
    pub engine: web::Data<Engine>,
    /// The tenant.
    pub view: Arc<TenantView>,
    /// Who calls.
    pub caller: Caller,
    dialect: PhantomData<D>,
}

impl<D: Dialect> FromRequest for Api<D> {
    type Error = D;
    type Future = LocalBoxFuture<'static, Result<Self, D>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let engine = engine(&request)?;
            let (view, caller) = limited(&request, async {
                let key = bearer::find(request.headers()).ok_or(Refusal::Unauthenticated)?;
                let slug = request.match_info().get("tenant").unwrap_or_default();
                let view = engine.tenant(slug).await.map_err(|refusal| match refusal {
                    Refusal::NotFound => Refusal::Unauthenticated,
                    other => other,
                })?;
                let caller = engine.authenticate(&view, &key, request_id(&request))?;
                Ok((view, caller))
            })
            .await?;
            Ok(Self { engine, view, caller, dialect: PhantomData })
        })
    }
}

/// An authenticated call of the installation's API.
#[derive(Debug)]
pub struct Platform<D = Problem> {
    /// The engine.
    pub engine: web::Data<Engine>,
    /// Who calls: a platform key.
    pub caller: Caller,
    dialect: PhantomData<D>,
}

impl<D: Dialect> FromRequest for Platform<D> {
    type Error = D;
    type Future = LocalBoxFuture<'static, Result<Self, D>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let engine = engine(&request)?;
            let caller = limited(&request, async {
                let key = bearer::find(request.headers()).ok_or(Refusal::Unauthenticated)?;
                engine.authenticate_platform(&key, request_id(&request)).await
            })
            .await?;
            Ok(Self { engine, caller, dialect: PhantomData })
        })
    }
}

/// Runs an authentication under the limits: a client that failed too often is not even looked at, and
/// what changes things takes from the client's and the tenant's share of writes.
///
/// # Errors
/// The authentication's own refusal, or `TooMany`.
pub async fn limited<T>(
    request: &HttpRequest,
    authentication: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let limits = request.app_data::<web::Data<Limits>>().cloned().ok_or(Refusal::Internal)?;
    let who = who(request);
    limits.admit(&who)?;
    let authenticated = authentication.await.map_err(|refusal| match refusal {
        Refusal::Unauthenticated => limits.failed(&who, refusal),
        other => other,
    })?;
    if *request.method() != Method::GET {
        limits.write(&who)?;
    }
    Ok(authenticated)
}

/// Runs a client's authentication under the limit of failures; issuing itself is not limited here.
///
/// # Errors
/// The authentication's own refusal, or `TooMany`.
pub async fn guarded<T>(
    request: &HttpRequest,
    authentication: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let limits = request.app_data::<web::Data<Limits>>().ok_or(Refusal::Internal)?;
    let who = who(request);
    limits.admit(&who)?;
    authentication.await.map_err(|refusal| match refusal {
        // Nobody failed when nobody could be asked.
        Refusal::Unavailable { .. } => refusal,
        refusal => limits.failed(&who, refusal),
    })
}
