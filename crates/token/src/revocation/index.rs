//! The revocations of one tenant, indexed by what they name.
//!
//! Invariant: of several revocations of one target the index keeps the one with the highest `seq`, which
//! kills whatever the others killed; so the order in which they arrive does not matter, and neither does
//! one that arrives twice.

use std::collections::HashMap;

use deputy_mandate::Instant;

use super::{BindingTarget, Target, TargetKind};
use crate::access::Hop;

/// The revocation that killed a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// Its position in the tenant's event log.
    pub seq: i64,
    /// What kind of target it named.
    pub kind: TargetKind,
    /// The hop that it reached, counted from the root.
    pub hop: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    seq: i64,
    /// `None` is for ever.
    kept_until: Option<Instant>,
}

impl Entry {
    fn join(self, other: Self) -> Self {
        let kept_until = match (self.kept_until, other.kept_until) {
            (Some(a), Some(b)) => Some(a.max(b)),
            _ => None,
        };
        Self { seq: self.seq.max(other.seq), kept_until }
    }

    fn is_live(self, now: Instant) -> bool {
        self.kept_until.is_none_or(|until| now < until)
    }
}

type Map = HashMap<Box<str>, Entry>;

/// The live revocations of one tenant, in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RevocationIndex {
    credentials: Map,
    keys: Map,
    agents: Map,
    subjects: Map,
    prefixes: Map,
    tasks: Map,
    contracts: Map,
    sessions: Map,
    tenant: Option<Entry>,
}

impl RevocationIndex {
    /// An index without revocations.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the revocation at `seq`, to be kept until no credential lives that it could reach. That of a key is
    /// kept for ever, because offline-made credentials of that key can appear at any time.
    pub fn insert(&mut self, seq: i64, target: &Target, kept_until: Instant) {
        let kept_until = (target.kind() != TargetKind::Key).then_some(kept_until);
        let entry = Entry { seq, kept_until };
        let (map, value) = match target {
            Target::Tenant(_) => {
                self.tenant = Some(self.tenant.map_or(entry, |known| known.join(entry)));
                return;
            }
            Target::Credential(value) => (&mut self.credentials, value),
            Target::Key(value) => (&mut self.keys, value),
            Target::Agent(value) => (&mut self.agents, value),
            Target::Subject(value) => (&mut self.subjects, value),
            Target::NamePrefix(value) => (&mut self.prefixes, value),
            Target::Binding(BindingTarget::Task(value)) => (&mut self.tasks, value),
            Target::Binding(BindingTarget::Contract(value)) => (&mut self.contracts, value),
            Target::Binding(BindingTarget::Session(value)) => (&mut self.sessions, value),
        };
        join_into(map, value, entry);
    }

    /// Adds every revocation of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (into, from) in self.maps_mut().into_iter().zip(other.maps()) {
            for (value, entry) in from {
                join_into(into, value, *entry);
            }
        }
        if let Some(entry) = other.tenant {
            self.tenant = Some(self.tenant.map_or(entry, |known| known.join(entry)));
        }
    }

    /// Forgets what need not be kept at `now`.
    pub fn expire(&mut self, now: Instant) {
        for map in self.maps_mut() {
            map.retain(|_, entry| entry.is_live(now));
        }
        self.tenant = self.tenant.filter(|entry| entry.is_live(now));
    }

    /// Number of targets.
    pub fn len(&self) -> usize {
        self.maps().into_iter().map(HashMap::len).sum::<usize>() + usize::from(self.tenant.is_some())
    }

    /// Whether nothing is revoked.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the chain is dead, and by which revocation: the first found from the root down.
    pub fn reaches(&self, chain: &[Hop]) -> Option<Revocation> {
        chain.iter().enumerate().find_map(|(position, hop)| {
            let (seq, kind) = self.reaches_hop(hop)?;
            Some(Revocation { seq, kind, hop: position })
        })
    }

    fn reaches_hop(&self, hop: &Hop) -> Option<(i64, TargetKind)> {
        let always = |map: &Map, value: &str, kind| find(map, value).map(|seq| (seq, kind));
        // Whatever was granted from a state that already held the revocation outlives it.
        let earlier = |map: &Map, value: &str, kind| {
            find(map, value).filter(|revoked| hop.seq < *revoked).map(|seq| (seq, kind))
        };
        let of = |member: &Option<String>, map: &Map, kind| {
            member.as_deref().and_then(|value| earlier(map, value, kind))
        };
        always(&self.credentials, &hop.id, TargetKind::Credential)
            .or_else(|| always(&self.keys, hop.jkt.as_deref()?, TargetKind::Key))
            .or_else(|| earlier(&self.agents, hop.registered_agent(), TargetKind::Agent))
            .or_else(|| of(&hop.sub, &self.subjects, TargetKind::Subject))
            .or_else(|| self.reaches_path(hop))
            .or_else(|| {
                let bind = hop.bind.as_ref()?;
                of(&bind.task, &self.tasks, TargetKind::Binding)
                    .or_else(|| of(&bind.contract, &self.contracts, TargetKind::Binding))
                    .or_else(|| of(&bind.session, &self.sessions, TargetKind::Binding))
            })
            .or_else(|| {
                let revoked = self.tenant.filter(|entry| hop.seq < entry.seq)?;
                Some((revoked.seq, TargetKind::Tenant))
            })
    }

    fn reaches_path(&self, hop: &Hop) -> Option<(i64, TargetKind)> {
        if self.prefixes.is_empty() {
            return None;
        }
        let ends = hop.agent.match_indices('/').map(|(end, _)| end);
        ends.chain([hop.agent.len()]).find_map(|end| {
            let revoked = find(&self.prefixes, hop.agent.get(..end)?)?;
            (hop.seq < revoked).then_some((revoked, TargetKind::NamePrefix))
        })
    }

    fn maps(&self) -> [&Map; 8] {
        [
            &self.credentials,
            &self.keys,
            &self.agents,
            &self.subjects,
            &self.prefixes,
            &self.tasks,
            &self.contracts,
            &self.sessions,
        ]
    }

    fn maps_mut(&mut self) -> [&mut Map; 8] {
        [
            &mut self.credentials,
            &mut self.keys,
            &mut self.agents,
            &mut self.subjects,
            &mut self.prefixes,
            &mut self.tasks,
            &mut self.contracts,
            &mut self.sessions,
        ]
    }
}

fn join_into(map: &mut Map, value: &str, entry: Entry) {
    match map.get_mut(value) {
        Some(known) => *known = known.join(entry),
        None => {
            map.insert(value.into(), entry);
        }
    }
}

/// Hashing is dearer than the emptiness check, and most maps are empty most of the time.
fn find(map: &Map, value: &str) -> Option<i64> {
    if map.is_empty() { None } else { map.get(value).map(|entry| entry.seq) }
}
