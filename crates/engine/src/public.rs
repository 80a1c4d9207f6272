//! What everybody may know of a tenant: its keys and its metadata.

use std::collections::BTreeSet;

use deputy_mandate::Scope;
use deputy_oauth::metadata::Metadata;
use deputy_token::keys::JwkSet;

use crate::{Engine, view::TenantView};

impl Engine {
    /// The tenant's key set (RFC 7517 §5): next, current, and retired keys until their tokens have
    /// expired. It is answered from memory, also while the database is away.
    #[must_use]
    pub fn key_set(&self, view: &TenantView) -> JwkSet {
        JwkSet { keys: self.published_keys(view) }
    }

    /// The tenant's authorization server metadata (RFC 8414); its scopes are those that its roles name.
    #[must_use]
    pub fn metadata(&self, view: &TenantView) -> Metadata {
        let state = view.read();
        let scopes: BTreeSet<&Scope> = state.roles.values().flat_map(|role| &role.scopes).collect();
        let scopes = scopes.into_iter().map(|scope| scope.as_str().to_owned()).collect();
        Metadata::new(&view.issuer, &self.inner.installation.public_url, scopes)
    }
}
