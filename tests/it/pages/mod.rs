//! The dashboard: over HTTP as a browser's requests look, and as a person with a real browser meets it.

mod connect;
mod events;
mod forms;
mod halt;
mod journeys;
mod orphans;
mod provider;
mod revoke;
mod set_up;
mod shown;
mod sign_in;
mod visitor;
