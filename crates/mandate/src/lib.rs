//! What authority is, and how it narrows.
