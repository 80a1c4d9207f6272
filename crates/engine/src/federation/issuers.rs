//! Trusted issuers: who signs workloads' tokens, and where their keys are.
//!
//! Invariant: an issuer is trusted for workloads alone, and only those that a credential names. A trust domain
//! (`spiffe://…`) has the keys of its bundle, whichever way it is given.

use std::{collections::BTreeSet, sync::Arc};

use deputy_federation::{
    assertion::{Expected, Purpose},
    keys::{KeySource, svid_keys},
    spiffe,
};
use deputy_mandate::{Instant, Value};
use deputy_store::{
    TenantRead,
    event::rfc3339,
    model::{IssuerKeys, TrustedIssuer},
};
use deputy_token::keys::{Jwk, JwkSet};
use serde::Serialize;

use super::providers::require_other;
use crate::{
    Caller, Engine, Refusal, entries, listing,
    page::{Page, Paging},
    view::TenantView,
};

const MEMBERS: [&str; 6] = ["issuer", "description", "jwks_uri", "jwks", "bundle_uri", "bundle"];

/// A trusted issuer.
#[derive(Debug, Clone, Serialize)]
pub struct ShownTrustedIssuer {
    /// Opaque id.
    pub id: String,
    /// The members of its entry.
    #[serde(flatten)]
    pub body: IssuerBody,
    /// Where its keys are: `discovery`, `jwks_uri`, `jwks`, `bundle_uri`, `bundle`.
    pub keys_from: &'static str,
    /// What a workload's token must have as its only audience.
    pub audience: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

/// The members of an issuer's entry, as it is written and merged over.
#[derive(Debug, Clone, Serialize)]
pub struct IssuerBody {
    /// Its issuer.
    pub issuer: String,
    /// What it is, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where its key set is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Its key set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<serde_json::Value>,
    /// Where its trust bundle is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle_uri: Option<String>,
    /// Its trust bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<serde_json::Value>,
}

impl IssuerBody {
    fn of(issuer: &TrustedIssuer) -> Self {
        let mut body = Self {
            issuer: issuer.issuer.clone(),
            description: issuer.description.clone(),
            jwks_uri: None,
            jwks: None,
            bundle_uri: None,
            bundle: None,
        };
        match &issuer.keys {
            IssuerKeys::Discovery => {}
            IssuerKeys::JwksUri(uri) => body.jwks_uri = Some(uri.clone()),
            IssuerKeys::BundleUri(uri) => body.bundle_uri = Some(uri.clone()),
            IssuerKeys::Jwks(keys) => body.jwks = Some(serde_json::json!({"keys": keys})),
            IssuerKeys::Bundle(keys) => body.bundle = Some(bundle_of(keys)),
        }
        body
    }
}

impl ShownTrustedIssuer {
    fn of(view: &TenantView, issuer: &TrustedIssuer) -> Self {
        Self {
            id: issuer.id.clone(),
            body: IssuerBody::of(issuer),
            keys_from: match &issuer.keys {
                IssuerKeys::Discovery => "discovery",
                IssuerKeys::JwksUri(_) => "jwks_uri",
                IssuerKeys::Jwks(_) => "jwks",
                IssuerKeys::BundleUri(_) => "bundle_uri",
                IssuerKeys::Bundle(_) => "bundle",
            },
            audience: view.issuer.to_string(),
            created_at: rfc3339(issuer.created_at),
            updated_at: rfc3339(issuer.updated_at),
        }
    }
}

impl Engine {
    /// Trusted issuers in the order in which they were made.
    pub fn trusted_issuers(
        &self,
        view: &TenantView,
        caller: &Caller,
        paging: &Paging,
    ) -> Result<Page<ShownTrustedIssuer>, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let all = state.trusted_issuers.values().map(|one| (one.id.as_str(), one));
        Ok(listing::page(all, paging)?.map(|one| ShownTrustedIssuer::of(view, one)))
    }

    /// One trusted issuer, by id or issuer.
    pub fn trusted_issuer(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
    ) -> Result<ShownTrustedIssuer, Refusal> {
        caller.require_reader()?;
        let found = find_issuer(view, id).ok_or(Refusal::NotFound)?;
        Ok(ShownTrustedIssuer::of(view, &found))
    }

