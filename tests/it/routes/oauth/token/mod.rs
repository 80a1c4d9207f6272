//! `POST /t/{tenant}/oauth/token`.

mod attenuating;
mod bad_input;
mod capability;
mod client_authentication;
mod client_credentials;
mod dpop;
mod exchange;
mod narrowing;
mod on_behalf;
mod runtime;
mod svid;
mod workload;
