//! `/t/{tenant}/oauth`: token, introspection and revocation endpoints.

mod capability;
mod introspect;
mod revoke;
mod token;
