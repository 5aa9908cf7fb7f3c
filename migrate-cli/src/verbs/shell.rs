//! `completions` and `man`: output for a shell and for `man`.

use crate::args::Completions;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Outcome;
use serde_json::json;

pub(crate) fn completions(context: &Context<'_>, args: &Completions) -> Result<Outcome, Failure> {
    let Some(command) = context.command else {
        return Err(Failure::usage(
            "this is a part of a program, and completions need its whole command line",
        )
        .help("`clap_complete::generate` prints a script for the command of the program"));
    };
    let mut text = Vec::new();
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command.clone(), name, &mut text);
    print(context, &text)
}

pub(crate) fn manual(context: &Context<'_>) -> Result<Outcome, Failure> {
    let mut text = Vec::new();
    let failed =
        |error: std::io::Error| Failure::new("the manual cannot be written").because(&error);
    crate::man_page::write(&mut text).map_err(failed)?;
    print(context, &text)
}

fn print(context: &Context<'_>, text: &[u8]) -> Result<Outcome, Failure> {
    let text = String::from_utf8_lossy(text);
    context.output.text(&text);
    Ok(Outcome::fine(json!({ "text": text })))
}
