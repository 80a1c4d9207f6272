//! Parses a fleet manifest and plans the change.
