//! A [`Fetch`] that answers from memory: it counts what it is asked, and can be made to wait, to fail, to change.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore};
use zeroize::Zeroizing;

use crate::fetch::{Answered, Fetch, FetchError, Fetched, FormPost};

#[derive(Default)]
pub(crate) struct Scripted {
    documents: Mutex<HashMap<String, Fetched>>,
    down: Mutex<bool>,
    calls: Mutex<Vec<String>>,
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
    answer: Mutex<Option<(u16, String)>>,
    posted: Mutex<Vec<(String, FormPost)>>,
    /// Told whenever somebody waits at a gate.
    arrivals: Notify,
}

pub(crate) fn outage() -> FetchError {
    FetchError::Timeout { host: "id.example".to_owned() }
}

impl Scripted {
    pub(crate) fn serve(&self, url: &str, text: impl Into<String>, max_age: Option<u64>) {
        self.documents.lock().insert(url.to_owned(), Fetched { text: text.into(), max_age });
    }

    /// From now on nobody answers, or everybody does again.
    pub(crate) fn set_down(&self, down: bool) {
        *self.down.lock() = down;
    }

    /// Who asks for the URL waits until the gate is given a permit.
    pub(crate) fn gate(&self, url: &str) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        self.gates.lock().insert(url.to_owned(), gate.clone());
        gate
    }

    /// Until somebody waits at a gate; the patience is only so that nobody's coming is a failure and not a silence.
    pub(crate) async fn somebody_waits(&self) {
        let patience = Duration::from_secs(60);
        tokio::time::timeout(patience, self.arrivals.notified()).await.expect("somebody asks");
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.calls.lock().len()
    }

    /// What the next form is answered with.
    pub(crate) fn answer(&self, status: u16, body: &str) {
        *self.answer.lock() = Some((status, body.to_owned()));
    }

    pub(crate) fn posted(&self) -> Vec<(String, FormPost)> {
        self.posted.lock().clone()
    }
}

#[async_trait]
impl Fetch for Scripted {
    async fn get(&self, url: &str) -> Result<Fetched, FetchError> {
        self.calls.lock().push(url.to_owned());
        let gate = self.gates.lock().get(url).cloned();
        if let Some(gate) = gate {
            self.arrivals.notify_one();
            gate.acquire().await.unwrap().forget();
        }
        if *self.down.lock() {
            return Err(outage());
        }
        let found = self.documents.lock().get(url).cloned();
        found.ok_or(FetchError::Status { host: "id.example".to_owned(), status: 404 })
    }

    async fn post_form(&self, url: &str, form: FormPost) -> Result<Answered, FetchError> {
        self.posted.lock().push((url.to_owned(), form));
        let (status, body) = self.answer.lock().clone().ok_or_else(outage)?;
        Ok(Answered { status, body: Zeroizing::new(body) })
    }

    fn check(&self, _url: &str) -> Result<(), FetchError> {
        Ok(())
    }
}
