//! `POST /t/{tenant}/oauth/token`.

mod bad_input;
mod capability;
mod client_authentication;
mod client_credentials;
mod exchange;
mod narrowing;
mod runtime;