    /// Trusts an issuer.
    pub async fn create_trusted_issuer(
        &self,
        view: &TenantView,
        caller: &Caller,
        body: &Value,
    ) -> Result<ShownTrustedIssuer, Refusal> {
        caller.require_admin()?;
        let (by, id, now) = (caller.clone(), self.inner.sources.id()?, self.inner.sources.now());
        let issuer = self.read_issuer(body, &id, None, now)?;
        require_other(view, &issuer.issuer)?;
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                if tx.find_named::<TrustedIssuer>(&issuer.issuer).await?.is_some() {
                    return Err(Refusal::conflict(format!("`{}` is trusted already", issuer.issuer)));
                }
                tx.insert(&issuer).await?;
                let detail = serde_json::json!({"id": issuer.id, "issuer": issuer.issuer});
                tx.changed(&issuer, by.event("trusted_issuer.created").detail(&detail));
                Ok(issuer)
            })
        });
        Ok(ShownTrustedIssuer::of(view, &change.await?.0))
    }

    /// Changes a trusted issuer: a merge patch over its entry, or a whole entry in its place.
    pub async fn change_trusted_issuer(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
        body: Value,
        replaces: bool,
    ) -> Result<ShownTrustedIssuer, Refusal> {
        caller.require_admin()?;
        let (engine, by, wanted) = (self.clone(), caller.clone(), id.to_owned());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let before = require(tx, &wanted).await?;
                let shown = entries::body_of(&IssuerBody::of(&before))?;
                let body = if replaces { body } else { entries::merged(shown.clone(), &body)? };
                let after = engine.read_issuer(&body, &before.id, Some(&before), tx.now())?;
                if after.issuer != before.issuer {
                    return Err(Refusal::invalid(
                        "issuer",
                        "an issuer cannot be changed: credentials name it; trust another",
                    ));
                }
                tx.update(&after).await?;
                let changes = entries::changes(&shown, &entries::body_of(&IssuerBody::of(&after))?);
                let detail = serde_json::json!({"id": after.id, "issuer": after.issuer, "changes": changes});
                tx.changed(&after, by.event("trusted_issuer.changed").detail(&detail));
                Ok(after)
            })
        });
        Ok(ShownTrustedIssuer::of(view, &change.await?.0))
    }

    /// Trusts an issuer no more: its workloads cannot authenticate from now on. What they were issued lives until
    /// it expires or is revoked.
    pub async fn delete_trusted_issuer(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
    ) -> Result<(), Refusal> {
        caller.require_admin()?;
        let (by, wanted) = (caller.clone(), id.to_owned());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let issuer = require(tx, &wanted).await?;
                tx.delete::<TrustedIssuer>(&issuer.id).await?;
                let detail = serde_json::json!({"id": issuer.id, "issuer": issuer.issuer});
                tx.changed(&issuer, by.event("trusted_issuer.deleted").detail(&detail));
                Ok(())
            })
        });
        change.await.map(drop)
    }

    fn read_issuer(
        &self,
        body: &Value,
        id: &str,
        before: Option<&TrustedIssuer>,
        now: Instant,
    ) -> Result<TrustedIssuer, Refusal> {
        entries::require_known(body, &MEMBERS)?;
        let issuer: String = entries::member(body, "issuer")?.ok_or_else(|| {
            Refusal::invalid("issuer", "is missing: what the workloads' tokens say as `iss`")
        })?;
        let keys = self.read_keys(body)?;
        let is_domain = issuer.strip_prefix("spiffe://").map(spiffe::is_trust_domain);
        match (is_domain, &keys) {
            (Some(false), _) => {
                return Err(Refusal::invalid(
                    "issuer",
                    "is not a trust domain such as spiffe://prod.acme.com",
                ));
            }
            (Some(true), IssuerKeys::Bundle(_) | IssuerKeys::BundleUri(_)) => {}
            (Some(true), _) => {
                return Err(Refusal::invalid(
                    "bundle_uri",
                    "a trust domain has a `bundle_uri` or a `bundle`",
                ));
            }
            (None, IssuerKeys::Bundle(_) | IssuerKeys::BundleUri(_)) => {
                return Err(Refusal::invalid("issuer", "a bundle is a trust domain's: `spiffe://…`"));
            }
            (None, IssuerKeys::Discovery) => self.check_address("issuer", &issuer)?,
            (None, _) if issuer.is_empty() || issuer.len() > 1024 || issuer.contains(char::is_control) => {
                return Err(Refusal::invalid("issuer", "has 1 to 1024 bytes and no control characters"));
            }
            (None, _) => {}
        }
        let description: Option<String> = entries::member(body, "description")?;
        if description.as_ref().is_some_and(|text| text.len() > 1024 || text.contains('\0')) {
            return Err(Refusal::invalid("description", "has at most 1024 bytes"));
        }
        let created_at = before.map_or(now, |before| before.created_at);
        Ok(TrustedIssuer { id: id.to_owned(), issuer, keys, description, created_at, updated_at: now })
    }

    fn read_keys(&self, body: &Value) -> Result<IssuerKeys, Refusal> {
        let jwks_uri: Option<String> = entries::member(body, "jwks_uri")?;
        let bundle_uri: Option<String> = entries::member(body, "bundle_uri")?;
        let document =
            |name: &str| entries::members(body).ok()?.get(name).filter(|value| **value != Value::Null);
        let keys_of = |name: &'static str, keys: Result<JwkSet, deputy_token::keys::JwkError>| match keys {
            Ok(set) if set.keys.is_empty() => {
                Err(Refusal::invalid(name, "holds no signature key of a supported type"))
            }
            Ok(set) => Ok(set.keys),
            Err(error) => Err(Refusal::invalid(name, error.to_string())),
        };
        match (jwks_uri, document("jwks"), bundle_uri, document("bundle")) {
            (None, None, None, None) => Ok(IssuerKeys::Discovery),
            (Some(uri), None, None, None) => {
                self.check_address("jwks_uri", &uri)?;
                Ok(IssuerKeys::JwksUri(uri))
            }
            (None, Some(set), None, None) => {
                Ok(IssuerKeys::Jwks(keys_of("jwks", JwkSet::parse(&set.to_canonical()))?))
            }
            (None, None, Some(uri), None) => {
                self.check_address("bundle_uri", &uri)?;
                Ok(IssuerKeys::BundleUri(uri))
            }
            (None, None, None, Some(bundle)) => {
                Ok(IssuerKeys::Bundle(keys_of("bundle", svid_keys(&bundle.to_canonical()))?))
            }
            _ => Err(Refusal::invalid(
                "",
                "names keys in more than one place: write one of `jwks_uri`, `jwks`, `bundle_uri`, `bundle`, or none for discovery",
            )),
        }
    }
}

