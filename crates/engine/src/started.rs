//! An engine over a real database with a clock that tests set, which asks no other server.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use deputy_federation::outbound::{Outbound, OutboundRules};
use deputy_mandate::Instant;
use deputy_store::{Database, DatabaseUrl, clock::Clock};
use deputy_token::secrets::MasterKey;

use crate::{Engine, Installation, Sources};

/// A clock that stands still until it is told to pass.
pub(crate) struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

impl SetClock {
    pub(crate) fn at(millis: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(millis)))
    }

    pub(crate) fn pass(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

/// An engine with an empty database in `home`.
pub(crate) async fn start(home: &std::path::Path, clock: Arc<SetClock>) -> Engine {
    let database = Database::open(&DatabaseUrl::Sqlite(home.join("deputy.db"))).await.unwrap();
    database.migrate().await.unwrap();
    let installation = Installation {
        public_url: "http://127.0.0.1:8080".into(),
        trust_domain: "127.0.0.1".into(),
        bootstrap: None,
    };
    let sources = Sources { clock, ..Sources::system() };
    let outbound = Arc::new(Outbound::new(OutboundRules::default()).unwrap());
    Engine::start(database, MasterKey::from_bytes(&[7; 32]).unwrap(), installation, sources, outbound).0
}
