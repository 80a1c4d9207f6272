//! `/t/{tenant}/api/v1` and `/api/v1`: the management API.

mod checkpoints;
mod events;
mod halt;
mod revocations;
mod tokens;
