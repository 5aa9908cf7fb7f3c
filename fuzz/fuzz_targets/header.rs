//! Directives, and a whole directory of one file.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| migrate_fuzz::header(bytes));
