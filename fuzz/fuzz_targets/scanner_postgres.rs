//! Scripts for PostgreSQL, split into statements.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| migrate_fuzz::scanner_postgres(text));
