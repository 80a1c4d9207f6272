//! The integration tests, one binary: the folders below mirror the routes and pages of the server.

mod clients;
mod pages;
mod readme;
mod routes;
