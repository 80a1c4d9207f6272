//! Tenant-scoped persistence, the event log and its group commit.
