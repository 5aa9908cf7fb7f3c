//! The macro `embed_migrations!`.
