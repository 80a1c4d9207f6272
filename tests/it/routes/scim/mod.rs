//! `/t/{tenant}/scim/v2`: provisioning by an identity provider (RFC 7644).

mod discovery;
mod refused;
