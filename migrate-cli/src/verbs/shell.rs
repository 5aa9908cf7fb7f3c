//! What a shell and `man` can be given.

use crate::args::Completions;
use crate::failure::Failure;
use crate::program::command;
use crate::verbs::Outcome;
use serde_json::json;
use std::io::Write;

pub(crate) fn completions(args: &Completions) -> Result<Outcome, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "migrate", &mut text);
    print(&text)
}

pub(crate) fn manual() -> Result<Outcome, Failure> {
    let mut text = Vec::new();
    let failed =
        |error: std::io::Error| Failure::new("the manual cannot be written").because(&error);
    crate::manual::write(&mut text).map_err(failed)?;
    print(&text)
}

/// A reader that has read enough is no error.
fn print(text: &[u8]) -> Result<Outcome, Failure> {
    let _ = std::io::stdout().lock().write_all(text);
    Ok(Outcome::fine(json!({})))
}
