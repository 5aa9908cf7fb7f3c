//! Writes the lock file of a migrations directory.
//!
//! ```text
//! cargo run --example lock -- update DIR            list what is new as a draft
//! cargo run --example lock -- freeze DIR            freeze all: at a release
//! cargo run --example lock -- renumber [LABEL] DIR  new numbers, after a merge
//! ```

use migrate_runtime::{Numbering, lock};
use std::error::Error;
use std::process::ExitCode;

/// Change it for a set that begins elsewhere, or is numbered by timestamps.
const NUMBERING: Numbering = Numbering::DEFAULT;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let changes = match arguments[..] {
        ["update", directory] => lock::update(directory, NUMBERING),
        ["freeze", directory] => lock::freeze(directory, NUMBERING, None),
        ["renumber", directory] => lock::renumber(directory, NUMBERING, None),
        ["renumber", label, directory] => lock::renumber(directory, NUMBERING, Some(label)),
        _ => {
            eprintln!("usage: lock update|freeze|renumber [LABEL] DIR");
            return ExitCode::from(2);
        }
    };
    match changes {
        Ok(changes) => {
            println!("{changes}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}
