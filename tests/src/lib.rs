//! The harness: the real `deputy` binary, on a database of its own, driven over HTTP.
//!
//! A test that holds on both databases is written once. The macro makes two tests of it, `name::sqlite` and
//! `name::postgres`:
//!
//! ```ignore
//! use deputy_tests::{Database, on_both_databases};
//! use serde_json::json;
//!
//! on_both_databases!(an_agent_is_read_by_its_name, async |db| {
//!     let server = db.server();               // a server process on a fresh, migrated database
//!     let tenant = server.tenant().await;     // a fresh tenant, with its admin key
//!     let made = tenant.api.post("/agents", json!({"name": "crawler", "owners": ["user:a@example.com"]})).await;
//!     let made = made.is(201);                // panics with method, URL, status and body when it is not
//!     let read = tenant.api.get("/agents/crawler").await.is(200);
//!     assert_eq!(read["id"], made["id"]);
//! });
//! ```
//!
//! | what | where |
//! |---|---|
//! | server process: start with options, restart, kill -9, replica on the same database, CLI | [`Server`] |
//! | requests and answers | [`Api`], [`Answer`] |
//! | a tenant: management API, agents with credentials, tokens, decisions, revocations | [`Tenant`], [`Client`] |
//! | capabilities: taken apart, narrowed, and forged as a holder of an audience's key could | [`capability`] |
//! | keys, client assertions, reading a JWT without trusting it | [`jwt`] |
//! | keys that tokens are bound to, and their proofs | [`Holder`] |
//! | an upstream issuer in the test process: keys, tokens good and spoilt, documents, sign-ins | [`issuer`] |
//! | an identity provider that we did not write, for sign-ins and tokens as the world has them | [`Upstream`] |
//! | clients in other languages, run in the environments that `cargo xtask test` prepares | [`foreign`] |
//! | server-sent events | [`stream`] |
//! | the way to PostgreSQL, to be cut and mended | [`Wire`] |
//! | a real Chromium | [`Browser`] |
//!
//! Invariant: nothing outside the temporary directory of a test, the private PostgreSQL cluster and free
//! loopback ports is touched, and every process that a test starts dies with the value that holds it.

mod api;
mod browser;
pub mod capability;
mod client;
mod database;
mod directory;
mod eventually;
pub mod foreign;
pub mod holder;
pub mod issuer;
pub mod jwt;
mod process;
mod server;
pub mod setup;
pub mod stream;
mod tenant;
pub mod upstream;
mod wire;

pub use api::{Answer, Api};
pub use browser::Browser;
pub use client::Client;
pub use database::{Database, Store};
pub use directory::Directory;
pub use eventually::eventually;
pub use holder::Holder;
pub use issuer::Issuer;
pub use server::{Server, Starting};
pub use tenant::{OWNER, Tenant};
pub use upstream::Upstream;
pub use wire::Wire;

/// Makes one test per database of an `async |db| { … }` body; see the crate's page.
///
/// Without PostgreSQL (plain `cargo test`) the second one leaves a note on stderr and passes; under
/// `cargo xtask test` a missing PostgreSQL is a failure.
#[macro_export]
macro_rules! on_both_databases {
    ($(#[$note:meta])* $name:ident, async |$db:ident| $body:block) => {
        $(#[$note])*
        mod $name {
            use super::*;

            async fn case($db: $crate::Database) $body

            #[tokio::test]
            async fn sqlite() {
                case($crate::Database::Sqlite).await;
            }

            #[tokio::test]
            async fn postgres() {
                if $crate::Database::has_postgres() {
                    case($crate::Database::Postgres).await;
                }
            }
        }
    };
}
