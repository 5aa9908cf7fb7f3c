//! Paths in a migrations directory.

#![no_main]

libfuzzer_sys::fuzz_target!(|path: &str| migrate_fuzz::file_name(path));
