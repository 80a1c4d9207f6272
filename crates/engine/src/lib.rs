//! The use cases: issue, revoke, decide, provision, own, import.
