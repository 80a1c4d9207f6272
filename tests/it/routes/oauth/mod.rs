//! `/t/{tenant}/oauth`: token, introspection and revocation endpoints.

mod introspect;
mod revoke;
mod token;
