//! Seals mandates into tokens and verifies them.
