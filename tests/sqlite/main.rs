//! The SQLite engine, within one process: what each step of the protocol must
//! do, and what it must refuse.

mod safety;
