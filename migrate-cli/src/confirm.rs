//! The confirmation prompt shown before something is undone.

use crate::context::Context;
use crate::escape;
use crate::failure::Failure;
use crate::output::{err, is_attended};
use crate::style::{BOLD, styled};
use std::io::BufRead;

/// Shows what will be done and asks for confirmation. Without a terminal,
/// `--yes` is required.
pub(crate) fn confirm(context: &Context<'_>, what: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if context.output.is_json || !is_attended() {
        return Err(Failure::usage(format!("{what}; nothing was changed"))
            .help("give `--yes` to confirm: there is no terminal to ask on"));
    }
    let what = escape::lines(what);
    err(&format!("{what}\n{} [y/N] ", styled(BOLD, "go on?")));
    let mut answer = String::new();
    // End of input counts as no.
    let _ = std::io::stdin().lock().read_line(&mut answer);
    if !answer.ends_with('\n') {
        err("\n");
    }
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new("nothing was changed")),
    }
}
