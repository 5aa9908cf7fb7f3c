//! What only this engine can be told.

/// What a PostgreSQL migrator was told beside what all are.
#[derive(Clone, Debug, Default)]
pub struct Own {}