/// A trusted issuer by id or issuer.
pub(super) fn find_issuer(view: &TenantView, id: &str) -> Option<Arc<TrustedIssuer>> {
    let state = view.read();
    let found = state.trusted_issuers.get(id);
    found.or_else(|| state.trusted_issuers.values().find(|one| one.id == id)).cloned()
}

/// How a workload's token of an issuer is judged. Only the keys of a trust domain say who issued a JWT-SVID.
pub(super) fn expected_of<'e>(issuer: &'e TrustedIssuer, audiences: &'e BTreeSet<String>) -> Expected<'e> {
    if issuer.issuer.starts_with("spiffe://") {
        return Expected { issuer: None, audiences, purpose: Purpose::Svid };
    }
    Expected { issuer: Some(&issuer.issuer), audiences, purpose: Purpose::Workload }
}

/// Where the cache finds the keys of an issuer.
pub(super) fn source_of(issuer: &TrustedIssuer) -> KeySource {
    let fixed = |keys: &[Jwk]| KeySource::Fixed(Arc::new(JwkSet { keys: keys.to_vec() }));
    match &issuer.keys {
        IssuerKeys::Discovery => KeySource::Discovery { issuer: issuer.issuer.clone() },
        IssuerKeys::JwksUri(uri) => KeySource::Url { jwks_uri: uri.clone() },
        IssuerKeys::BundleUri(uri) => KeySource::Bundle { url: uri.clone() },
        IssuerKeys::Jwks(keys) | IssuerKeys::Bundle(keys) => fixed(keys),
    }
}

/// Keys in the form of a bundle: each says what it signs (SPIFFE Trust Domain and Bundle section 4.2.1).
pub(super) fn bundle_of(keys: &[Jwk]) -> serde_json::Value {
    let entry = |jwk: &Jwk| {
        let mut entry = serde_json::to_value(jwk).unwrap_or_default();
        if let Some(members) = entry.as_object_mut() {
            members.insert("use".to_owned(), "jwt-svid".into());
        }
        entry
    };
    serde_json::json!({"keys": keys.iter().map(entry).collect::<Vec<_>>()})
}

async fn require(read: &TenantRead<'_>, id: &str) -> Result<TrustedIssuer, Refusal> {
    match read.find(id).await? {
        Some(issuer) => Ok(issuer),
        None => read.find_named(id).await?.ok_or(Refusal::NotFound),
    }
}
