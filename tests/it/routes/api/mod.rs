//! `/t/{tenant}/api/v1` and `/api/v1`: the management API.

mod capability_key;
mod checkpoints;
mod events;
mod halt;
mod identity_providers;
mod imports;
mod keys;
mod orphans;
mod resources;
mod revocations;
mod role_bindings;
mod roles;
mod scim_syncs;
mod settings;
mod signing_keys;
mod tokens;
mod tools;
mod trusted_issuers;
mod uses;
