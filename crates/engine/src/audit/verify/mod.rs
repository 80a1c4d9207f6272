//! Verifying an exported log, without trusting the server that made it.
//!
//! Every line must be byte for byte an event: its `hash` fits its text, its `prev` the event before, its
//! `seq` leaves no gap. Checkpoints, signed by keys that their holder has from elsewhere, say what the
//! hash at their position is; so neither a change, nor a removal, nor a rewritten end goes unseen.

use std::collections::BTreeMap;

use deputy_store::event::{GENESIS, hash};
use deputy_token::{
    checkpoint::{Checkpoint, CheckpointError},
    keys::JwkSet,
};
use serde::Deserialize;

/// What was found wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditProblem {
    /// The line is no event.
    #[error("line {line}: is not an event")]
    NotAnEvent {
        /// Counted from 1.
        line: usize,
    },
    /// The content was changed, or the hash was.
    #[error("line {line}: the hash of event {seq} does not fit its content: it was changed")]
    Changed {
        /// Counted from 1.
        line: usize,
        /// The position that the event claims.
        seq: i64,
    },
    /// Events are missing, repeated or swapped.
    #[error("line {line}: event {found} follows event {before}")]
    Gap {
        /// Counted from 1.
        line: usize,
        /// The position before.
        before: i64,
        /// The position found.
        found: i64,
    },
    /// The event does not follow from the one before it.
    #[error("line {line}: event {seq} does not follow from the event before it")]
    Broken {
        /// Counted from 1.
        line: usize,
        /// The position of the event.
        seq: i64,
    },
    /// There is nothing to verify.
    #[error("the export holds no event")]
    Empty,
    /// A checkpoint that is none, or that none of the keys signed.
    #[error("checkpoint {number}: {cause}")]
    Checkpoint {
        /// Counted from 1.
        number: usize,
        /// What is wrong with it.
        cause: CheckpointError,
    },
    /// A checkpoint of another tenant among them.
    #[error("the checkpoint of event {seq} is of tenant `{found}`, others are of `{expected}`")]
    OtherTenant {
        /// Its position.
        seq: i64,
        /// Its tenant.
        found: String,
        /// The first one's.
        expected: String,
    },
    /// A signed checkpoint says otherwise: the log was rewritten.
    #[error("event {seq} is not the one that was signed at that position: the log was rewritten")]
    Rewritten {
        /// The position.
        seq: i64,
    },
    /// A signed checkpoint covers events that are not there: the end was cut off.
    #[error("the log ends at event {last}, but event {signed} was signed: its end is missing")]
    CutOff {
        /// The last event.
        last: i64,
        /// The checkpoint's position.
        signed: i64,
    },
}

/// What the first event follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// It is the log's first.
    Genesis,
    /// A signed checkpoint covers the event before it, which is kept no more.
    Checkpoint,
    /// Nothing proves what came before.
    Unproved,
}

/// A log that is as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedLog {
    /// How many events.
    pub events: u64,
    /// The first position.
    pub first: i64,
    /// The last position.
    pub last: i64,
    /// What the first event follows from.
    pub start: Start,
    /// The last position that a signed checkpoint covers; events after it could still be rewritten unseen.
    pub signed_through: Option<i64>,
}

#[derive(Deserialize)]
struct Link<'a> {
    seq: i64,
    prev: &'a str,
}

/// Verifies an export line by line, so that a long one need not fit in memory.
#[derive(Debug, Default)]
pub struct LogVerifier {
    /// Hashes that were signed, by position.
    signed: BTreeMap<i64, String>,
    line: usize,
    run: Option<Run>,
}

#[derive(Debug)]
struct Run {
    events: u64,
    first: i64,
    last: i64,
    hash: String,
    start: Start,
    signed_through: Option<i64>,
}

