//! Acting on a person's behalf: their token of an identity provider is exchanged (RFC 8693 §2.1).

mod grant;
