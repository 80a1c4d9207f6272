//! The bearer credential of a request (RFC 6750 §2.1).
//!
//! Invariant: only the header counts, exactly once; a key in a body or a query is no key.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use zeroize::Zeroizing;

use crate::dialect::{Dialect, Problem};
use crate::refusal::Refusal;

/// The text after `Bearer`; wiped when dropped, and never printed.
#[derive(Clone)]
pub struct Bearer<D = Problem>(Zeroizing<String>, PhantomData<D>);

impl<D> Bearer<D> {
    /// The credential itself.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl<D> std::fmt::Debug for Bearer<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer(…)")
    }
}

/// The bearer credential in the headers, if there is one and only one.
#[must_use]
pub fn find(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    let mut sent = headers.get_all(AUTHORIZATION);
    let (Some(value), None) = (sent.next(), sent.next()) else { return None };
    let (scheme, secret) = value.to_str().ok()?.split_once(' ')?;
    let secret = secret.trim_start_matches(' ');
    let is_token68 = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty() && secret.bytes().all(is_token68))
        .then(|| Zeroizing::new(secret.to_owned()))
}

impl<D: Dialect> FromRequest for Bearer<D> {
    type Error = D;
    type Future = Ready<Result<Self, D>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = find(request.headers()).map(|secret| Self(secret, PhantomData));
        ready(found.ok_or_else(|| Refusal::Unauthenticated.into()))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::find;

    #[test]
    fn only_one_well_formed_header_counts() {
        let of = |values: &[&str]| {
            let mut request = TestRequest::default();
            for value in values {
                request = request.append_header(("authorization", *value));
            }
            find(request.to_http_request().headers()).map(|secret| secret.as_str().to_owned())
        };
        assert_eq!(of(&["Bearer dpy_abc"]).as_deref(), Some("dpy_abc"));
        assert_eq!(of(&["bearer  dpy_abc"]).as_deref(), Some("dpy_abc"));
        for bad in
            [&["Basic abc"][..], &["Bearer"], &["Bearer "], &["Bearer a b"], &["Bearer a", "Bearer b"], &[]]
        {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }
}
