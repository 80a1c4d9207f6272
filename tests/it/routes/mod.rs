//! The HTTP routes, a file or folder for each part of a path.

mod access;
mod api;
mod health;
mod jwks;
mod methods;
mod oauth;
mod revocations;
mod scim;
mod tenants;
mod well_known;
