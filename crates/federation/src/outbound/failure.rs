//! Which [`FetchError`] a failed exchange is.
//!
//! Invariant: the causes go to the log without the URL; the error says the host and the class alone.

use std::error::Error;
use std::{io, iter};

use super::resolver::Unresolved;
use crate::fetch::FetchError;

/// Names what went wrong, by the innermost cause that is known.
pub(super) fn of(host: &str, error: reqwest::Error) -> FetchError {
    // Only this outermost error knows the URL.
    let error = error.without_url();
    let told: Vec<String> = causes(&error).map(ToString::to_string).collect();
    tracing::info!(host, cause = told.join(": "), "nothing was fetched");
    let host = host.to_owned();
    for cause in causes(&error) {
        match cause.downcast_ref::<Unresolved>() {
            Some(Unresolved::Private) => return FetchError::Private { host },
            Some(Unresolved::Failed(_) | Unresolved::Empty) => return FetchError::NotFound { host },
            None => {}
        }
        if let Some(rustls::Error::InvalidCertificate(_)) = cause.downcast_ref() {
            return FetchError::Certificate { host };
        }
    }
    if error.is_timeout() {
        FetchError::Timeout { host }
    } else if error.is_connect() {
        FetchError::Connect { host }
    } else {
        FetchError::Malformed { host }
    }
}

/// An error and what caused it. An `io::Error` passes over the error that it wraps, so that is looked into.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
