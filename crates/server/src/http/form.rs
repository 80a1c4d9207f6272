//! A form of the dashboard.
//!
//! Invariant: a repeated field is refused, and no field holds a NUL.

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::{body, text};
use crate::dialect::Page;
use crate::refusal::Refusal;

/// The fields of a submitted form, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// `Invalid` for text that is not UTF-8, a repeated field or a NUL.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let raw = std::str::from_utf8(bytes).map_err(|_| Refusal::invalid("", "must be UTF-8"))?;
        text::verify_target("", raw)?;
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
            if fields.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(Refusal::invalid(name.into_owned(), "is repeated"));
            }
        }
        Ok(Self(fields))
    }

    /// A field without surrounding blanks; `None` if it is absent or empty.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// A field that must be filled in.
    ///
    /// # Errors
    /// `Invalid`, naming it.
    pub fn require(&self, name: &'static str) -> Result<&str, Refusal> {
        self.find(name).ok_or_else(|| Refusal::invalid(name, "is required"))
    }
}

impl FromRequest for Form {
    type Error = Page;
    type Future = LocalBoxFuture<'static, Result<Self, Page>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let body = body::Body::<{ body::ORDINARY }, Page>::from_request(request, payload);
        Box::pin(async move {
            if !is_form {
                return Err(Refusal::invalid("Content-Type", "must be a form").into());
            }
            Ok(Self::parse(&body.await?.0)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn fields_are_single_and_trimmed() {
        let form = Form::parse(b"reason=+left+the+company+&empty=").expect("good");
        assert_eq!(form.find("reason"), Some("left the company"));
        assert_eq!(form.find("empty"), None);
        assert!(form.require("empty").is_err());
        assert!(Form::parse(b"a=1&a=2").is_err());
        assert!(Form::parse(b"a=%00").is_err());
    }
}
