//! Splits SQL scripts into tokens and statements the way SQLite and PostgreSQL do.
//!
//! ```
//! use migrate_scan::Engine;
//!
//! let scan = Engine::Sqlite.scan("CREATE TABLE a(x); -- done;\nINSERT INTO a VALUES (';');");
//! assert_eq!(scan.statements.len(), 2);
//! assert_eq!(scan.statements[1].line, 2);
//! ```
//!
//! The crate knows each engine's lexical rules and almost nothing of its grammar. It
//! does no I/O, depends on no other crate, and does not panic on any input.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod comment;
mod engine;
mod scan;
mod token;

pub mod postgres;
pub mod sqlite;
pub mod text;

pub use comment::directive;
pub use engine::Engine;
pub use scan::{Scan, Statement, Unterminated};
pub use token::{Token, TokenKind};
