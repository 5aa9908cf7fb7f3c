//! What is told while a run goes on.

#[cfg(feature = "terminal")]
mod bar;
#[cfg(not(feature = "terminal"))]
#[path = "progress/no_bar.rs"]
mod bar;

use crate::escape;
use crate::output::Output;
use crate::style::{DIM, GREEN, YELLOW, styled};
use bar::Bar;
use migrate_runtime::{Direction, Event, Observer};
use std::time::Duration;

/// Watches a run: a bar on a terminal, and a line for each migration that was
/// committed.
#[derive(Clone)]
pub(crate) struct Progress {
    output: Output,
    bar: Bar,
    /// Whether a migration that has ended is committed.
    tells: bool,
}

impl Progress {
    pub(crate) fn new(output: Output, tells: bool) -> Progress {
        let bar = Bar::new(output.quiet || output.is_json);
        Progress { output, bar, tells }
    }

    pub(crate) fn end(&self) {
        self.bar.end();
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| self.output.done(text));
    }
}

impl Observer for Progress {
    fn on_event(&self, event: &Event<'_>) {
        match event {
            Event::RunStarted { count, .. } => {
                self.bar.start(*count);
            }
            Event::MigrationStarted { label, .. } => self.bar.say(escape::line(label)),
            Event::StatementStarted {
                label, number, of, ..
            } if *of > 1 => {
                self.bar.say(format!(
                    "{}, statement {number} of {of}",
                    escape::line(label)
                ));
            }
            Event::StatementEnded {
                number,
                of,
                duration,
                error: None,
                ..
            } if self.output.verbose => {
                let took = format!(
                    "  statement {number} of {of} in {}",
                    milliseconds(*duration)
                );
                self.line(&styled(DIM, took));
            }
            Event::MigrationEnded {
                label,
                direction,
                duration,
                error: None,
                ..
            } => {
                self.bar.advance();
                if self.tells {
                    let done = match direction {
                        Direction::Up => styled(GREEN, "applied"),
                        Direction::Down => styled(YELLOW, "undid"),
                    };
                    let label = escape::line(label);
                    self.line(&format!("{done} {label} in {}", milliseconds(*duration)));
                }
            }
            Event::Waiting { doing, waited, .. } => {
                let waited = waited.as_secs_f64();
                self.bar
                    .say(format!("waiting {doing}, {waited:.1} s so far"));
            }
            Event::Warning { message, .. } => self.bar.suspend(|| self.output.warning(message)),
            _ => {}
        }
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}
