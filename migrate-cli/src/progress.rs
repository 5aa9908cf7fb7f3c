//! What is told while a run goes on.

mod screen;

use crate::output::{DIM, GREEN, Output, YELLOW, styled};
use crate::signals;
use crate::visible;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use migrate_runtime::{Direction, Event, Observer};
use std::fmt;
use std::time::Duration;

/// Watches a run: a bar on a terminal, and a line for each migration that was
/// committed.
#[derive(Clone)]
pub(crate) struct Progress {
    output: Output,
    bar: ProgressBar,
    /// Whether a migration that has ended is committed.
    tells: bool,
}

const TEMPLATE: &str = "{spinner} [{pos}/{len}] {msg} {elapsed}{stopping}";

impl Progress {
    pub(crate) fn new(output: Output, tells: bool) -> Progress {
        let target = match output.quiet || output.is_json {
            true => ProgressDrawTarget::hidden(),
            false => screen::stderr(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.with_key("stopping", stopping));
        }
        Progress { output, bar, tells }
    }

    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
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
            Event::MigrationStarted { label, .. } => self.bar.set_message(visible::line(label)),
            Event::StatementStarted {
                label, number, of, ..
            } if *of > 1 => {
                self.bar.set_message(format!(
                    "{}, statement {number} of {of}",
                    visible::line(label)
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
                self.bar.inc(1);
                if self.tells {
                    let done = match direction {
                        Direction::Up => styled(GREEN, "applied"),
                        Direction::Down => styled(YELLOW, "undid"),
                    };
                    let label = visible::line(label);
                    self.line(&format!("{done} {label} in {}", milliseconds(*duration)));
                }
            }
            Event::Waiting { doing, waited, .. } => {
                let waited = waited.as_secs_f64();
                self.bar
                    .set_message(format!("waiting {doing}, {waited:.1} s so far"));
            }
            Event::Warning { message, .. } => self.bar.suspend(|| self.output.warning(message)),
            _ => {}
        }
    }
}

/// One without a transaction is finished first, which may take its time; whoever
/// has asked to stop wants to know that it was heard.
fn stopping(_: &ProgressState, text: &mut dyn fmt::Write) {
    if signals::is_stopped() {
        let _ = text.write_str(", stopping; Ctrl-C again ends at once");
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}
