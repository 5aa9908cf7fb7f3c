//! The bar of a run on a terminal.

mod terminal;

use crate::signals;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt;
use std::time::Duration;

#[derive(Clone)]
pub(super) struct Bar(ProgressBar);

const TEMPLATE: &str = "{spinner} [{pos}/{len}] {msg} {elapsed}{stopping}";

impl Bar {
    pub(super) fn new(is_hidden: bool) -> Bar {
        let target = if is_hidden {
            ProgressDrawTarget::hidden()
        } else {
            terminal::stderr()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.with_key("stopping", stopping));
        }
        Bar(bar)
    }

    pub(super) fn start(&self, count: usize) {
        self.0.set_length(count as u64);
        self.0.enable_steady_tick(Duration::from_millis(120));
    }

    pub(super) fn say(&self, message: String) {
        self.0.set_message(message);
    }

    pub(super) fn advance(&self) {
        self.0.inc(1);
    }

    /// Prints while the bar is away.
    pub(super) fn suspend(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// One without a transaction is finished first, which may take its time; whoever
/// has asked to stop wants to know that it was heard.
fn stopping(_: &ProgressState, text: &mut dyn fmt::Write) {
    if signals::is_stopped() {
        let _ = text.write_str(", stopping; Ctrl-C again ends at once");
    }
}
