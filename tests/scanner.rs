//! The scanner against SQLite.
