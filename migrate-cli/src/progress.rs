//! Progress of a run.

#[cfg(feature = "terminal")]
mod bar;
#[cfg(not(feature = "terminal"))]
#[path = "progress/no_bar.rs"]
mod bar;

use crate::escape;
use crate::output::Output;
use crate::style::{DIM, GREEN, YELLOW, styled};
use bar::{ProgressBar, bar};
use migrate_runtime::{Direction, Event, Observer, Timings};
use std::time::Duration;

/// The observer of a run: a bar on a terminal, and a line for each committed
/// migration.
#[derive(Clone)]
pub(crate) struct Progress {
    output: Output,
    bar: ProgressBar,
    /// Whether each migration is committed when it ends, and gets its line.
    commits_each: bool,
}

impl Progress {
    pub(crate) fn new(output: Output, commits_each: bool) -> Progress {
        let bar = bar(output.quiet || output.is_json);
        Progress {
            output,
            bar,
            commits_each,
        }
    }

    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// The parts of a duration, with `--verbose`.
    fn parts(&self, timings: Timings) -> String {
        if !self.output.verbose {
            return String::new();
        }
        styled(DIM, format!(" ({timings})"))
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| self.output.done(text));
    }
}

impl Observer for Progress {
    fn on_event(&self, event: &Event<'_>) {
        match event {
            Event::RunStarted { count, .. } => {
                self.bar.set_length(*count as u64);
                self.bar.enable_steady_tick(Duration::from_millis(120));
            }
            Event::MigrationStarted { label, .. } => self.bar.set_message(escape::line(label)),
            Event::StatementStarted {
                label, number, of, ..
            } if *of > 1 => {
                let label = escape::line(label);
                let message = format!("{label}, statement {number} of {of}");
                self.bar.set_message(message);
            }
            Event::StatementEnded {
                number,
                of,
                duration,
                error: None,
                ..
            } if self.output.verbose => {
                let took = milliseconds(*duration);
                let line = format!("  statement {number} of {of} in {took}");
                self.line(&styled(DIM, line));
            }
            Event::MigrationEnded {
                label,
                direction,
                duration,
                timings,
                error: None,
                ..
            } => {
                self.bar.inc(1);
                if self.commits_each {
                    let done = match direction {
                        Direction::Up => styled(GREEN, "applied"),
                        Direction::Down => styled(YELLOW, "undid"),
                    };
                    let (label, took) = (escape::line(label), milliseconds(*duration));
                    self.line(&format!("{done} {label} in {took}{}", self.parts(*timings)));
                }
            }
            Event::Waiting {
                waiting_for,
                waited,
                ..
            } => {
                let waited = waited.as_secs_f64();
                let message = format!("waiting for {waiting_for}, {waited:.1} s so far");
                self.bar.set_message(message);
            }
            Event::Warning { message, .. } => self.bar.suspend(|| self.output.warning(message)),
            _ => {}
        }
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}
