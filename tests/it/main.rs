//! The integration tests, one binary: the folders below mirror the routes and pages of the server.

mod authority;
mod clients;
mod commands;
mod crash;
mod demo;
mod docs;
mod outage;
mod ownership;
mod pages;
mod readme;
mod replicas;
mod routes;
mod scale;
mod upstream;
mod verifier;
