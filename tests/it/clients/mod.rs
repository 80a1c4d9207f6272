//! Clients and testers that we did not write, unmodified, against the real server.

mod issued;
mod node;
mod python;
mod scim;
mod vectors;
