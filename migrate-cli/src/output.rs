//! Printing: results to standard output, everything else to standard error.

use crate::args::{Color, Format, Global};
use crate::escape;
use crate::failure::Failure;
use crate::outcome::Exit;
use crate::style::{BOLD, ERROR, HELP, WARNING, styled};
use anstyle::Style;
use migrate_runtime::__private::error::readable;
use migrate_runtime::Report;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::render::render;
use serde_json::{Value, json};
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;

/// The output options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) is_json: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

/// Formats items as "`a`, `b`".
pub(crate) fn quoted_list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = items.into_iter().map(|it| format!("`{it}`")).collect();
    quoted.join(", ")
}

/// Formats a count as "1 file" or "2 files".
pub(crate) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

impl Output {
    /// Reads the output options, and sets the colors of the whole process.
    pub(crate) fn new(global: &Global) -> Output {
        match global.color {
            // `anstream` reads the environment by itself.
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        Output {
            is_json: global.format == Format::Json,
            quiet: global.quiet,
            verbose: global.verbose,
        }
    }

    /// Prints the result that was asked for.
    pub(crate) fn result(&self, text: impl Display) {
        if !self.is_json {
            out(&format!("{text}\n"));
        }
    }

    /// Prints text meant for a file or another program. It is written
    /// unchanged, except on a terminal.
    pub(crate) fn text(&self, text: &str) {
        if self.is_json {
            return;
        }
        if io::stdout().is_terminal() {
            out(&escape::lines(text));
        } else {
            write(&mut io::stdout().lock(), text);
        }
    }

    /// Prints a line about something that was done, unless `--quiet` is given.
    pub(crate) fn done(&self, text: impl Display) {
        if !self.quiet {
            self.result(text);
        }
    }

    /// Prints what a run did, unless `--quiet` is given.
    pub(crate) fn report(&self, report: &Report) {
        if self.verbose {
            self.done(format_args!("{report:#}"));
        } else {
            self.done(report);
        }
    }

    /// Prints a note, unless `--quiet` is given.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.is_json && !self.quiet {
            say(HELP, "note: ", text);
        }
    }

    /// Prints a warning about a risk to data, although the verb succeeded.
    pub(crate) fn warning(&self, text: impl Display) {
        if !self.is_json {
            say(WARNING, "warning: ", text);
        }
    }

    /// Prints the problems of a directory the way the compiler shows them.
    pub(crate) fn diagnostics(&self, errors: &[Diagnostic], warnings: &[Diagnostic]) {
        if self.is_json {
            return;
        }
        let errors = errors.iter().map(|it| (ERROR, "error: ", it));
        let warnings = warnings.iter().map(|it| (WARNING, "warning: ", it));
        for (i, (style, kind, diagnostic)) in errors.chain(warnings).enumerate() {
            let text = colored(&escape::lines(&render(diagnostic)));
            let space = if i == 0 { "" } else { "\n" };
            err(&format!("{space}{}{text}\n", styled(style, kind)));
        }
    }

    /// Prints the JSON document of a verb, if JSON was asked for.
    pub(crate) fn finish(&self, command: &str, exit: Exit, facts: Value) {
        if self.is_json {
            let mut document = json!({
                "format": 1,
                "command": command,
                "exit_code": exit as u8,
            });
            if let (Some(document), Value::Object(facts)) = (document.as_object_mut(), facts) {
                document.extend(facts);
            }
            let text = escape::json(&format!("{document:#}\n"));
            write(&mut io::stdout().lock(), &text);
        }
    }

    /// The final exit code: a verb fails if its output was lost.
    pub(crate) fn settle(&self, exit: Exit) -> Exit {
        let lost = LOST.lock().ok().and_then(|mut lost| lost.take());
        let Some(error) = lost else {
            return exit;
        };
        let message = format!("the output cannot be written: {error}");
        say(ERROR, "error: ", message);
        match exit {
            Exit::Fine => Exit::Failed,
            exit => exit,
        }
    }

    pub(crate) fn failure(&self, command: &str, failure: &Failure) {
        if self.is_json {
            let facts = json!({ "error": failure.json() });
            return self.finish(command, failure.exit, facts);
        }
        if failure.diagnostics.is_empty() {
            say(ERROR, "error: ", &failure.message);
        } else {
            self.diagnostics(&failure.diagnostics, &[]);
        }
        // JSON contains the causes that the text leaves out.
        for cause in readable(&failure.message, &failure.causes) {
            err(&format!("  because: {}\n", escape::lines(&cause)));
        }
        if let Some(excerpt) = failure.excerpt() {
            err(&format!("{}\n", escape::lines(excerpt)));
        }
        if let Some(help) = &failure.help {
            err("  ");
            say(HELP, "help: ", help);
        }
    }
}

fn say(style: Style, label: &str, message: impl Display) {
    let message = escape::lines(&message.to_string());
    err(&format!("{}{message}\n", styled(style, label)));
}

/// Highlights the first line of a diagnostic, and the label of its help.
fn colored(text: &str) -> String {
    let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
    let help = format!("= {}", styled(HELP, "help:"));
    let rest = rest.replace("= help:", &help);
    format!("{}\n{rest}", styled(BOLD, head))
        .trim_end()
        .to_owned()
}

/// The error that caused output to be lost.
static LOST: Mutex<Option<io::Error>> = Mutex::new(None);

fn out(text: &str) {
    write(&mut anstream::stdout().lock(), &escape::styled_text(text));
}

/// Writes and flushes. A closed pipe is not an error: a reader such as `head`
/// stops early. A full disk is one, because the file would be incomplete.
fn write(stdout: &mut dyn Write, text: &str) {
    let written = stdout.write_all(text.as_bytes());
    if let Err(error) = written.and_then(|()| stdout.flush())
        && error.kind() != io::ErrorKind::BrokenPipe
        && let Ok(mut lost) = LOST.lock()
    {
        *lost = Some(error);
    }
}

pub(crate) fn err(text: &str) {
    let text = escape::styled_text(text);
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Whether a person can answer a prompt.
pub(crate) fn is_attended() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
