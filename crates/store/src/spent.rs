//! What may be used once: client assertions (RFC 7523 §3) and proofs of possession (RFC 9449 §11.1).
//!
//! Invariant: it is marked inside the transaction of what it is used for, so that of two uses, on whatever
//! server, one commits. A `jti` is written by the other side, so its digest is kept.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use deputy_mandate::Instant;
use deputy_token::freshness::Once;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sha2::{Digest as _, Sha256};

use crate::{StoreError, TenantRead, TenantTx, sql};

/// Something that may be used once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spend {
    /// A client's assertion.
    Assertion {
        /// The client, by id.
        client: String,
        /// The assertion's `jti`.
        jti: String,
        /// When it may be forgotten.
        until: Instant,
    },
    /// A proof of possession.
    Proof(Once),
}

impl Spend {
    /// Marks it as used; affects no row when it was used before.
    pub(crate) fn statement(&self, backend: DbBackend, tenant: &str) -> Statement {
        match self {
            Self::Assertion { client, jti, until } => {
                let text = "INSERT INTO spent_assertions (tenant, client, jti, expires_at) VALUES (?, ?, ?, ?) \
                            ON CONFLICT DO NOTHING";
                let values = vec![tenant.into(), client.as_str().into(), jti.as_str().into(), until.0.into()];
                sql::statement(backend, text, values)
            }
            Self::Proof(once) => {
                let text = "INSERT INTO spent_proofs (tenant, jkt, jti, expires_at) VALUES (?, ?, ?, ?) \
                            ON CONFLICT DO NOTHING";
                let values =
                    vec![tenant.into(), once.jkt.as_str().into(), digest(once).into(), once.until.0.into()];
                sql::statement(backend, text, values)
            }
        }
    }
}

/// Of bounded length, and without what a database could not hold.
fn digest(once: &Once) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(&once.jti))
}

impl TenantRead<'_> {
    /// Whether a proof was used before.
    pub async fn is_spent(&self, once: &Once) -> Result<bool, StoreError> {
        let text = "SELECT 1 FROM spent_proofs WHERE tenant = ? AND jkt = ? AND jti = ?";
        Ok(self.one(text, vec![once.jkt.as_str().into(), digest(once).into()]).await?.is_some())
    }
}

impl TenantTx<'_> {
    /// Marks something as used; false when it was used before.
    pub async fn spend(&mut self, spend: &Spend) -> Result<bool, StoreError> {
        let statement = spend.statement(self.backend, self.tenant);
        Ok(self.conn.execute_raw(statement).await?.rows_affected() == 1)
    }
}