impl LogVerifier {
    /// A verifier that knows these checkpoints, each signed by one of the keys.
    ///
    /// # Errors
    /// [`AuditProblem`] for a checkpoint that cannot be trusted, or of two tenants.
    pub fn new<'c>(
        checkpoints: impl IntoIterator<Item = &'c str>,
        keys: &JwkSet,
    ) -> Result<Self, AuditProblem> {
        let mut signed = BTreeMap::new();
        let mut tenant: Option<String> = None;
        for (index, sealed) in checkpoints.into_iter().enumerate() {
            let find = |kid: &str| keys.keys.iter().find(|key| key.kid() == Some(kid)).map(|key| key.key());
            let checkpoint = Checkpoint::verify(sealed, find)
                .map_err(|cause| AuditProblem::Checkpoint { number: index + 1, cause })?;
            let expected = tenant.get_or_insert_with(|| checkpoint.tenant.clone());
            if *expected != checkpoint.tenant {
                let (seq, expected) = (checkpoint.seq, expected.clone());
                return Err(AuditProblem::OtherTenant { seq, found: checkpoint.tenant, expected });
            }
            let known = signed.insert(checkpoint.seq, checkpoint.hash.clone());
            if known.is_some_and(|known| known != checkpoint.hash) {
                return Err(AuditProblem::Rewritten { seq: checkpoint.seq });
            }
        }
        Ok(Self { signed, line: 0, run: None })
    }

    /// Verifies the next line; empty ones are passed over.
    ///
    /// # Errors
    /// [`AuditProblem`]; what follows is not worth looking at then.
    pub fn line(&mut self, text: &str) -> Result<(), AuditProblem> {
        self.line += 1;
        let line = self.line;
        if text.is_empty() {
            return Ok(());
        }
        let (body, stated) = split(text).ok_or(AuditProblem::NotAnEvent { line })?;
        let link: Link<'_> = serde_json::from_str(&body).map_err(|_| AuditProblem::NotAnEvent { line })?;
        let seq = link.seq;
        if hash(&body) != stated {
            return Err(AuditProblem::Changed { line, seq });
        }
        let (events, first, start, signed_through) = match &self.run {
            None => (0, seq, self.start(seq, link.prev)?, None),
            Some(run) if seq != run.last + 1 => {
                return Err(AuditProblem::Gap { line, before: run.last, found: seq });
            }
            Some(run) if link.prev != run.hash => return Err(AuditProblem::Broken { line, seq }),
            Some(run) => (run.events, run.first, run.start, run.signed_through),
        };
        let signed_through = match self.signed.get(&seq) {
            Some(signed) if *signed != stated => return Err(AuditProblem::Rewritten { seq }),
            Some(_) => Some(seq),
            None => signed_through,
        };
        let hash = stated.to_owned();
        self.run = Some(Run { events: events + 1, first, last: seq, hash, start, signed_through });
        Ok(())
    }

    fn start(&self, seq: i64, prev: &str) -> Result<Start, AuditProblem> {
        let before = seq - 1;
        if before == 0 {
            let genuine = prev == GENESIS;
            return if genuine {
                Ok(Start::Genesis)
            } else {
                Err(AuditProblem::Broken { line: self.line, seq })
            };
        }
        match self.signed.get(&before) {
            Some(signed) if signed == prev => Ok(Start::Checkpoint),
            Some(_) => Err(AuditProblem::Rewritten { seq: before }),
            None => Ok(Start::Unproved),
        }
    }

    /// Ends: says what was verified.
    ///
    /// # Errors
    /// [`AuditProblem::CutOff`] when a checkpoint covers more than there was, [`AuditProblem::Empty`].
    pub fn finish(self) -> Result<VerifiedLog, AuditProblem> {
        let run = self.run.ok_or(AuditProblem::Empty)?;
        if let Some((signed, _)) = self.signed.last_key_value()
            && *signed > run.last
        {
            return Err(AuditProblem::CutOff { last: run.last, signed: *signed });
        }
        let Run { events, first, last, start, signed_through, .. } = run;
        Ok(VerifiedLog { events, first, last, start, signed_through })
    }
}

/// Verifies a whole export.
///
/// # Errors
/// [`AuditProblem`]: the first that is found.
pub fn verify_log<'c>(
    export: &str,
    checkpoints: impl IntoIterator<Item = &'c str>,
    keys: &JwkSet,
) -> Result<VerifiedLog, AuditProblem> {
    let mut verifier = LogVerifier::new(checkpoints, keys)?;
    export.split_terminator('\n').try_for_each(|line| verifier.line(line))?;
    verifier.finish()
}

/// An event's canonical text, and the hash that is stated behind it.
fn split(line: &str) -> Option<(String, &str)> {
    let (body, rest) = line.rsplit_once(",\"hash\":\"")?;
    let stated = rest.strip_suffix("\"}")?;
    Some((format!("{body}}}"), stated))
}

#[cfg(test)]
mod tests;
