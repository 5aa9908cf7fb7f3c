//! Checks a migrations directory: the rules of the compiler, and a replay on
//! an SQLite in memory.
//!
//! ```text
//! cargo run --example check -- DIR
//! ```

use migrate_runtime::{Numbering, check_directory};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(directory) = std::env::args().nth(1) else {
        eprintln!("usage: check DIR");
        return ExitCode::from(2);
    };
    let check = check_directory(directory, Numbering::DEFAULT);
    println!("{check}");
    match check.errors.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
