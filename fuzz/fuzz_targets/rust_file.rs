//! Migrations in Rust.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| migrate_fuzz::rust_file(text));
