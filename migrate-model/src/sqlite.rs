//! What a sound SQLite schema is.

pub mod integrity;
