//! Uses: the meters of credentials that may be exercised a number of times.
//!
//! Invariant: a debit counts on every meter of a chain or on none, and a repeated key counts once. Debits
//! happen inside the writer's transaction, which holds the tenant's lock: two never see the same count.

use deputy_mandate::Instant;
use sea_orm::{ConnectionTrait, Value};

use crate::{StoreError, TenantRead, TenantTx, sql};

/// A credential's meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// The credential, by id.
    pub credential: String,
    /// How often it, and everything below it, may be exercised.
    pub most: u64,
}

/// One use of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debit {
    /// The credential that is used, by id.
    pub credential: String,
    /// Its own meter and those of its ancestors.
    pub meters: Vec<Meter>,
    /// What makes a repeated request one use, and a digest of that request.
    pub key: Option<(String, String)>,
    /// When the credential ends, and with it what is remembered here.
    pub expires_at: Instant,
}

/// What became of a debit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debited {
    /// It counted, on every meter.
    Counted,
    /// It had counted before under the same key.
    Repeated,
    /// A meter has run out; nothing was counted.
    Exhausted {
        /// What that meter allowed.
        most: u64,
    },
    /// The key was used for another request; nothing was counted.
    OtherRequest,
}

/// Longer than any credential lives, as an ancestor's meter may outlive the credential that is used.
const KEPT_SECS: i64 = 24 * 3600;

impl TenantRead<'_> {
    /// What a debit would come to.
    pub async fn rehearse_debit(&self, debit: &Debit) -> Result<Debited, StoreError> {
        if let Some((id, request)) = &debit.key {
            let text = "SELECT request FROM use_keys WHERE tenant = ? AND credential = ? AND id = ?";
            let row = self.one(text, vec![debit.credential.as_str().into(), id.as_str().into()]).await?;
            if let Some(row) = row {
                let known: String = row.try_get("", "request")?;
                return Ok(if known == *request { Debited::Repeated } else { Debited::OtherRequest });
            }
        }
        for meter in &debit.meters {
            let text = "SELECT used FROM meters WHERE tenant = ? AND credential = ?";
            let row = self.one(text, vec![meter.credential.as_str().into()]).await?;
            let used: i64 = row.map_or(Ok(0), |row| row.try_get("", "used"))?;
            if u64::try_from(used).unwrap_or(0) >= meter.most {
                return Ok(Debited::Exhausted { most: meter.most });
            }
        }
        Ok(Debited::Counted)
    }
}

impl TenantTx<'_> {
    /// Counts one use on every meter, or on none.
    pub async fn debit(&mut self, debit: &Debit) -> Result<Debited, StoreError> {
        let outcome = self.rehearse_debit(debit).await?;
        if outcome != Debited::Counted {
            return Ok(outcome);
        }
        let kept = debit.expires_at.max(self.now()).plus_secs(KEPT_SECS).0;
        for meter in &debit.meters {
            let text = "INSERT INTO meters (tenant, credential, used, expires_at) VALUES (?, ?, 1, ?) \
                        ON CONFLICT (tenant, credential) DO UPDATE SET used = meters.used + 1";
            self.run(text, vec![meter.credential.as_str().into(), kept.into()]).await?;
        }
        if let Some((id, request)) = &debit.key {
            let text =
                "INSERT INTO use_keys (tenant, credential, id, request, expires_at) VALUES (?, ?, ?, ?, ?)";
            let values: Vec<Value> = vec![
                debit.credential.as_str().into(),
                id.as_str().into(),
                request.as_str().into(),
                kept.into(),
            ];
            self.run(text, values).await?;
        }
        Ok(outcome)
    }

    /// Remembers uses by credential, id and digest; the (credential, id) of those that were not known.
    pub async fn keep_uses(
        &mut self,
        uses: &[(String, String, String)],
        until: Instant,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let head = "INSERT INTO use_keys (tenant, credential, id, request, expires_at)";
        let values = uses.iter().flat_map(|(credential, id, request)| -> [Value; 5] {
            let texts = [self.tenant, credential.as_str(), id.as_str(), request.as_str()];
            let [tenant, credential, id, request] = texts.map(Value::from);
            [tenant, credential, id, request, until.0.into()]
        });
        let tail = " ON CONFLICT DO NOTHING RETURNING credential, id";
        let mut new = Vec::new();
        for statement in sql::inserts(self.backend, head, tail, 5, values.collect()) {
            for row in self.conn.query_all_raw(statement).await? {
                new.push((row.try_get("", "credential")?, row.try_get("", "id")?));
            }
        }
        Ok(new)
    }

    /// Forgets the meters and keys of credentials that have ended.
    pub async fn delete_uses(&mut self, now: Instant) -> Result<u64, StoreError> {
        let meters =
            self.run("DELETE FROM meters WHERE tenant = ? AND expires_at < ?", vec![now.0.into()]).await?;
        let keys =
            self.run("DELETE FROM use_keys WHERE tenant = ? AND expires_at < ?", vec![now.0.into()]).await?;
        Ok(meters.rows_affected() + keys.rows_affected())
    }
}
