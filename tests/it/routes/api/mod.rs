//! `/t/{tenant}/api/v1` and `/api/v1`: the management API.
