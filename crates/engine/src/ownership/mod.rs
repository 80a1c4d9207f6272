//! Whether somebody answers for an agent, decided in the transaction that changes who does.
//!
//! Invariant: an agent's `orphaned` is set exactly while no owner of it is live, because every change of an owner, a
//! person or a group's members settles, before its commit, the agents that it reaches. An agent that becomes an
//! orphan loses its credentials in that same transaction; the tenant's policy decides about new ones alone.

mod leaver;
mod reach;
mod settle;

pub(crate) use leaver::end_for_subject;
pub(crate) use settle::{Settling, settle_agents, settle_owned};
