//! OAuth clients that we did not write, unmodified, against the real server.

mod node;
mod python;
mod vectors;
