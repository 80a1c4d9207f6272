//! OAuth 2.0 messages and rules.
